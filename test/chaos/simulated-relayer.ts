import type { PGlite } from '@electric-sql/pglite';
import type { ChainSigner } from '../../src/chains/shared/bridged-chain.ts';
import { DEFAULT_CEILINGS } from '../../src/chains/shared/fee-ceilings.ts';
import {
  type Bridge,
  type EnclaveLine,
  RelayerError,
  type Side,
} from '../../src/relayer/bridge.ts';
import { carry } from '../../src/relayer/carry.ts';
import { Quorum } from '../../src/relayer/quorum/quorum.ts';
import { StatusBoard } from '../../src/relayer/quorum/status-board.ts';
import { createLog } from '../../src/relayer/relayer-log.ts';
import { Serial } from '../../src/relayer/serial.ts';
import { Vitals } from '../../src/relayer/vitals.ts';
import { ANCHOR, BENEFICIARY, CLIENTS, START_SEC } from '../support/enclave-world.ts';
import type { SimulatedChain } from './chain.ts';
import { Gate, type GateOptions } from './gate.ts';
import { openGated } from './gated-journal.ts';
import { createSimulatedFinality, createSimulatedNode } from './simulated-node.ts';
import type { SimulatedQueue } from './simulated-queue.ts';
import { chainsOf, type World } from './world.ts';

const POLL_MS = 2000;
/** Few enough in flight that a world of some batches fills them. */
const LIMITS = {
  ceilings: DEFAULT_CEILINGS,
  dayWei: 10n ** 18n,
  leastBalanceWei: 0n,
  inFlight: 4,
};
const ROUND_SEC = 4n;
/** A process that was told to stop has ended by then. */
const STOP_MS = 10_000;

/** One run of a relayer: all of it is new but what stands outside. */
export interface RelayerRun {
  readonly gate: Gate;
  readonly vitals: Vitals;
  /** Tells it to stop, for which it has as long as a process has. */
  stop(): void;
  /** Ends it where it stands. */
  kill(): void;
}

/** What a run stands on beside the world. */
export interface Ground {
  readonly pglite: PGlite;
  readonly queue: SimulatedQueue;
  /** Submits on both chains. */
  readonly account: ChainSigner;
  /** Names its process where several share the journal. */
  readonly holder: string;
  /** Takes every line that is logged. */
  log(line: string): void;
}

/** Starts the real lanes between the world's parts. */
export function startRelayer(
  world: World,
  { pglite, log, queue, account, holder }: Ground,
  fates: Pick<GateOptions, 'fates' | 'stopAt'>,
): RelayerRun {
  const { time } = world;
  const gate = new Gate({ time, ...fates });
  const abort = new AbortController();
  const vitals = new Vitals({ signal: abort.signal });
  const bridge = createSimulatedBridge(world, gate, {
    account,
    holder,
    database: openGated(pglite, gate),
    log: createLog('debug', { destination: { write: (line) => gate.isDead || log(line) } }),
    vitals,
    signal: abort.signal,
  });
  // Nobody waits for its end: it is ended, or the world is.
  void gate.death.then(() => abort.abort());
  let isOpen = false;
  const carrying = carry(bridge, async (work) => {
    const opened = await queue.openFor(gate)(work);
    isOpen = true;
    return opened;
  });
  const end = () => gate.kill();
  void carrying.then(end, (error: unknown) => {
    // As a process that cannot begin ends; later none does by itself.
    if (isOpen) throw error;
    end();
  });
  const stop = () => {
    abort.abort(new RelayerError('RELAYER_STOPPING', 'it was told to stop'));
    void time.sleep(STOP_MS).then(end);
  };
  return { gate, vitals, stop, kill: end };
}

interface Surroundings extends Pick<Bridge, 'database' | 'log' | 'vitals' | 'signal' | 'holder'> {
  readonly account: ChainSigner;
}

function createSimulatedBridge(
  world: World,
  gate: Gate,
  { account, ...surroundings }: Surroundings,
): Bridge {
  const { ethereum, polkadot, enclaves, time } = world;
  const sides = chainsOf(world).map((chain) => createSide(world, chain, gate));
  const [one, other] = sides.map((side): Side => ({ ...side, signer: account }));
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
    clock: { nowMs: () => time.wallAheadMs + time.nowMs },
    ...surroundings,
  };
}

function createSide(
  { ethereum, lagSec }: World,
  chain: SimulatedChain,
  gate: Gate,
): Omit<Side, 'signer'> {
  const { gateway, anchor } = chain.options.deployment;
  return {
    chain: createSimulatedNode(chain, gate),
    lightClient: chain === ethereum ? CLIENTS.ethereum : CLIENTS.polkadot,
    gateway,
    lagSec,
    fromBlock: 0,
    contracts: anchor === undefined ? [gateway] : [gateway, anchor],
    limits: LIMITS,
    submitting: new Serial(),
    recording: new Serial(),
  };
}
