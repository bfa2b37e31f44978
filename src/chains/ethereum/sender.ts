import { keccak256, Transaction, Wallet } from 'ethers';
import { z } from 'zod';
import type { Hex } from '../../shared/bytes.ts';
import {
  type ChainCall,
  ChainCallReverted,
  ChainError,
  type ChainSigner,
  type Reach,
  type Receipt,
  type RenewalReason,
  type SentCall,
  type SentPlace,
  type SignedCall,
  type SigningTerms,
} from '../shared/bridged-chain.ts';
import type { CallBudget } from '../shared/call-budget.ts';
import { DEFAULT_CEILINGS, type FeeCeilings } from '../shared/fee-ceilings.ts';
import type { RpcClient } from '../shared/json-rpc.ts';
import { hash, hexBytes, quantity, toQuantity } from '../shared/node-hex.ts';
import { requireAffordable } from '../shared/require-affordable.ts';
import type { TransactionSender } from '../shared/submit-and-wait.ts';
import { computeOffer, type GasMarket, type GasOffer, isEnough } from './fees.ts';
import { translateRefusal } from './refusal.ts';
import { count, feeHistorySchema, receiptSchema, transactionSchema } from './schema.ts';

/** EIP-7825: no transaction may ask for more. */
const MAX_TRANSACTION_GAS = 16_777_216n;

export interface EthereumSenderOptions {
  /** What the configuration calls the chain; stands in errors. */
  readonly chain: string;
  readonly chainId: bigint;
  readonly rpc: RpcClient;
  /** Asks every node, and answers as the first that takes it. */
  readonly toAll: RpcClient;
}

interface SenderOptions extends EthereumSenderOptions {
  walletOf(signer: ChainSigner): Wallet;
  /** Asked once for all that is signed at the same time. */
  market(): Promise<GasMarket>;
}

/** The part of an Ethereum chain that signs and sends. */
export function createEthereumSender(options: EthereumSenderOptions): TransactionSender {
  const { chain, rpc } = options;
  // Secrets stay out of the objects that travel: a signer that is logged shows its address.
  const wallets = new WeakMap<ChainSigner, Wallet>();
  const walletOf = (signer: ChainSigner): Wallet => {
    const wallet = wallets.get(signer);
    if (wallet === undefined) throw invalidSigner(chain, 'another chain has made the signer');
    return wallet;
  };
  const signing = { ...options, walletOf, market: sharing(() => fetchMarket(rpc)) };
  return {
    signer: async (secret) => {
      const wallet = readSecret(chain, secret);
      const signer = { address: addressOfWallet(wallet) };
      wallets.set(signer, wallet);
      return signer;
    },
    setupOf: async () => undefined,
    nonceOf: ({ address }) => rpc('eth_getTransactionCount', [address, 'latest'], count),
    budget: (signer, call) => tryCall(signing, signer, call),
    sign: (signer, call, terms = {}) => signCall(signing, signer, { call, terms }),
    renew: (signer, { raw }, terms) => renewCall(signing, signer, { raw, ...terms }),
    broadcast: (signed, reach) => broadcast(options, signed, reach),
    receiptOf: (sent) => fetchReceipt(options, sent),
  };
}

/** The account of a private key. @throws {ChainError} CHAIN_SIGNER_INVALID */
export function addressOf(chain: string, secret: string): Hex {
  return addressOfWallet(readSecret(chain, secret));
}

function addressOfWallet({ address }: Wallet): Hex {
  return address.toLowerCase() as Hex;
}

function readSecret(chain: string, secret: string): Wallet {
  try {
    return new Wallet(secret);
  } catch {
    // The cause would carry the secret.
    throw invalidSigner(chain, 'the secret is no private key; give 32 bytes of hex');
  }
}

function invalidSigner(chain: string, what: string): ChainError {
  return new ChainError('CHAIN_SIGNER_INVALID', { chain, what });
}

async function tryCall(
  { chain, rpc }: SenderOptions,
  { address }: ChainSigner,
  call: ChainCall,
): Promise<CallBudget> {
  const request = {
    from: address,
    to: call.to ?? undefined,
    data: call.data,
    value: toQuantity(call.valueWei),
  };
  const gas = await translateRefusal(chain, rpc('eth_estimateGas', [request], quantity));
  return { measure: 'gas', gas: (gas * 5n) / 4n };
}

async function signCall(
  options: SenderOptions,
  signer: ChainSigner,
  { call, terms }: { readonly call: ChainCall; readonly terms: SigningTerms },
): Promise<SignedCall> {
  const { chain, rpc, market: askMarket } = options;
  const { outbids, ceilings = DEFAULT_CEILINGS } = terms;
  const [nonce, budget, market] = await Promise.all([
    terms.nonce ?? rpc('eth_getTransactionCount', [signer.address, 'latest'], count),
    terms.budget ?? tryCall(options, signer, call),
    askMarket(),
  ]);
  const replaced = outbids === undefined ? {} : { replaced: offerOf(Transaction.from(outbids)) };
  const offer = computeOffer(chain, market, { ceilings, ...replaced });
  const gas = budget.measure === 'gas' ? budget.gas : MAX_TRANSACTION_GAS;
  const { to, data, valueWei: value } = call;
  const gasLimit = gas < MAX_TRANSACTION_GAS ? gas : MAX_TRANSACTION_GAS;
  const body = { nonce, to, data, value, gasLimit, ...offer };
  return await signBody(options, signer, { body, ceilings, signedAt: market.head });
}

async function renewCall(
  options: SenderOptions,
  signer: ChainSigner,
  { raw, why, ceilings = DEFAULT_CEILINGS }: Renewal,
): Promise<SignedCall | undefined> {
  const market = await options.market();
  const old = Transaction.from(raw);
  const { nonce, to, data, value, gasLimit } = old;
  const replaced = offerOf(old);
  if (why === 'late' && isEnough(replaced, market, ceilings)) return undefined;
  // Of what a node has refused it has nothing that would have to be outbid.
  const isHeld = why === 'late' || why === 'underpriced' || why === 'outbid';
  const offer = computeOffer(options.chain, market, { ceilings, ...(isHeld && { replaced }) });
  const body = { nonce, to, data, value, gasLimit, ...offer };
  return await signBody(options, signer, { body, ceilings, signedAt: market.head });
}

interface Renewal {
  readonly raw: Hex;
  readonly why: RenewalReason;
  readonly ceilings?: FeeCeilings;
}

interface Body extends GasOffer {
  readonly nonce: number;
  readonly to: string | null;
  readonly data: string;
  readonly value: bigint;
  readonly gasLimit: bigint;
}

async function signBody(
  { chain, chainId, walletOf }: SenderOptions,
  signer: ChainSigner,
  parts: { readonly body: Body; readonly ceilings: FeeCeilings; readonly signedAt: number },
): Promise<SignedCall> {
  const { body, ceilings, signedAt } = parts;
  const costWei = body.gasLimit * body.maxFeePerGas;
  requireAffordable(chain, costWei, ceilings);
  const raw = await walletOf(signer).signTransaction({ type: 2, chainId, ...body });
  // EIP-2718: the envelope's hash. Taken from the parsed transaction it would be encoded once more.
  const hash = keccak256(raw) as Hex;
  return { hash, nonce: body.nonce, raw: raw as Hex, signedAt, costWei };
}

function offerOf({ maxFeePerGas, maxPriorityFeePerGas }: Transaction): GasOffer {
  return {
    maxFeePerGas: maxFeePerGas ?? 0n,
    maxPriorityFeePerGas: maxPriorityFeePerGas ?? 0n,
  };
}

/** Gives whoever asks while an answer is on its way the same answer. */
function sharing<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    return asked;
  };
}

const MARKET_BLOCKS = 10;

/** What was asked for in the last blocks: the median of their medians, which a few blocks cannot move. */
async function fetchMarket(rpc: RpcClient): Promise<GasMarket> {
  const params = [toQuantity(MARKET_BLOCKS), 'latest', [50]];
  const {
    oldestBlock,
    baseFeePerGas,
    reward = [],
  } = await rpc('eth_feeHistory', params, feeHistorySchema);
  const tips = reward.flat().sort((a, b) => (a < b ? -1 : 1));
  return {
    head: oldestBlock + baseFeePerGas.length - 2,
    baseFeeWei: baseFeePerGas.at(-1) ?? 0n,
    tipWei: tips[tips.length >> 1] ?? 0n,
  };
}

/** Whatever comes back: what the node knows it has taken, and only what it does not know can it have refused. */
async function broadcast(
  { chain, rpc, toAll }: EthereumSenderOptions,
  { raw, hash: expected }: SentCall,
  reach: Reach = 'one node',
): Promise<void> {
  try {
    const give = reach === 'every node' ? toAll : rpc;
    await translateRefusal(chain, give('eth_sendRawTransaction', [raw], hash));
  } catch (error) {
    const known = await rpc('eth_getTransactionByHash', [expected], z.object({ hash }).nullable());
    if (known === null) throw error;
  }
}

async function fetchReceipt(
  options: EthereumSenderOptions,
  { hash: sentHash }: SentPlace,
): Promise<Receipt | undefined> {
  const receipt = await options.rpc('eth_getTransactionReceipt', [sentHash], receiptSchema);
  if (receipt === null) return undefined;
  if (receipt.status !== 1) throw await explainFailure(options, sentHash, receipt.blockNumber);
  const { transactionHash, blockNumber, blockHash, contractAddress, logs } = receipt;
  const created = contractAddress ? { contractAddress } : {};
  const gasFeeWei = receipt.gasUsed * receipt.effectiveGasPrice;
  return { transactionHash, blockNumber, blockHash, gasFeeWei, logs, ...created };
}

/** Receipts carry no revert data: the call runs again on the state before its block. */
async function explainFailure(
  { chain, rpc }: EthereumSenderOptions,
  sentHash: Hex,
  blockNumber: number,
): Promise<unknown> {
  const sent = await rpc('eth_getTransactionByHash', [sentHash], transactionSchema.nullable());
  const before = toQuantity(blockNumber - 1);
  try {
    if (sent !== null) await translateRefusal(chain, rpc('eth_call', [sent, before], hexBytes));
  } catch (error) {
    if (error instanceof ChainCallReverted) return error;
  }
  const reason = `transaction ${sentHash} failed in block ${blockNumber}`;
  return new ChainCallReverted({ chain, data: '0x', reason });
}
