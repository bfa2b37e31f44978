import * as z from 'zod';
import { MAX_ENVELOPE_BYTES } from '../../protocol/message.ts';
import { REASONS, type TransferState } from '../../protocol/transfer-state.ts';
import { BridgeError } from '../../shared/errors.ts';
import { bytesUpTo } from '../../shared/hex-schema.ts';
import type { Database } from '../journal/database.ts';
import { askRetry, type Hold, holdsOn, liftHold, placeHold } from '../journal/holds.ts';
import type { HoldSubject } from '../journal/schema.ts';
import type { Handed } from '../submit/hand-over.ts';
import type { Vitals } from '../vitals.ts';
import { type Estimate, type ExplainedSubject, explainSubjects } from './explain-subject.ts';
import { type JournalStanding, readStanding } from './journal-standing.ts';
import type { NamedChain } from './lane-names.ts';
import { type ListedSubject, listSubjects } from './list-subjects.ts';
import type { AccountNonces, NonceKeeper } from './nonces.ts';
import type { Poster, PostStanding } from './post-orders.ts';
import { parseSubjectId } from './subject-id.ts';

// What an operator asks of a relayer, and tells it: the same whether the relayer runs and is asked over its socket, or its journal is opened.

const STATES = [...new Set(Object.values(REASONS).map(([state]) => state))] as [
  TransferState,
  ...TransferState[],
];

const holdSubject = z
  .string()
  .regex(/^(?:lane .{1,100}|(?:batch|message) [0-9]{1,20}\/[0-9]{1,20})$/)
  .transform((text) => text as HoldSubject);

/** Every question, with what it takes. */
export const DESK_QUESTIONS = {
  list: z.strictObject({
    state: z.enum(STATES).optional(),
    limit: z.int().min(1).max(10_000).default(100),
  }),
  explain: z.strictObject({ id: z.string().min(1).max(200) }),
  holds: z.strictObject({}),
  hold: z.strictObject({ subject: holdSubject, reason: z.string().min(1).max(500) }),
  lift: z.strictObject({ subject: holdSubject }),
  retry: z.strictObject({ lane: z.string().min(1).max(100) }),
  standing: z.strictObject({}),
  nonces: z.strictObject({}),
  repair: z.strictObject({ chain: z.string().min(1).max(100) }),
  post: z.strictObject({
    chain: z.string().min(1).max(100),
    envelopes: z.array(bytesUpTo(MAX_ENVELOPE_BYTES)).min(1).max(1000),
  }),
  posted: z.strictObject({
    chain: z.string().min(1).max(100),
    subject: z.string().max(100),
    nonce: z.int().nonnegative(),
  }),
  vitals: z.strictObject({}),
} as const;

export type DeskQuestion = keyof typeof DESK_QUESTIONS;
/** What a question takes. */
export type DeskParams<Q extends DeskQuestion> = z.input<(typeof DESK_QUESTIONS)[Q]>;

/** What each question is answered with: plain JSON. */
export interface DeskAnswers {
  readonly list: readonly ListedSubject[];
  readonly explain: readonly ExplainedSubject[];
  readonly holds: readonly Hold[];
  readonly hold: { readonly held: string };
  readonly lift: { readonly lifted: boolean };
  readonly retry: { readonly asked: string };
  readonly standing: JournalStanding;
  /** Null where nothing is open that could ask the chains. */
  readonly nonces: readonly AccountNonces[] | null;
  readonly repair: { readonly repaired: boolean };
  readonly post: Handed;
  readonly posted: PostStanding;
  /** Null where no relayer runs that could tell. */
  readonly vitals: Pick<ReturnType<typeof readVitals>, 'lanes' | 'alarms' | 'waits'> | null;
}

/** What the answers come from. */
export interface DeskSources {
  readonly database: Database;
  readonly chains: readonly NamedChain[];
  /** Milliseconds of Unix time. */
  nowMs(): number;
  /** Of the relayer that runs; undefined where none does. */
  readonly vitals?: Vitals | undefined;
  /** Where the chains are open. */
  readonly nonces?: NonceKeeper | undefined;
  /** Where the chains are open. */
  readonly poster?: Poster | undefined;
  /** Where a relayer runs that can estimate. */
  readonly estimate?: Estimate | undefined;
}

/** Answers one question. @throws {SubjectIdError} @throws {DeskQuestionError} the parameters have another form */
export async function answerDesk<Q extends DeskQuestion>(
  sources: DeskSources,
  question: Q,
  params: unknown,
): Promise<DeskAnswers[Q]> {
  const parsed = DESK_QUESTIONS[question].safeParse(params);
  if (!parsed.success) throw new DeskQuestionError({ what: z.prettifyError(parsed.error) });
  const answer = ANSWERS[question] as (
    from: DeskSources,
    given: unknown,
  ) => Promise<DeskAnswers[Q]>;
  return await answer(sources, parsed.data);
}

type Given<Q extends DeskQuestion> = z.output<(typeof DESK_QUESTIONS)[Q]>;

const ANSWERS: {
  readonly [Q in DeskQuestion]: (from: DeskSources, given: Given<Q>) => Promise<DeskAnswers[Q]>;
} = {
  list: listSubjects,
  explain: async (from, { id }) => explainSubjects(from, parseSubjectId(id)),
  holds: ({ database }) => holdsOn(database),
  hold: async ({ database, nowMs }, { subject, reason }) => {
    await placeHold(database, { subject, reason, atMs: nowMs() });
    return { held: subject };
  },
  lift: async ({ database }, { subject }) => ({ lifted: await liftHold(database, subject) }),
  retry: async ({ database }, { lane }) => {
    await askRetry(database, lane);
    return { asked: lane };
  },
  standing: ({ database }) => readStanding(database),
  nonces: async ({ nonces }) => (nonces === undefined ? null : await nonces.read()),
  repair: async ({ nonces }, { chain }) => {
    await nonces?.repair(chain);
    return { repaired: nonces !== undefined };
  },
  post: ({ poster }, { chain, envelopes }) => required(poster).post(chain, envelopes),
  posted: ({ poster }, { chain, ...handed }) => required(poster).standing(chain, handed),
  vitals: async ({ vitals }) => (vitals === undefined ? null : readVitals(vitals)),
};

function required(poster: Poster | undefined): Poster {
  if (poster !== undefined) return poster;
  throw new DeskQuestionError({ what: 'nothing is open here that could post' });
}

function readVitals(vitals: Vitals) {
  return { lanes: vitals.lanes(), alarms: vitals.alarms(), waits: vitals.waits() };
}

/** A question to a relayer has not the form that it needs. */
export class DeskQuestionError extends BridgeError<{ what: string }> {
  readonly code = 'CONFIG_DESK_QUESTION';
  readonly disposition = 'reject';
  constructor(meta: { what: string }) {
    super(`The relayer does not understand the question: ${meta.what}.`, meta);
  }
}
