import { and, desc, eq, gte, lt, lte, type SQL } from 'drizzle-orm';
import { least } from '../../shared/bigints.ts';
import type { Database } from './database.ts';
import type { Places } from './made-statement.ts';
import type { controlMessages, messages, releases } from './schema.ts';

/** A table of what a contract numbers from 0 on, and of which nothing final is missing. */
type NumberedTable = typeof messages | typeof releases | typeof controlMessages;

/** Rows in an order of indexes, up to a block. */
export interface IndexSpan {
  readonly fromIndex: bigint;
  /** The first index that is not wanted. */
  readonly endIndex: bigint;
  readonly toBlock: number;
}

/** The same of one chain's rows. */
export interface ChainSpan extends IndexSpan {
  readonly chainId: bigint;
}

/** Rows that one statement changes at most: a server ends a statement that takes a minute, and a chain may have any number of rows to settle. */
const CHANGED_AT_ONCE = 10_000n;

/** Cuts a span into spans of as many indexes as one statement changes, in order. */
export function* portionsOf<S extends Pick<IndexSpan, 'fromIndex' | 'endIndex'>>(
  span: S,
): Generator<S> {
  const { endIndex } = span;
  for (let fromIndex = span.fromIndex; fromIndex < endIndex; fromIndex += CHANGED_AT_ONCE) {
    yield { ...span, fromIndex, endIndex: least(fromIndex + CHANGED_AT_ONCE, endIndex) };
  }
}

/** Names of a span's values. */
export const SPAN_NAMES = ['fromIndex', 'endIndex', 'toBlock'] as const;
type SpanPlaces = Places<(typeof SPAN_NAMES)[number]>;

/** That a row is in a span. */
export function inSpan(
  { index, blockNumber }: NumberedTable,
  { fromIndex, endIndex, toBlock }: IndexSpan | SpanPlaces,
): SQL | undefined {
  return and(gte(index, fromIndex), lt(index, endIndex), lte(blockNumber, toBlock));
}

/** That a row is in a span of its chain. */
export function inChainSpan(
  table: typeof messages | typeof releases,
  { chainId, ...span }: ChainSpan | (SpanPlaces & Places<'chainId'>),
): SQL | undefined {
  return and(eq(table.chainId, chainId), inSpan(table, span));
}

/**
 * A query for the highest index of what is final.
 *
 * @param among of which rows, if not of all
 */
export function newestFinal(database: Database, table: NumberedTable, among?: SQL) {
  return database
    .select({ index: table.index })
    .from(table)
    .where(and(among, eq(table.isFinal, true)))
    .orderBy(desc(table.index))
    .limit(1);
}

/** How many rows are final, by the answer to {@link newestFinal}: none of them is missing, so the highest index says it. */
export function finalCount([row]: readonly { readonly index: bigint }[]): bigint {
  return row === undefined ? 0n : row.index + 1n;
}
