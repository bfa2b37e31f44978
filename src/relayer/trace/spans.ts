import { sha256 } from '../../crypto/hashes.ts';
import { consumingRound, type RoundSchedule, roundEndSec } from '../../protocol/rounds.ts';
import { compareSteps, type Step, type TransferState } from '../../protocol/transfer-state.ts';
import { type Hex, toHex, utf8 } from '../../shared/bytes.ts';

// SECURITY: a trace is of one deposit up to its commit, or of one release batch. Its id follows from where that stands on its chain and
// from nothing else, and no span names, links or is timed by anything of the other kind: who holds all traces knows what the chains show.

/** A span as OpenTelemetry has it. */
export interface Span {
  /** 16 bytes in hex, without 0x. */
  readonly traceId: string;
  /** 8 bytes in hex, without 0x: always the same for the same thing told by the same relayer. */
  readonly spanId: string;
  /** Undefined of the first of its trace. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** Milliseconds of Unix time, as the ends are. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | bigint>>;
  readonly isError: boolean;
}

/** A step as the journal has it. */
export interface TracedStep extends Step {
  readonly blockNumber: number;
  readonly atMs: number;
}

/** A place in the order of a gateway. */
export interface TracedPlace {
  /** Who tells: an account of the relayer, so that the spans of several stand beside each other. */
  readonly teller: Hex;
  readonly chainId: bigint;
  readonly gateway: Hex;
  readonly index: bigint;
}

/** A deposit that is traced. */
export interface TracedTransfer extends TracedPlace {
  readonly sentAtSec: bigint;
  readonly lagSec: bigint;
  readonly schedule: RoundSchedule;
  /** All that the journal knows of it, in any order. */
  readonly steps: readonly TracedStep[];
}

/** A release that is traced. */
export interface TracedRelease extends TracedPlace {
  /** Index of the first release of its batch. */
  readonly first: bigint;
  /** All that the journal knows of it, in any order. */
  readonly steps: readonly TracedStep[];
}

const NAMES: Partial<Record<TransferState, string>> = {
  observed: 'deposit seen',
  finalized: 'final',
  verified: 'proven',
};
const ROOT = 'root';

/** The spans of a step of a deposit: from the step before it, or from the deposit, to this one. */
export function transferSpans(transfer: TracedTransfer, step: TracedStep): Span[] {
  const spanOf = spansIn('transfer', transfer, transfer.index);
  const sentAtMs = Number(transfer.sentAtSec) * 1000;
  const own = spanOf({
    id: step.state === 'observed' ? ROOT : step.reason,
    name: NAMES[step.state] ?? step.state,
    startMs: stepBefore(transfer.steps, step)?.atMs ?? sentAtMs,
    endMs: step.atMs,
    attributes: attributesOf(step),
    isError: step.state === 'quarantined',
  });
  return step.state === 'committed' ? [roundSpan(transfer, spanOf), own] : [own];
}

/** Its round is over before it is committed, and when is known from when it was sent. */
function roundSpan({ schedule, lagSec, sentAtSec }: TracedTransfer, spanOf: MakeSpan): Span {
  const round = consumingRound(schedule, lagSec, sentAtSec);
  return spanOf({
    id: 'round',
    name: 'round complete',
    startMs: Number(sentAtSec) * 1000,
    endMs: Number(roundEndSec(schedule, round)) * 1000,
    attributes: { 'veilspan.round': round },
    isError: false,
  });
}

/** The span of a deposit that an enclave has taken in: from when it was final. */
export function enclaveSpan(
  transfer: TracedTransfer,
  { enclave, atMs }: { readonly enclave: string; readonly atMs: number },
): Span {
  const final = transfer.steps.find(({ state }) => state === 'finalized');
  return spansIn(
    'transfer',
    transfer,
    transfer.index,
  )({
    id: `proven ${enclave}`,
    name: `proven to ${enclave}`,
    startMs: final?.atMs ?? Number(transfer.sentAtSec) * 1000,
    endMs: atMs,
    attributes: { 'veilspan.enclave': enclave },
    isError: false,
  });
}

/** The spans of a step of a release; with the first step of the first release of a batch, its trace begins. */
export function releaseSpans(release: TracedRelease, step: TracedStep): Span[] {
  const { first, index, steps } = release;
  const spanOf = spansIn('batch', release, first);
  const before = stepBefore(steps, step);
  const own = spanOf({
    id: `${index} ${step.reason}`,
    name: step.state,
    startMs: before?.atMs ?? step.atMs,
    endMs: step.atMs,
    attributes: { ...attributesOf(step), 'veilspan.release': index },
    isError: false,
  });
  if (index !== first || before !== undefined) return [own];
  const at = { startMs: step.atMs, endMs: step.atMs, attributes: {}, isError: false };
  return [spanOf({ id: ROOT, name: 'batch', ...at }), own];
}

function attributesOf({ state, reason, blockNumber }: TracedStep): Span['attributes'] {
  return { 'veilspan.state': state, 'veilspan.reason': reason, 'veilspan.block': blockNumber };
}

/** The step before one in the order of a life, whatever became known last. */
function stepBefore(steps: readonly TracedStep[], step: TracedStep): TracedStep | undefined {
  const earlier = steps.filter((each) => compareSteps(each, step) < 0);
  return earlier.toSorted(compareSteps).at(-1);
}

type Made = Omit<Span, 'traceId' | 'spanId' | 'parentSpanId'> & { readonly id: string };
type MakeSpan = (made: Made) => Span;

function spansIn(kind: 'transfer' | 'batch', place: TracedPlace, index: bigint): MakeSpan {
  const { teller, chainId, gateway } = place;
  const traceId = hashOf(`veilspan ${kind} ${gateway} ${chainId}/${index}`, 16);
  const idOf = (id: string) => hashOf(`${traceId} ${teller} ${id}`, 8);
  return ({ id, startMs, ...made }) => ({
    ...made,
    traceId,
    spanId: idOf(id),
    parentSpanId: id === ROOT ? undefined : idOf(ROOT),
    // Clocks of chains and machines differ: nothing ends before it has begun.
    startMs: Math.min(startMs, made.endMs),
    attributes: { 'veilspan.chain_id': chainId, 'veilspan.index': index, ...made.attributes },
  });
}

function hashOf(text: string, bytes: number): string {
  return toHex(sha256(utf8(text)).subarray(0, bytes)).slice(2);
}
