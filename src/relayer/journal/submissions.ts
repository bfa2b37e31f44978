import { and, asc, desc, eq, getTableColumns, gt, gte, inArray, lte, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { BudgetedCall, SignedCall } from '../../chains/shared/bridged-chain.ts';
import { encodeJson } from '../../codec/json.ts';
import type { Hex } from '../../shared/bytes.ts';
import { hexOf, hexUpTo } from '../../shared/hex-schema.ts';
import type { Database } from './database.ts';
import { type Fence, underLease } from './leases.ts';
import { makeOnce, type Places } from './made-statement.ts';
import { type SubmissionState, submissions } from './schema.ts';

/** A transaction of ours, written down before anyone else sees it; all of it but what was signed, which is long. */
export type SubmissionRow = Omit<typeof submissions.$inferSelect, 'raw' | 'call'>;

const { raw: _raw, call: _call, ...FACTS } = getTableColumns(submissions);

/** Whose transactions. */
export interface AccountKey {
  readonly chainId: bigint;
  /** 20 bytes. */
  readonly account: Hex;
}

/** What is about to be broadcast. */
export interface Intent extends SignedCall, AccountKey {
  /** What it is for, as an id. */
  readonly subject: string;
}

/** States of a transaction of which nobody knows the end. */
export const OPEN_STATES: readonly SubmissionState[] = ['intent', 'broadcast'];

/**
 * Writes down what is about to be broadcast, all of it or nothing; what is open already stays as it is, and what was lost is open again.
 *
 * @throws {LeaseError}
 */
export async function recordIntents(
  database: Database,
  fence: Fence,
  intents: readonly Intent[],
): Promise<void> {
  const unsent = { state: 'intent', blockNumber: null, sentAt: null } as const;
  await underLease(database, fence, async (tx) => {
    await tx
      .insert(submissions)
      .values(intents.map(({ call, ...intent }) => ({ ...intent, ...unsent, ...written(call) })))
      .onConflictDoUpdate({
        target: submissions.hash,
        set: {
          subject: sql`excluded.subject`,
          costWei: sql`excluded.cost_wei`,
          state: 'intent',
          sentAt: null,
          signedTime: sql`now()`,
        },
        setWhere: eq(submissions.state, 'lost'),
      });
  });
}

/** How far a transaction has come. */
export type SubmissionMark = { readonly hash: Hex } & Partial<
  Pick<SubmissionRow, 'state' | 'blockNumber' | 'sentAt' | 'costWei'>
>;

/** Notes how far transactions have come, in one transaction of the journal. @throws {LeaseError} */
export async function markSubmissions(
  database: Database,
  fence: Fence,
  marks: readonly SubmissionMark[],
): Promise<void> {
  if (marks.length === 0) return;
  // What was handed over together is mostly marked alike.
  const alike = Map.groupBy(marks, ({ hash: _, ...to }) => encodeJson(to));
  await underLease(database, fence, async (tx) => {
    for (const group of alike.values()) {
      const { hash: _, ...to } = group[0] as SubmissionMark;
      const hashes = group.map(({ hash }) => hash);
      await tx.update(submissions).set(to).where(inArray(submissions.hash, hashes));
    }
  });
}

function isOf({ chainId, account }: AccountKey | Places<'chainId' | 'account'>) {
  return and(eq(submissions.chainId, chainId), eq(submissions.account, account));
}

/** An account's transactions in one of the states, by nonce and, of one nonce, the newest last. */
export async function submissionsIn(
  database: Database,
  key: AccountKey,
  states: readonly SubmissionState[],
): Promise<SubmissionRow[]> {
  return await allIn(database, { ...key, states });
}

const STATED = ['chainId', 'account', 'states'] as const;

function isStated({ states, ...key }: Places<(typeof STATED)[number]>) {
  return and(isOf(key), sql`${submissions.state} = ANY (${states})`);
}

const allIn = makeOnce(STATED, (database, places) =>
  database
    .select(FACTS)
    .from(submissions)
    .where(isStated(places))
    .orderBy(asc(submissions.nonce), asc(submissions.id)),
);

/** An account's transactions that blocks up to this one include, by nonce. */
export async function includedUpTo(
  database: Database,
  key: AccountKey,
  block: number,
): Promise<SubmissionRow[]> {
  return await includedIn(database, { ...key, block });
}

const includedIn = makeOnce(['chainId', 'account', 'block'], (database, { block, ...key }) => {
  const isIncluded = and(eq(submissions.state, 'included'), lte(submissions.blockNumber, block));
  return database
    .select(FACTS)
    .from(submissions)
    .where(and(isOf(key), isIncluded))
    .orderBy(asc(submissions.nonce));
});

/** The nonces of an account's transactions in one of the states, ascending; without the transactions, of which there may be many. */
export async function noncesIn(
  database: Database,
  key: AccountKey,
  states: readonly SubmissionState[],
): Promise<{ readonly nonce: number }[]> {
  return await allNoncesIn(database, { ...key, states });
}

const allNoncesIn = makeOnce(STATED, (database, places) =>
  database
    .select({ nonce: submissions.nonce })
    .from(submissions)
    .where(isStated(places))
    .orderBy(asc(submissions.nonce)),
);

/** What an account's open transactions are for, each with the nonce of the newest that is for it. */
export async function openSubjects(
  database: Database,
  key: AccountKey,
): Promise<ReadonlyMap<string, number>> {
  const rows = await subjectsIn(database, { ...key, states: OPEN_STATES });
  return new Map(rows.map(({ subject, nonce }) => [subject, nonce]));
}

const subjectsIn = makeOnce(STATED, (database, places) =>
  database
    .select({ subject: submissions.subject, nonce: submissions.nonce })
    .from(submissions)
    .where(isStated(places))
    .orderBy(asc(submissions.id)),
);

/** All that was signed with a nonce, the newest last. */
export async function submissionsAt(
  database: Database,
  key: AccountKey,
  nonce: number,
): Promise<SubmissionRow[]> {
  return await signedWith(database, { ...key, nonce });
}

const signedWith = makeOnce(['chainId', 'account', 'nonce'], (database, { nonce, ...key }) =>
  database
    .select(FACTS)
    .from(submissions)
    .where(and(isOf(key), eq(submissions.nonce, nonce)))
    .orderBy(asc(submissions.id)),
);

/** No chain takes a transaction that is longer. */
const MAX_CALL_BYTES = 2 ** 20;

const integer = z.coerce.bigint();
const storedCall: z.ZodType<BudgetedCall> = z.object({
  to: hexOf(20).nullable(),
  data: hexUpTo(MAX_CALL_BYTES),
  valueWei: integer,
  budget: z.discriminatedUnion('measure', [
    z.object({ measure: z.literal('gas'), gas: integer }),
    z.object({
      measure: z.literal('weight'),
      weight: z.object({ refTime: integer, proofSize: integer }),
      storageDepositPlanck: integer,
    }),
  ]),
});

function written(call: BudgetedCall | undefined) {
  return { call: call === undefined ? null : encodeJson(call) };
}

/** What was signed, by hash, and what it does where that was kept. */
export async function signedBy(
  database: Database,
  hashes: readonly Hex[],
): Promise<ReadonlyMap<Hex, Pick<SignedCall, 'raw' | 'call'>>> {
  if (hashes.length === 0) return new Map();
  const { hash, raw, call } = submissions;
  const rows = await database
    .select({ hash, raw, call })
    .from(submissions)
    .where(inArray(hash, [...hashes]));
  return new Map(rows.map((row) => [row.hash, { raw: row.raw, ...read(row.call) }]));
}

function read(call: string | null) {
  return call === null ? {} : { call: storedCall.parse(JSON.parse(call)) };
}

/** From this nonce on, the nonces of an account that are used for good. */
export async function finalNonces(
  database: Database,
  key: AccountKey,
  from: number,
): Promise<ReadonlySet<number>> {
  const isFinal = and(eq(submissions.state, 'final'), gte(submissions.nonce, from));
  const rows = await database
    .select({ nonce: submissions.nonce })
    .from(submissions)
    .where(and(isOf(key), isFinal));
  return new Set(rows.map(({ nonce }) => nonce));
}

/** The newest open transaction that is for `subject`. */
export async function openFor(
  database: Database,
  key: AccountKey,
  subject: string,
): Promise<SubmissionRow | undefined> {
  return await newestFor(database, key, { subject, states: OPEN_STATES });
}

/** The newest transaction for `subject` that a block has taken. */
export async function takenFor(
  database: Database,
  key: AccountKey,
  subject: string,
): Promise<SubmissionRow | undefined> {
  return await newestFor(database, key, { subject, states: ['included', 'final'] });
}

interface Sought {
  readonly subject: string;
  readonly states: readonly SubmissionState[];
}

async function newestFor(
  database: Database,
  key: AccountKey,
  { subject, states }: Sought,
): Promise<SubmissionRow | undefined> {
  const isMeant = and(inArray(submissions.state, [...states]), eq(submissions.subject, subject));
  const [row] = await database
    .select(FACTS)
    .from(submissions)
    .where(and(isOf(key), isMeant))
    .orderBy(desc(submissions.id))
    .limit(1);
  return row;
}

/**
 * What an account has given out for fees since a day ago, in wei: of each nonce the most that was signed for, until a block has shown
 * what was paid.
 */
export async function spentInDay(database: Database, key: AccountKey): Promise<bigint> {
  const byNonce = database
    .select({ wei: sql<string>`max(${submissions.costWei})`.as('wei') })
    .from(submissions)
    .where(and(isOf(key), gt(submissions.signedTime, sql`now() - interval '1 day'`)))
    .groupBy(submissions.nonce)
    .as('by_nonce');
  const [row] = await database
    .select({ wei: sql<string>`coalesce(sum(${byNonce.wei}), 0)::text` })
    .from(byNonce);
  return BigInt(row?.wei ?? 0);
}
