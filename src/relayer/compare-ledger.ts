import { ANCHOR_SLOTS, GATEWAY_SLOTS } from '../protocol/contracts.ts';
import type { EnclaveStatus } from '../protocol/enclave-commands.ts';
import type { Hex } from '../shared/bytes.ts';
import type { BridgeError } from '../shared/errors.ts';
import { type Bridge, RelayerError, type Side } from './bridge.ts';
import { producedCount } from './commit/reveal-batches.ts';
import { loadChainCursor } from './journal/cursors.ts';
import { type Hold, holdsOn, isBatchHeldOn, isLaneHeld } from './journal/holds.ts';
import { finalMessageCount } from './journal/messages.ts';
import { outboxOf } from './prove/outbox.ts';
import { QuorumError } from './quorum/quorum.ts';
import { leading } from './quorum/shared-ledger.ts';
import { messagesOf, rewind } from './watch/reconcile.ts';

/** The part of the bridge that shows whether chains and ledger say the same. */
export type ComparedBridge = Pick<
  Bridge,
  'sides' | 'anchor' | 'board' | 'quorum' | 'enclaves' | 'commitEverySec' | 'vitals' | 'log'
> &
  Parameters<typeof rewind>[0];

/** How often they are compared, in milliseconds. */
const EVERY_MS = 10_000;
/** How long the way may take from what is final to what the ledger has, apart from the lag and the cadence of commits. */
const WAY_MS = 60_000;
/** Final blocks that a journal may lack beside a chain that it keeps up with. */
const FAR_BLOCKS = 500;

/** Two counts that have to be the same, or follow each other soon. */
interface Count {
  /** What is counted, as the alarm is called. */
  readonly name: string;
  readonly onChain: bigint;
  readonly inLedger: bigint;
  /** How long the one that is behind may stand still. */
  readonly patienceMs: number;
  /** How far that has come which brings on the one that is behind: while any of it goes on, as after a day without a relayer, it is only late. */
  readonly onTheWay: readonly bigint[];
  /** Lanes by which the one that is behind comes on, without the enclave: what an operator holds of them is no disagreement. */
  readonly lanes: readonly string[];
  /** Whose line of batches it waits for, if it does. */
  readonly batchesOf?: bigint;
  /** What may mend it. */
  readAgain?(): Promise<void>;
  /** What it comes to, where that is not that they disagree. */
  readonly error?: BridgeError;
}

/** That there is a ledger which as many enclaves share as have to sign. */
const LEADER = {
  name: 'the shared ledger',
  lanes: ['confirm'],
  error: new QuorumError('RELAYER_QUORUM_MISSING', {
    what: 'no ledger is shared by as many of them as have to sign, and nothing is committed',
  }),
};

/** What an operator holds, and how many enclaves there have to be without it. */
interface Held {
  readonly holds: readonly Hold[];
  readonly threshold: number;
}

/** Whether an operator holds what a count comes on by: the lane, that of so many enclaves that too few are left, or a batch. */
function isHeldUp(
  { enclaves }: ComparedBridge,
  { lanes, batchesOf }: Count,
  { holds, threshold }: Held,
): boolean {
  if (batchesOf !== undefined && isBatchHeldOn(holds, batchesOf)) return true;
  return lanes.some((lane) => {
    if (isLaneHeld(holds, lane)) return true;
    const free = enclaves.filter(({ name }) => !isLaneHeld(holds, `${lane} @ ${name}`));
    return free.length < threshold;
  });
}

/**
 * Creates what holds the ledger that enough enclaves share to what the contracts count. What they differ in for longer than it can take
 * is an alarm, and a reason to read the chain again: an answer may have lacked something.
 *
 * @param nowMs a monotonic clock, in milliseconds
 * @returns a look that finds no job
 */
export function createComparison(
  bridge: ComparedBridge,
  nowMs: () => number = () => performance.now(),
): () => Promise<never[]> {
  const behind = new Map<string, Behind>();
  let comparedAtMs = Number.NEGATIVE_INFINITY;
  const forget = (name: string): void => {
    behind.delete(name);
    bridge.vitals.clear(name);
  };
  const judge = async (count: Count, held: Held): Promise<void> => {
    const { name, onChain, inLedger, patienceMs, onTheWay } = count;
    if (onChain === inLedger || isHeldUp(bridge, count, held)) return forget(name);
    const [least = 0n] = [onChain, inLedger].sort((a, b) => (a < b ? -1 : 1));
    const known = behind.get(name);
    const now = cameOn(known, [least, ...onTheWay], nowMs());
    behind.set(name, now);
    // It was said to stand still; what only leads to it is no sign, as it is read again because of the alarm.
    if (least > (known?.reached[0] ?? least)) bridge.vitals.clear(name);
    if (nowMs() - now.sinceMs < patienceMs) return;
    // What is read again now has as long to arrive, and comes the same way.
    behind.set(name, { reached: [least], sinceMs: nowMs() });
    const { code, message } = count.error ?? disagreement(count);
    bridge.vitals.alarm(name, { code, sentence: message });
    await count.readAgain?.();
  };
  return async () => {
    if (nowMs() - comparedAtMs < EVERY_MS) return [];
    comparedAtMs = nowMs();
    const { side, address } = bridge.anchor;
    const { threshold } = await bridge.quorum.rulesOf({ chain: side.chain, address });
    const held = { holds: await holdsOn(bridge.database), threshold };
    const status = leading(await bridge.board.standings(), threshold)[0]?.status;
    const isLed = status === undefined ? 0n : 1n;
    const patienceMs = patienceFor(bridge);
    const onTheWay = [await readingOf(bridge, side)];
    await judge({ ...LEADER, onChain: 1n, inLedger: isLed, patienceMs, onTheWay }, held);
    if (status === undefined) return [];
    const { running, suspended } = sidesBy(bridge, status);
    for (const name of suspended.flatMap(namesOf)) forget(name);
    const ofSides = running.flatMap((each) => countSide(bridge, each, status));
    const counts = [countCommits(bridge, status), ...ofSides];
    // A chain that does not answer says nothing of the others.
    const settled = await Promise.allSettled(counts.map(async (count) => judge(await count, held)));
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return [];
  };
}

/** Of a count that is behind: how far it has come, with what brings it on, and since when none of that has moved. */
interface Behind {
  readonly reached: readonly bigint[];
  readonly sinceMs: number;
}

function cameOn(known: Behind | undefined, places: readonly bigint[], nowMs: number): Behind {
  const before = (i: number) => known?.reached[i] ?? -1n;
  const hasMoved = places.map((place, i) => place > before(i));
  const reached = places.map((place, i) => (hasMoved[i] ? place : before(i)));
  const isStill = known !== undefined && !hasMoved.includes(true);
  return { reached, sinceMs: isStill ? known.sinceMs : nowMs };
}

/** The block up to which the journal of a chain has been read, as long as it is far behind; of one that has caught up always the same. */
async function readingOf(
  { database }: ComparedBridge,
  { chain, fromBlock }: Side,
): Promise<bigint> {
  const { number } = await chain.finalizedHead();
  const { readTo } = (await loadChainCursor(database, chain.chainId)) ?? { readTo: fromBlock - 1 };
  return number - readTo > FAR_BLOCKS ? BigInt(readTo) : -1n;
}

function disagreement({ name, onChain, inLedger }: Count): RelayerError {
  const what = `${name}: the chain counts ${onChain} and the ledger ${inLedger}, and what is behind stands still`;
  return new RelayerError('RELAYER_LEDGER_DISAGREES', what);
}

async function countCommits(bridge: ComparedBridge, { ledger }: EnclaveStatus): Promise<Count> {
  const { side, address } = bridge.anchor;
  const onChain = await countAt(side, address, ANCHOR_SLOTS.number);
  const patienceMs = patienceFor(bridge, side);
  const lanes = [`watch ${side.chain.name}`, `follow ${side.lightClient}`, 'confirm'];
  const onTheWay = [await readingOf(bridge, side)];
  return { name: 'commits', onChain, inLedger: ledger.number, patienceMs, onTheWay, lanes };
}

/** Of a chain that is suspended nothing is compared. */
function sidesBy({ sides }: ComparedBridge, { ledger }: EnclaveStatus) {
  const isSuspended = ({ chain }: Side) => ledger.suspended.includes(chain.chainId);
  return {
    running: sides.filter((side) => !isSuspended(side)),
    suspended: sides.filter(isSuspended),
  };
}

/** What the two counts of a chain are called. */
function namesOf({ chain: { name } }: Side): [messages: string, releases: string] {
  return [`messages of ${name}`, `releases of ${name}`];
}

function countSide(bridge: ComparedBridge, side: Side, status: EnclaveStatus): Promise<Count>[] {
  return [countMessages(bridge, side, status), countReleases(bridge, side, status)];
}

async function countMessages(
  bridge: ComparedBridge,
  side: Side,
  status: EnclaveStatus,
): Promise<Count> {
  const { chainId, name } = side.chain;
  const { hash } = await side.chain.finalizedHead();
  const outbox = outboxOf(status, chainId);
  // What is proven and had no room waits for commits, not for news.
  const inLedger = outbox?.ahead?.count ?? outbox?.position.count ?? 0n;
  const onChain = await countAt(side, side.gateway, GATEWAY_SLOTS.sentCount, hash);
  // What is final in the journal leads to the head that the contract has hashed: then something else holds up the enclave, as its light client.
  const isMissing = (await finalMessageCount(bridge.database, chainId)) < onChain;
  return {
    name: namesOf(side)[0],
    onChain,
    inLedger,
    patienceMs: patienceFor(bridge, side),
    onTheWay: [await readingOf(bridge, side), outbox?.scanned.count ?? 0n],
    // Without commits there is no room after a while.
    lanes: [`watch ${name}`, `follow ${side.lightClient}`, `prove ${name}`, 'commit', 'confirm'],
    ...(isMissing && { readAgain: () => rewind(bridge, messagesOf(bridge, side)) }),
  };
}

async function countReleases(
  bridge: ComparedBridge,
  side: Side,
  status: EnclaveStatus,
): Promise<Count> {
  const { chainId, name } = side.chain;
  return {
    name: namesOf(side)[1],
    onChain: await countAt(side, side.gateway, GATEWAY_SLOTS.releasedCount),
    inLedger: producedCount(status, chainId),
    patienceMs: patienceFor(bridge, side),
    // Where others have paid, the ledger comes on with the commits that the anchor shows.
    onTheWay: [await readingOf(bridge, bridge.anchor.side)],
    lanes: [`reveal ${name}`, `release ${name}`, 'confirm'],
    batchesOf: chainId,
  };
}

function patienceFor({ commitEverySec, anchor }: ComparedBridge, side = anchor.side): number {
  return Number(side.lagSec + commitEverySec) * 1000 + WAY_MS;
}

/** A count is in the low 8 bytes of its slot. */
async function countAt({ chain }: Side, contract: Hex, slot: Hex, at?: Hex): Promise<bigint> {
  return BigInt.asUintN(64, BigInt(await chain.word(contract, slot, at)));
}
