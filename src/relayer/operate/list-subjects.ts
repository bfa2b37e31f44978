import { and, desc, eq, inArray, ne, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { explain } from '../../protocol/explain.ts';
import {
  REASONS,
  type StateReason,
  stepFor,
  type TransferState,
} from '../../protocol/transfer-state.ts';
import { listPublicTags, type TransferRef } from '../../protocol/transfer-tags.ts';
import type { Hex } from '../../shared/bytes.ts';
import { chunksOf } from '../../shared/chunks.ts';
import { type Database, MAX_ROWS_AT_ONCE } from '../journal/database.ts';
import { messages, releases, stateChanges } from '../journal/schema.ts';
import type { NamedChain } from './lane-names.ts';

/** Where a subject is. */
export interface ListedSubject {
  /** `message 31337/0`, `release 420420499/7`, `batch 420420499/4`. */
  readonly subject: string;
  readonly state: TransferState;
  readonly reason: StateReason;
  readonly cause: string;
  /** Who has to act next. */
  readonly who: string;
  readonly chainId: string;
  readonly block: number;
  /** Since when, in milliseconds of Unix time. */
  readonly atMs: number;
}

export interface ListFilter {
  /** In which state; in any that something follows on if left out. */
  readonly state?: TransferState | undefined;
  readonly limit: number;
}

/** What is listed comes from the journal, and by their gateways it is known what has paid messages. */
export interface ListSources {
  readonly database: Database;
  readonly chains: readonly Pick<NamedChain, 'chainId' | 'gateway'>[];
}

const ALL = Object.keys(REASONS) as StateReason[];

const rowSchema = z.object({
  subject: z.string(),
  reason: z.enum(ALL as [StateReason, ...StateReason[]]),
  chainId: z.coerce.string(),
  block: z.coerce.number(),
  atMs: z.coerce.number(),
});

type Row = z.output<typeof rowSchema>;

/** Where subjects are, those that stand there longest first. Of anchored messages the newest {@link LOOKED_AT} are looked at. */
export async function listSubjects(
  sources: ListSources,
  { state, limit }: ListFilter,
): Promise<ListedSubject[]> {
  const [others, anchored] = await Promise.all([
    notAnchored(sources.database, { state, limit }),
    anchoredMessages(sources, state),
  ]);
  const rows = [...others, ...anchored].sort(
    (a, b) => a.atMs - b.atMs || (a.subject < b.subject ? -1 : 1),
  );
  return rows.slice(0, limit).map(({ reason, ...row }) => {
    const { cause = '', who = 'nobody' } = explain(row.subject, [stepFor(reason)]) ?? {};
    return { ...row, ...stepFor(reason), cause, who };
  });
}

/** Subjects whose latest reason says by itself that they are wanted, those that stand there longest, at most `limit`. */
async function notAnchored(database: Database, { state, limit }: ListFilter): Promise<Row[]> {
  const wanted = ALL.filter((reason) => isWanted(reason, state));
  // The latest reason of a life counts, whatever became known last: as currentStep has it.
  const { rows } = (await database.execute(sql`
    SELECT subject, reason, chain_id AS "chainId", block_number AS block, at_ms AS "atMs" FROM (
      SELECT DISTINCT ON (subject) subject, reason, chain_id, block_number, at_ms FROM state_changes
      ORDER BY subject, array_position(string_to_array(${ALL.join(',')}, ','), reason) DESC
    ) AS currents
    WHERE reason = ANY(string_to_array(${wanted.join(',')}, ','))
    ORDER BY at_ms, subject LIMIT ${limit}`)) as unknown as { rows: unknown[] };
  return rows.map((row) => rowSchema.parse(row));
}

function isWanted(reason: StateReason, state: TransferState | undefined): boolean {
  const step = stepFor(reason);
  if (step.state === 'anchored') return false;
  return state === undefined ? explain('', [step])?.isOver === false : step.state === state;
}

/** Anchored messages that are looked at: nearly all were paid long ago, and no table says of which that is so. */
const LOOKED_AT = 10_000;

/** Messages that are anchored, unless a payout or a refund is tied to them; of sealed ones no more is ever seen, so they are on no way. */
async function anchoredMessages(
  { database, chains }: ListSources,
  state: TransferState | undefined,
): Promise<Row[]> {
  if (state !== undefined && state !== 'anchored') return [];
  const isMeant = state === undefined ? ne(messages.destination, 0n) : undefined;
  const anchored = (await anchoredThat(database, isMeant)).map((row) => {
    return { ...row, tags: tagsOf(chains, row) };
  });
  const made = await tagsMade(
    database,
    anchored.flatMap(({ tags }) => tags),
  );
  return anchored.flatMap(({ change, tags }) => {
    if (tags.some((tag) => made.has(tag))) return [];
    const { subject, reason, atMs, blockNumber: block } = change;
    return [{ subject, reason, atMs, block, chainId: `${change.chainId}` }];
  });
}

async function anchoredThat(database: Database, isMeant: SQL | undefined) {
  const { chainId, index } = messages;
  return await database
    .select({ change: stateChanges, chainId, index })
    .from(stateChanges)
    .innerJoin(messages, eq(stateChanges.subject, sql`'message ' || ${chainId} || '/' || ${index}`))
    .where(and(eq(stateChanges.state, 'anchored'), isMeant))
    .orderBy(desc(stateChanges.id))
    .limit(LOOKED_AT);
}

function tagsOf(chains: ListSources['chains'], ref: TransferRef): Hex[] {
  const source = chains.find(({ chainId }) => chainId === ref.chainId);
  return source === undefined ? [] : listPublicTags(ref, source.gateway);
}

/** Which of these tags gateways have made releases of. */
async function tagsMade(database: Database, tags: readonly Hex[]): Promise<ReadonlySet<Hex>> {
  const made = new Set<Hex>();
  for (const some of chunksOf(tags, MAX_ROWS_AT_ONCE)) {
    const rows = await database
      .select({ tag: releases.tag })
      .from(releases)
      .where(inArray(releases.tag, [...some]));
    for (const { tag } of rows) made.add(tag);
  }
  return made;
}
