import { and, desc, eq, inArray, like, lt } from 'drizzle-orm';
import { REASONS, type StateReason, type TransferState } from '../../protocol/transfer-state.ts';
import type { Database } from './database.ts';
import { stateChanges } from './schema.ts';
import type { JournaledChange } from './state-changes.ts';

/** What is listed: all messages, or all releases, that are in one state now. */
export interface SubjectFilter {
  readonly kind: 'message' | 'release';
  readonly state: TransferState;
  /** Only those of this chain's gateway. */
  readonly chainId?: bigint | undefined;
  /** Only those that entered the state before the change with this id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Subjects that are in a state, the newest first. */
export interface SubjectPage {
  /** The change with which each entered the state. */
  readonly changes: readonly JournaledChange[];
  /** What to give as `before` for the next page, which may be empty and not the last; undefined after the last. */
  readonly next: number | undefined;
}

/** Entries of a state that are looked at for one page: most of them may have gone on long ago. */
const LOOKED_AT = 5000;

/** A page of the subjects that are in a state now. However long the journal is, it looks at a bounded part of it. */
export async function subjectsIn(
  database: Database,
  filter: SubjectFilter,
  lookedAt: number = LOOKED_AT,
): Promise<SubjectPage> {
  const { kind, state, chainId, before, limit } = filter;
  const entered = await database
    .select()
    .from(stateChanges)
    .where(
      and(
        eq(stateChanges.state, state),
        like(stateChanges.subject, `${kind} ${chainId === undefined ? '' : `${chainId}/`}%`),
        before === undefined ? undefined : lt(stateChanges.id, before),
      ),
    )
    .orderBy(desc(stateChanges.id))
    .limit(lookedAt);
  const gone = await goneOn(database, entered);
  const there = entered.filter((change) => !gone.has(change.id));
  const changes = there.slice(0, limit);
  const isCut = there.length > limit || entered.length === lookedAt;
  const last = there.length > limit ? changes.at(-1) : entered.at(-1);
  return { changes, next: isCut ? last?.id : undefined };
}

const ALL = Object.keys(REASONS) as StateReason[];

/** Which of these changes their subjects have left behind. */
async function goneOn(
  database: Database,
  entered: readonly JournaledChange[],
): Promise<ReadonlySet<number>> {
  const gone = new Set<number>();
  for (const [reason, changes] of Map.groupBy(entered, (change) => change.reason)) {
    const later = ALL.slice(ALL.indexOf(reason) + 1);
    if (later.length === 0) continue;
    const subjects = changes.map(({ subject }) => subject);
    const rows = await database
      .selectDistinct({ subject: stateChanges.subject })
      .from(stateChanges)
      .where(and(inArray(stateChanges.subject, subjects), inArray(stateChanges.reason, later)));
    const past = new Set(rows.map(({ subject }) => subject));
    for (const change of changes) if (past.has(change.subject)) gone.add(change.id);
  }
  return gone;
}
