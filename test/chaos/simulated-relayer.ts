import type { PGlite } from '@electric-sql/pglite';
import { DEFAULT_CEILINGS } from '../../src/chains/shared/fee-ceilings.ts';
import type { Bridge, EnclaveLine, Side } from '../../src/relayer/bridge.ts';
import { carry } from '../../src/relayer/carry.ts';
import { Quorum } from '../../src/relayer/quorum/quorum.ts';
import { StatusBoard } from '../../src/relayer/quorum/status-board.ts';
import { createLog } from '../../src/relayer/relayer-log.ts';
import { Serial } from '../../src/relayer/serial.ts';
import { Vitals } from '../../src/relayer/vitals.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { ANCHOR, BENEFICIARY, CLIENTS, START_SEC } from '../support/enclave-world.ts';
import type { SimulatedChain } from './chain.ts';
import { Gate, type GateOptions } from './gate.ts';
import { openGated } from './gated-journal.ts';
import { createSimulatedFinality, createSimulatedNode } from './simulated-node.ts';
import { ACCOUNT_KEY, chainsOf, type World } from './world.ts';

/** Who submits on both chains. */
export const RELAYER: Hex = `0x${'5b'.repeat(20)}`;
/** As a chain's adapter makes it: whoever holds it holds the key. */
const ACCOUNT = { address: RELAYER, privateKey: toHex(ACCOUNT_KEY) };
const POLL_MS = 2000;
/** Few enough in flight that a world of some batches fills them. */
const LIMITS = {
  ceilings: DEFAULT_CEILINGS,
  dayWei: 10n ** 18n,
  leastBalanceWei: 0n,
  inFlight: 4,
};
const ROUND_SEC = 4n;

/** One run of a relayer: all of it is new but what stands outside. */
export interface RelayerRun {
  readonly gate: Gate;
  readonly vitals: Vitals;
  /** Asks it to stop. */
  stop(): void;
  /** Comes when it has stopped by itself; what it failed with, if it did. */
  readonly end: Promise<unknown>;
}

/** What a run stands on beside the world. */
export interface Ground {
  readonly pglite: PGlite;
  /** Takes every line that is logged. */
  log(line: string): void;
}

/** Starts the real lanes between the world's parts. */
export function startRelayer(
  world: World,
  { pglite, log }: Ground,
  fates: Pick<GateOptions, 'fates' | 'stopAt'>,
): RelayerRun {
  const gate = new Gate({ time: world.time, ...fates });
  const abort = new AbortController();
  const vitals = new Vitals();
  const bridge = createSimulatedBridge(world, gate, {
    database: openGated(pglite, gate),
    log: createLog('debug', { destination: { write: log } }),
    vitals,
    signal: abort.signal,
  });
  const end = carry(bridge, world.queue.openFor(gate)).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { gate, vitals, stop: () => abort.abort(), end };
}

function createSimulatedBridge(
  world: World,
  gate: Gate,
  surroundings: Pick<Bridge, 'database' | 'log' | 'vitals' | 'signal'>,
): Bridge {
  const { ethereum, polkadot, enclaves, time } = world;
  const [one, other] = chainsOf(world).map((chain) => createSide(world, chain, gate));
  const lines = enclaves.map((enclave): EnclaveLine => {
    const { name } = enclave.options;
    return { name, client: enclave.clientFor(gate), commanding: new Serial() };
  });
  const [first, ...others] = lines;
  if (one === undefined || other === undefined || first === undefined) {
    throw new RangeError('a world has two chains and an enclave');
  }
  const finality = new Map([
    [CLIENTS.ethereum, createSimulatedFinality({ id: CLIENTS.ethereum, chain: ethereum }, gate)],
    [CLIENTS.polkadot, createSimulatedFinality({ id: CLIENTS.polkadot, chain: polkadot }, gate)],
  ]);
  return {
    sides: [one, other],
    finality,
    anchor: { side: other, address: ANCHOR },
    enclaves: [first, ...others],
    board: new StatusBoard(lines, surroundings.vitals),
    quorum: new Quorum(surroundings.vitals),
    schedule: { startSec: BigInt(START_SEC), roundSec: ROUND_SEC },
    commitEverySec: 2n * ROUND_SEC,
    snapshotEveryCommits: 4n,
    beneficiary: BENEFICIARY,
    pollMs: POLL_MS,
    holder: 'embedded',
    clock: { nowMs: () => time.wallAheadMs + time.nowMs },
    ...surroundings,
  };
}

function createSide({ ethereum, lagSec }: World, chain: SimulatedChain, gate: Gate): Side {
  const { gateway, anchor } = chain.options.deployment;
  return {
    chain: createSimulatedNode(chain, gate),
    lightClient: chain === ethereum ? CLIENTS.ethereum : CLIENTS.polkadot,
    gateway,
    lagSec,
    signer: ACCOUNT,
    fromBlock: 0,
    contracts: anchor === undefined ? [gateway] : [gateway, anchor],
    limits: LIMITS,
    submitting: new Serial(),
    recording: new Serial(),
  };
}
