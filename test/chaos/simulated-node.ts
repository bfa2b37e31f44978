import { ETHEREUM_REFUSALS } from '../../src/chains/ethereum/pool-refusals.ts';
import { describeRevert } from '../../src/chains/shared/abi.ts';
import {
  type BlockRef,
  type BridgedChain,
  type ChainCall,
  ChainCallReverted,
  ChainError,
  type ChainSigner,
  type ContractLog,
  type LogFilter,
  type Receipt,
  type RenewalReason,
  type SentCall,
  type SentPlace,
  type SignedCall,
  type SigningTerms,
} from '../../src/chains/shared/bridged-chain.ts';
import type { CallBudget } from '../../src/chains/shared/call-budget.ts';
import type { FinalitySource, FinalityStep } from '../../src/chains/shared/finality-source.ts';
import { readRefusal } from '../../src/chains/shared/transaction-refusal.ts';
import { keccak256 } from '../../src/crypto/hashes.ts';
import type { LightClientStatus } from '../../src/protocol/enclave-commands.ts';
import { type Hex, toHex, utf8 } from '../../src/shared/bytes.ts';
import type { Block, SimulatedChain, Transaction } from './chain.ts';
import { callContracts, Reverted, wordsOf } from './contracts.ts';
import type { Gate } from './gate.ts';
import { viewRegistry } from './registry.ts';
import { CHAIN_TOO_OLD } from './simulated-enclave.ts';

const NO_WORD: Hex = `0x${'00'.repeat(32)}`;

/** A node of a simulated chain, as one run of a relayer reaches it. */
export function createSimulatedNode(chain: SimulatedChain, gate: Gate): BridgedChain {
  const { name, deployment } = chain.options;
  const ask = <T>(method: string, answer: () => T): Promise<T> =>
    gate.pass({ peer: 'chain', of: name, name: method }, async () => answer());
  const known = (hash: Hex): Block => {
    const block = chain.byHash(hash);
    if (block !== undefined) return block;
    throw new ChainError('CHAIN_UNAVAILABLE', { chain: name, what: `no block ${hash}` });
  };
  const unused = () => Promise.reject(new Error('the relayer does not ask for this'));
  return {
    name,
    chainId: deployment.chainId,
    onHead: () => undefined,
    head: () => ask('head', () => refOf(chain.head)),
    finalizedHead: () => ask('finalizedHead', () => refOf(chain.final)),
    hashAt: (number) => ask('hashAt', () => chain.blocks[number]?.hash),
    word: (contract, slot, at) =>
      ask('word', () => {
        const { gateway, anchor } = wordsOf((at === undefined ? chain.head : known(at)).contracts);
        const words = contract === deployment.gateway ? gateway : anchor;
        return words.get(slot) ?? NO_WORD;
      }),
    logs: (filter) => ask('logs', () => logsOf(chain, filter)),
    distrust: () => undefined,
    distrustProof: () => undefined,
    endpoints: () => [],
    calls: () => new Map(),
    balanceWei: () => ask('balanceWei', () => 10n ** 20n),
    setupOf: async () => undefined,
    nonceOf: (signer) => ask('nonceOf', () => chain.head.nonces.get(signer.address) ?? 0),
    budget: (signer, call) => ask('budget', () => tryCall(chain, signer.address, call)),
    sign: (signer, call, terms = {}) => ask('sign', () => sign(chain, signer, { call, terms })),
    renew: (_, signed, { why }) => ask('renew', () => renew(chain, signed, why)),
    broadcast: (signed) => ask('broadcast', () => broadcast(chain, signed)),
    receiptOf: (signed) => ask('receiptOf', () => receiptOf(chain, signed)),
    blockShownBy: (held) => ask('blockShownBy', () => refOf(known(held))),
    blockTimeSec: (hash) => ask('blockTimeSec', () => known(hash).timeSec),
    stateProof: ({ address }, slot, held) =>
      ask('stateProof', () => chain.prove(known(held), address, slot)),
    call: (to, data) => ask('call', () => viewRegistry(deployment, to, data)),
    signer: unused,
    submit: unused,
    contractTrieId: unused,
    close: async () => undefined,
  };
}

function refOf({ number, hash }: Block): BlockRef {
  return { number, hash };
}

function logsOf(
  chain: SimulatedChain,
  { addresses, fromBlock, toBlock }: LogFilter,
): ContractLog[] {
  const blocks = chain.blocks.slice(Math.max(0, fromBlock), toBlock + 1);
  return blocks.flatMap(({ logs }) => logs.filter(({ address }) => addresses.includes(address)));
}

interface Order {
  readonly call: ChainCall;
  readonly terms: SigningTerms;
}

function sign(chain: SimulatedChain, { address }: ChainSigner, { call, terms }: Order): SignedCall {
  const { nonce = chain.head.nonces.get(address) ?? 0, budget } = terms;
  if (budget === undefined) tryCall(chain, address, call);
  return write(chain, { from: address, nonce, to: call.to ?? '0x', data: call.data, tip: 1 });
}

/** One that is late offers more, as on a market that has risen. */
function renew(
  chain: SimulatedChain,
  { raw }: Pick<SentCall, 'raw'>,
  why: RenewalReason,
): SignedCall {
  const old = parse(raw);
  return write(chain, { ...old, tip: why === 'late' ? old.tip + 1 : old.tip });
}

function write({ head }: SimulatedChain, unsigned: Omit<Transaction, 'hash'>): SignedCall {
  const raw = toHex(utf8(JSON.stringify(unsigned)));
  const { nonce } = unsigned;
  return { hash: toHex(keccak256(utf8(raw))), nonce, raw, signedAt: head.number, costWei: 1n };
}

function tryCall(chain: SimulatedChain, from: Hex, { to, data }: ChainCall): CallBudget {
  const { head, options } = chain;
  try {
    const { contracts, timeSec } = head;
    callContracts(contracts, { from, to: to ?? '0x', data, timeSec }, options.deployment);
    return { measure: 'gas', gas: 1n };
  } catch (error) {
    throw error instanceof Reverted ? reverted(chain, error.data) : error;
  }
}

function reverted({ options }: SimulatedChain, data: Hex): ChainCallReverted {
  return new ChainCallReverted({ chain: options.name, data, reason: describeRevert(data) });
}

function parse(raw: Hex): Omit<Transaction, 'hash'> {
  return JSON.parse(Buffer.from(raw.slice(2), 'hex').toString()) as Omit<Transaction, 'hash'>;
}

function broadcast(chain: SimulatedChain, { hash, raw }: SentCall): void {
  const transaction = { ...parse(raw), hash };
  if (chain.inclusionOf(hash) !== undefined || chain.mempool.has(hash)) return;
  const { from, nonce, tip } = transaction;
  const refuse = (said: string) => {
    const refusal = readRefusal(ETHEREUM_REFUSALS, said);
    const meta = { chain: chain.options.name, what: `the node refused: ${said}`, refusal };
    throw new ChainError('CHAIN_TRANSACTION_REFUSED', meta);
  };
  if (nonce < (chain.head.nonces.get(from) ?? 0)) refuse('nonce too low');
  const other = [...chain.mempool.values()].find(
    (each) => each.from === from && each.nonce === nonce,
  );
  if (other !== undefined && other.tip >= tip) {
    refuse('replacement transaction underpriced');
  }
  if (other !== undefined) chain.mempool.delete(other.hash);
  chain.mempool.set(hash, transaction);
}

function receiptOf(chain: SimulatedChain, { hash }: SentPlace): Receipt | undefined {
  const found = chain.inclusionOf(hash);
  if (found === undefined) return undefined;
  const { block, inclusion } = found;
  if (inclusion.revertData !== undefined) throw reverted(chain, inclusion.revertData);
  return { transactionHash: hash, blockNumber: block.number, blockHash: block.hash, logs: [] };
}

/** A client is taken along, though nothing is to be proven, when it is so many blocks behind. */
const FAR_BLOCKS = 8;

/** Where a relayer has the finality of a simulated chain from. */
export function createSimulatedFinality(
  { id, chain }: { readonly id: string; readonly chain: SimulatedChain },
  gate: Gate,
): FinalitySource {
  const { kind, name } = chain.options;
  const final = () =>
    gate.pass({ peer: 'finality', of: name, name: 'final' }, async () => chain.final);
  return {
    kind,
    follow: async function* (status) {
      const block = await final();
      if (heldBy(chain, status) < block.number) yield stepTo(id, block);
    },
    isDue: async (status) => heldBy(chain, status) + FAR_BLOCKS < (await final()).number,
    overtaken: new Set([CHAIN_TOO_OLD]),
    distrust: () => undefined,
    endpoints: () => [],
    calls: () => new Map(),
    rule: async () => ({ kind: 'grandpa', blockMs: 1000, lagBlocks: 1 }),
    close: async () => undefined,
  };
}

function stepTo(client: string, { hash }: Block): FinalityStep {
  return { command: 'advance', params: { client, updates: [hash] } };
}

function heldBy(chain: SimulatedChain, { held }: LightClientStatus): number {
  return (held === null ? undefined : chain.byHash(held)?.number) ?? -1;
}
