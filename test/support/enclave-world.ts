import { encodeRlpInteger } from '../../src/codec/rlp.ts';
import { keccak256 } from '../../src/crypto/hashes.ts';
import { dispatch } from '../../src/enclave/dispatch/dispatch.ts';
import { initialState } from '../../src/enclave/initial-state.ts';
import { deriveEnclaveKeys } from '../../src/enclave/keys/enclave-keys.ts';
import { type MeasuredConfigJson, parseMeasuredConfig } from '../../src/enclave/measured-config.ts';
import {
  clientStateOf,
  type EnclaveContext,
  type EnclaveState,
  inboxOf,
  MAX_RECENT_HEADERS,
  withClient,
} from '../../src/enclave/state.ts';
import type { ClientState } from '../../src/light-client/client-state.ts';
import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import { ANCHOR_SLOTS, anchorIdSlot, GATEWAY_SLOTS } from '../../src/protocol/contracts.ts';
import {
  appendControl,
  type ControlBody,
  type ControlContent,
  encodeControl,
} from '../../src/protocol/control.ts';
import type {
  CommandName,
  CommandParams,
  CommandResult,
} from '../../src/protocol/enclave-commands.ts';
import type { Request } from '../../src/protocol/enclave-wire.ts';
import {
  appendMessage,
  type ChainPosition,
  EMPTY_HEAD,
  type MessageBody,
} from '../../src/protocol/message.ts';
import type { StateProof, StateProofOf } from '../../src/protocol/state-proof.ts';
import { fromHex, type Hex, toHex } from '../../src/shared/bytes.ts';
import type { Rng } from '../../src/shared/rng.ts';
import { rlp } from '../reference/ethereum/rlp.ts';
import { referenceTrie } from '../reference/ethereum/trie.ts';
import { contractState, timestampNow } from './contract-state.ts';
import { makeSigners, makeStore, WORLD } from './ethereum-world.ts';
import { genesis, testAuthority } from './grandpa.ts';

// An enclave on made-up chains: the tests write outboxes and anchor, and their headers count as final at once.
// What makes a header final is tested where light clients are.

export const ETHEREUM = 31337n;
export const POLKADOT = 420420499n;
export const ETHEREUM_GATEWAY: Hex = `0x${'e1'.repeat(20)}`;
export const POLKADOT_GATEWAY: Hex = `0x${'d1'.repeat(20)}`;
export const ANCHOR: Hex = `0x${'a1'.repeat(20)}`;
export const GATEWAY_TRIE: Hex = `0x${'d2'.repeat(32)}`;
export const ANCHOR_TRIE: Hex = `0x${'a2'.repeat(32)}`;
export const BENEFICIARY: Hex = `0x${'bb'.repeat(20).padStart(64, '0')}`;
/** Who submits on both chains. */
export const SUBMITTER: Hex = `0x${'5b'.repeat(20)}`;

/** The account of the house in that world. */
export const HOUSE: Hex = `0x${'40'.repeat(32)}`;
/** When round 1 begins there. */
export const START_SEC = 1_700_000_000;

/** What the light clients of that world are called; not what their kinds are, so that nothing takes one for the other. */
export const CLIENTS = { ethereum: 'beacon', polkadot: 'grandpa' } as const;

/** The measured configuration of that world. */
export const TEST_CONFIG: MeasuredConfigJson = {
  lightClients: [
    { ...WORLD, forks: [...WORLD.forks], id: CLIENTS.ethereum, kind: 'ethereum' },
    {
      id: CLIENTS.polkadot,
      kind: 'substrate',
      checkpoint: {
        number: 0,
        hash: toHex(genesis.hash),
        stateRoot: toHex(genesis.stateRoot),
        setId: 0,
        authorities: [{ id: testAuthority(0).id, weight: 1 }],
      },
    },
  ],
  chains: [
    {
      chainId: Number(ETHEREUM),
      name: 'one',
      kind: 'ethereum',
      gateway: { address: ETHEREUM_GATEWAY },
      lightClient: CLIENTS.ethereum,
      route: 'direct',
      lagSec: 26,
    },
    {
      chainId: Number(POLKADOT),
      name: 'other',
      kind: 'substrate',
      gateway: { address: POLKADOT_GATEWAY, trieId: GATEWAY_TRIE },
      lightClient: CLIENTS.polkadot,
      route: 'direct',
      lagSec: 6,
    },
  ],
  anchor: { chainId: Number(POLKADOT), address: ANCHOR, trieId: ANCHOR_TRIE },
  epoch: 1,
  rounds: { startSec: START_SEC, roundSec: 4, lateSec: 3 * 86_400, graceSec: 3600 },
  pools: { leastRoots: 2, meanStayRounds: 2 },
  houseAccount: HOUSE,
};

/** That configuration with some keys of one chain changed. */
export function withChain(chainId: bigint, change: object): MeasuredConfigJson {
  const chains = TEST_CONFIG.chains.map((chain) =>
    chain.chainId === Number(chainId) ? { ...chain, ...change } : chain,
  );
  return { ...TEST_CONFIG, chains };
}

/** That configuration with some keys of one light client changed. */
export function withLightClient(id: string, change: object): MeasuredConfigJson {
  const lightClients = TEST_CONFIG.lightClients.map((client) =>
    client.id === id ? { ...client, ...change } : client,
  );
  return { ...TEST_CONFIG, lightClients };
}

/** A slot of the fork whose execution headers have 21 fields, as those here. */
const FULU_SLOT = 160;

/** The word of a number. */
export function wordOf(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

/** Keys, configuration and measurement of the tests' enclave, the same in every run. */
export function testContext(change: Partial<MeasuredConfigJson> = {}): EnclaveContext {
  const config = parseMeasuredConfig({ ...TEST_CONFIG, ...change });
  const secrets = {
    masterSecret: new Uint8Array(32).fill(7),
    signingKey: new Uint8Array(32).fill(9),
  };
  const keys = deriveEnclaveKeys(secrets, config.epoch);
  const rng: Rng = { bytes: (length) => new Uint8Array(length).fill(3) };
  return { config, keys, measurement: `0x${'33'.repeat(32)}`, rng };
}

/** An Ethereum state in which contracts keep words, and the proof of one of them. */
export interface EthereumFacts {
  readonly stateRoot: Hex;
  prove(address: Hex, slot: Hex): StateProofOf<'ethereum'>;
}

/** Builds a state from words by slot by contract, under a header of its own. */
export function ethereumState(
  contracts: ReadonlyMap<Hex, ReadonlyMap<Hex, Hex>>,
  number = 1n,
  atSec = BigInt(START_SEC),
): EthereumFacts {
  const storage = new Map(
    [...contracts].map(([address, slots]) => [
      address,
      referenceTrie(
        [...slots]
          .filter(([, word]) => BigInt(word) !== 0n)
          .map(([slot, word]) => [
            keccak256(fromHex(slot)),
            Uint8Array.from(rlp(encodeRlpInteger(BigInt(word)))),
          ]),
      ),
    ]),
  );
  const accounts = [...storage].map(([address, trie]) => {
    const account = [Uint8Array.of(1), new Uint8Array(), trie.root, keccak256(Uint8Array.of(1))];
    return [keccak256(fromHex(address)), Uint8Array.from(rlp(account))] as const;
  });
  const state = referenceTrie(accounts);
  const header = ethereumHeader(state.root, number, atSec);
  return {
    stateRoot: toHex(state.root),
    prove: (address, slot) => ({
      kind: 'ethereum',
      header,
      accountProof: state.prove(keccak256(fromHex(address))),
      storageProof: storage.get(address)?.prove(keccak256(fromHex(slot))) ?? [],
    }),
  };
}

/** An execution header of a fork with 21 fields, in RLP. */
export function ethereumHeader(stateRoot: Uint8Array, number: bigint, atSec: bigint): Uint8Array {
  const filled = (length: number) => new Uint8Array(length).fill(1);
  const integers = [0n, number, 60_000_000n, 21_000n, atSec].map(encodeRlpInteger);
  return Uint8Array.from(
    rlp([
      ...[filled(32), filled(32), filled(20), stateRoot, filled(32), filled(32), filled(256)],
      ...integers,
      ...[filled(3), filled(32), filled(8), encodeRlpInteger(7n), filled(32)],
      ...[new Uint8Array(), new Uint8Array(), filled(32), filled(32)],
    ]),
  );
}

/** What {@link EnclaveWorld.openLedger} registers both chains' coins with. */
export const TERMS = { poolUnit: 100n, rungs: [0, 1, 3], entryFee: 5n, leastBalance: 10n };
/** What every payout costs there. */
export const RATE = 2n;

/** Of the two chains, as measured. */
const LAG_SEC = new Map([
  [ETHEREUM, 26n],
  [POLKADOT, 6n],
]);

/** The last second of which a round consumes a chain's messages. */
export function cutOf(chainId: bigint, round: bigint): bigint {
  return BigInt(START_SEC) + 4n * round - (LAG_SEC.get(chainId) ?? 0n);
}

/** Blocks that any world has made: no two have the same hash. */
let blocks = 0n;

/** What is proposed beside the usual: the next round, with all that is proven. */
export type Proposing = Partial<CommandParams<'propose'>>;

/** The tests' enclave with its two chains. */
export class EnclaveWorld {
  state: EnclaveState;
  readonly context: EnclaveContext;
  readonly outboxes = new Map<bigint, MessageBody[]>([
    [ETHEREUM, []],
    [POLKADOT, []],
  ]);
  readonly governance: ControlBody[] = [];
  /** What blocks say that are proven from now on. */
  nowSec = BigInt(START_SEC) + 4n;
  /** And how far they are into that second, where a chain says it. */
  beyondMs = 0n;

  constructor(context: EnclaveContext) {
    this.context = context;
    this.state = initialState(context);
    this.#giveEthereum();
  }

  /** Runs a command as the pipe would, state and all. */
  async run<N extends CommandName>(
    command: N,
    params: CommandParams<N>,
  ): Promise<CommandResult<N>> {
    const request = { id: 1, command, params } as Request;
    const step = await dispatch(this.state, request, this.context);
    this.state = step.state;
    return step.result as CommandResult<N>;
  }

  /** Starts the process anew from what is durable. */
  restart(): void {
    this.state = initialState(this.context, this.state.durable);
  }

  get ledger(): EnclaveState['durable']['ledger'] {
    return this.state.durable.ledger;
  }

  deposit(chainId: bigint, ...bodies: readonly MessageBody[]): void {
    this.outboxes.get(chainId)?.push(...bodies);
  }

  /** Appends a control message, sent at the last second that round 1 takes unless said. */
  govern(content: ControlContent, change: Partial<ControlBody> = {}): void {
    const sentAtSec = cutOf(POLKADOT, 1n);
    this.governance.push({ ...encodeControl(content), sentAtSec, round: 0n, ...change });
  }

  /** The outbox's position after its first `count` messages. */
  positionAt(chainId: bigint, count = this.outboxes.get(chainId)?.length ?? 0): ChainPosition {
    const gateway = chainId === ETHEREUM ? ETHEREUM_GATEWAY : POLKADOT_GATEWAY;
    const bodies = this.outboxes.get(chainId)?.slice(0, count) ?? [];
    return bodies.reduce<ChainPosition>(
      (position, body) =>
        appendMessage(position, { ...body, chainId, gateway, index: position.count }),
      { count: 0n, head: EMPTY_HEAD },
    );
  }

  /** The position of the anchor's own outbox after its first `count` messages. */
  controlAt(count = this.governance.length): ChainPosition {
    const anchor = { chainId: POLKADOT, address: ANCHOR };
    return this.governance
      .slice(0, count)
      .reduce<ChainPosition>(
        (at, body) => appendControl(at, anchor, { ...body, index: at.count }),
        { count: 0n, head: EMPTY_HEAD },
      );
  }

  /** A proof of the outbox after its first `count` messages, under a header that is final. */
  proveOutbox(chainId: bigint, count?: number): StateProof {
    const { head, count: sent } = this.positionAt(chainId, count);
    const words = new Map([
      [GATEWAY_SLOTS.sentHead, head],
      [GATEWAY_SLOTS.sentCount, wordOf(sent)],
    ]);
    return this.proveGateway(chainId, GATEWAY_SLOTS.sentHead, words);
  }

  /** A proof of one slot of a gateway with these words, under a header that is final. */
  proveGateway(chainId: bigint, slot: Hex, words: ReadonlyMap<Hex, Hex>): StateProof {
    if (chainId === POLKADOT) return this.provePolkadot(GATEWAY_TRIE, slot, words);
    const contracts = new Map([[ETHEREUM_GATEWAY, words]]);
    const proof = ethereumState(contracts, ++blocks, this.nowSec).prove(ETHEREUM_GATEWAY, slot);
    this.finalizeEthereum(proof.header);
    return proof;
  }

  /** A proof of the anchor's outbox after its first `count` messages, under a header that is final. */
  proveControl(count?: number): StateProof {
    const slot = ANCHOR_SLOTS.controlHead;
    return this.provePolkadot(ANCHOR_TRIE, slot, new Map([[slot, this.controlAt(count).head]]));
  }

  /** Shows the enclave how many releases a gateway has paid. */
  showReleased(chainId: bigint, count: bigint): Promise<CommandResult<'proveReleased'>> {
    const slot = GATEWAY_SLOTS.releasedCount;
    const proof = this.proveGateway(chainId, slot, new Map([[slot, wordOf(count)]]));
    return this.run('proveReleased', { chainId, proof });
  }

  /** What `confirmAnchored` takes: that the anchor keeps `stateId` for a transition, under a header that is final. */
  proveAnchor(at: {
    readonly number: bigint;
    readonly postState: Hex;
  }): CommandParams<'confirmAnchored'> {
    const { number, postState } = at;
    const slot = anchorIdSlot(number);
    return { number, proof: this.provePolkadot(ANCHOR_TRIE, slot, new Map([[slot, postState]])) };
  }

  /** Shows the enclave that a commit is anchored and final. */
  confirm(commit: {
    readonly number: bigint;
    readonly postState: Hex;
  }): Promise<CommandResult<'confirmAnchored'>> {
    return this.run('confirmAnchored', this.proveAnchor(commit));
  }

  /** A proof of one slot of a contract with these words, under a header that is final. */
  provePolkadot(trieId: Hex, slot: Hex, words: ReadonlyMap<Hex, Hex>): StateProofOf<'substrate'> {
    const bytes = new Map([...words].map(([at, word]) => [at, fromHex(word)]));
    const state = contractState(
      new Map([[trieId, bytes]]),
      timestampNow(this.nowSec * 1000n + this.beyondMs),
    );
    const hash = wordOf(0xb10c_0000n + ++blocks);
    this.finalizePolkadot(hash, state.stateRoot);
    return { kind: 'substrate', blockHash: hash, nodes: state.proveTimed(trieId, [slot]) };
  }

  /** Ingests all that is in the outbox and not known yet, in one portion. */
  async ingestAll(chainId: bigint): Promise<void> {
    const fromIndex = inboxOf(this.state, chainId).position.count;
    const messages = this.outboxes.get(chainId)?.slice(Number(fromIndex)) ?? [];
    await this.run('ingest', { chainId, fromIndex, messages, proof: this.proveOutbox(chainId) });
  }

  /** Ingests all that governance has said and is not known yet. */
  async ingestGovernance(): Promise<void> {
    const fromIndex = this.state.control.position.count;
    const messages = this.governance.slice(Number(fromIndex));
    await this.run('ingestControl', { fromIndex, messages, proof: this.proveControl() });
  }

  /** Shows every outbox at a time at which `round` is complete, and no later one. */
  async reach(round: bigint): Promise<void> {
    for (const chainId of [ETHEREUM, POLKADOT]) {
      this.nowSec = cutOf(chainId, round) + 1n;
      await this.ingestAll(chainId);
    }
    await this.ingestGovernance();
  }

  /** The signed batches of a chain from its first outstanding release on. */
  reveal(chainId: bigint, firstIndex = 0n): Promise<CommandResult<'reveal'>> {
    return this.run('reveal', { chainId, firstIndex, submitter: SUBMITTER });
  }

  /** Proposes the next round on the ledger's state, unless said otherwise. */
  async propose(change: Proposing = {}): Promise<CommandResult<'propose'>['commit']> {
    const { state, stateId } = this.ledger;
    const { commit } = await this.run('propose', {
      prevState: stateId,
      round: state.round + 1n,
      asOf: this.state.control.provenAtSec,
      control: this.state.control.position.count,
      paid: [],
      beneficiary: BENEFICIARY,
      ...change,
    });
    return commit;
  }

  /** Takes the ledger over the next round, or to the one that is named: shown, proposed, anchored, final. */
  async advance(change: Proposing = {}): Promise<CommandResult<'propose'>['commit']> {
    await this.reach(change.round ?? this.ledger.state.round + 1n);
    const commit = await this.propose(change);
    await this.confirm(commit);
    return commit;
  }

  /** Registers both coins, and takes the ledger over round 1: from round 2 on they can be paid. */
  async openLedger(): Promise<void> {
    for (const chainId of [ETHEREUM, POLKADOT]) {
      const asset = assetId(chainId, NATIVE_TOKEN);
      this.govern({ kind: 'registerAsset', asset, ...TERMS });
      for (const at of [ETHEREUM, POLKADOT]) {
        this.govern({ kind: 'setRate', asset, chainId: at, rate: RATE });
      }
    }
    await this.advance();
  }

  finalizeEthereum(header: Uint8Array): void {
    this.finalize(CLIENTS.ethereum, { hash: toHex(keccak256(header)), slot: FULU_SLOT });
  }

  finalizePolkadot(hash: Hex, stateRoot: Hex): void {
    this.finalize(CLIENTS.polkadot, { number: Number(blocks), hash, stateRoot });
  }

  /** Makes a light client remember a block as it would one that it was shown to be final. */
  finalize(id: string, block: ClientState['recent'][number]): void {
    const client = clientStateOf(this.state.durable, id);
    const recent = [...client.recent, block].slice(-MAX_RECENT_HEADERS);
    this.state = withClient(this.state, id, { ...client, recent });
  }

  #giveEthereum(): void {
    const store = makeStore(FULU_SLOT, makeSigners(1).committee);
    this.state = withClient(this.state, CLIENTS.ethereum, { store, recent: [] });
  }
}
