import type { RoundSchedule } from '../../protocol/rounds.ts';
import { messageSubject, releaseSubject } from '../../protocol/transfer-state.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { Database } from '../journal/database.ts';
import { changesOf } from '../journal/lookups.ts';
import type { JournaledChange } from '../journal/state-changes.ts';
import { batchStarts, sentTimes } from '../journal/traced.ts';
import type { Proof } from './proofs.ts';
import {
  enclaveSpan,
  releaseSpans,
  type Span,
  type TracedPlace,
  type TracedTransfer,
  transferSpans,
} from './spans.ts';

/** A chain, as far as spans are about it. */
export interface TracedChain {
  readonly chainId: bigint;
  readonly gateway: Hex;
  readonly lagSec: bigint;
}

/** What spans are made from. */
export interface SpanSources {
  readonly database: Database;
  readonly chains: readonly TracedChain[];
  readonly schedule: RoundSchedule;
  /** See `TracedPlace`. */
  readonly teller: Hex;
}

/** The spans that state changes stand for. What is no deposit and no release has none: batches are known here before their chain has them. */
export async function spansOfChanges(
  sources: SpanSources,
  changes: readonly JournaledChange[],
): Promise<Span[]> {
  const subjects = [...new Set(changes.map(({ subject }) => subject))];
  const known = await changesOf(sources.database, subjects);
  const steps = Map.groupBy(known, ({ subject }) => subject);
  const spans: Span[] = [];
  for (const chain of sources.chains) {
    const of = { ...sources, chain, steps };
    spans.push(...(await spansOfTransfers(of, changes)), ...(await spansOfReleases(of, changes)));
  }
  return spans;
}

interface Looking extends SpanSources {
  readonly chain: TracedChain;
  readonly steps: ReadonlyMap<string, readonly JournaledChange[]>;
}

async function spansOfTransfers(
  looking: Looking,
  changes: readonly JournaledChange[],
): Promise<Span[]> {
  const { database, chain } = looking;
  const own = placesIn('message', chain, changes);
  if (own.length === 0) return [];
  const sent = await sentTimes(database, chain.chainId, indexesOf(own));
  return own.flatMap(({ index, change }) => {
    const sentAtSec = sent.get(index);
    return sentAtSec === undefined
      ? []
      : transferSpans(transferAt(looking, { index, sentAtSec }), change);
  });
}

async function spansOfReleases(
  { database, chain, teller, steps }: Looking,
  changes: readonly JournaledChange[],
): Promise<Span[]> {
  const own = placesIn('release', chain, changes);
  if (own.length === 0) return [];
  const starts = await batchStarts(database, chain.chainId, indexesOf(own));
  return own.flatMap(({ index, change }) => {
    const first = starts.get(index);
    const place = { ...placeOf(chain, teller, index), steps: steps.get(change.subject) ?? [] };
    return first === undefined ? [] : releaseSpans({ ...place, first }, change);
  });
}

/** The spans of deposits that an enclave has taken in. */
export async function spansOfProof(
  sources: SpanSources,
  { enclave, chainId, from, end, atMs }: Proof,
): Promise<Span[]> {
  const chain = sources.chains.find((each) => each.chainId === chainId);
  if (chain === undefined) return [];
  const indexes = Array.from({ length: Number(end - from) }, (_, i) => from + BigInt(i));
  const subjects = indexes.map((index) => messageSubject(chainId, index));
  const known = await changesOf(sources.database, subjects);
  const steps = Map.groupBy(known, ({ subject }) => subject);
  const sent = await sentTimes(sources.database, chainId, indexes);
  return [...sent].map(([index, sentAtSec]) =>
    enclaveSpan(transferAt({ ...sources, chain, steps }, { index, sentAtSec }), { enclave, atMs }),
  );
}

function transferAt(
  { chain, teller, schedule, steps }: Looking,
  { index, sentAtSec }: { readonly index: bigint; readonly sentAtSec: bigint },
): TracedTransfer {
  const known = steps.get(messageSubject(chain.chainId, index)) ?? [];
  const { lagSec } = chain;
  return { ...placeOf(chain, teller, index), sentAtSec, lagSec, schedule, steps: known };
}

function placeOf({ chainId, gateway }: TracedChain, teller: Hex, index: bigint): TracedPlace {
  return { teller, chainId, gateway, index };
}

interface Placed {
  readonly index: bigint;
  readonly change: JournaledChange;
}

/** The changes of one kind of subject on one chain. */
function placesIn(
  kind: 'message' | 'release',
  { chainId }: TracedChain,
  changes: readonly JournaledChange[],
): Placed[] {
  const subjectOf = kind === 'message' ? messageSubject : releaseSubject;
  return changes.flatMap((change) => {
    const index = /\/([0-9]+)$/.exec(change.subject)?.[1];
    if (index === undefined) return [];
    const at = BigInt(index);
    return change.subject === subjectOf(chainId, at) ? [{ index: at, change }] : [];
  });
}

function indexesOf(placed: readonly Placed[]): bigint[] {
  return [...new Set(placed.map(({ index }) => index))];
}
