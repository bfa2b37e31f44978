import { and, asc, desc, eq, lte, or } from 'drizzle-orm';
import { type Explanation, explain, hindmost, withPublicEnd } from '../../protocol/explain.ts';
import { messageSubject, releaseSubject, type Step } from '../../protocol/transfer-state.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { Database } from '../journal/database.ts';
import { type Hold, holdsOn } from '../journal/holds.ts';
import { changesOf, publicReleasesOf } from '../journal/lookups.ts';
import {
  batches,
  commits,
  messages,
  releases,
  stateChanges,
  submissions,
} from '../journal/schema.ts';
import { isOnTheWay, type NamedChain } from './lane-names.ts';
import type { SubjectId } from './subject-id.ts';

/** A step with what shows it. */
export interface Evidence extends Step {
  readonly chainId: string;
  readonly block: number;
  /** When this relayer learnt of it, in milliseconds of Unix time. */
  readonly atMs: number;
}

/** One of our own transactions. */
export interface OwnTransaction {
  readonly hash: Hex;
  readonly state: string;
  readonly nonce: number;
  readonly block: number | null;
}

/** When the end of what the chains show of a subject can be expected, as the status API says it. Plain JSON. */
export interface Expected {
  /** The state that is estimated for. */
  readonly until: string;
  /** Measured on transfers before, reckoned from the rules of chains and rounds, or neither. */
  readonly basis: 'history' | 'rules' | 'none';
  readonly samples: number;
  /** Seconds left for half of them, for nine of ten, and for all but one of 100; null where that is not known. */
  readonly p50Sec: number | null;
  readonly p90Sec: number | null;
  readonly p99Sec: number | null;
  readonly note: string;
}

/** Estimates for a subject by its name; undefined where no clock decides, but somebody who has to act. */
export type Estimate = (subject: string) => Promise<Expected | undefined>;

/** Why a subject is where it is, on what evidence, and who acts next. Holds nothing that the chains do not show. */
export interface ExplainedSubject {
  readonly subject: string;
  /** Null of what the journal has no step of. */
  readonly explanation: Explanation | null;
  /** Null where nothing can be expected, or nobody can estimate it: where no relayer runs. */
  readonly eta: Expected | null;
  readonly evidence: readonly Evidence[];
  /** What the chains say of it, by name. */
  readonly facts: Readonly<Record<string, string>>;
  readonly transactions: readonly OwnTransaction[];
  /** What it hangs together with: the commit of a message, the batch of a release. */
  readonly related: readonly string[];
  /** Holds of the operator that are on it, on what it hangs together with, or on a lane that it waits for. */
  readonly holds: readonly Hold[];
}

/** What explanations come from. */
export interface ExplanationSources {
  readonly database: Database;
  /** What the relayer's configuration calls its chains, after which lanes are named. */
  readonly chains: readonly NamedChain[];
  /** Undefined where nobody can estimate. */
  readonly estimate?: Estimate | undefined;
}

/** Explains what an id stands for: of a hash, everything that bears it. Empty if the journal knows nothing of it. */
export async function explainSubjects(
  sources: ExplanationSources,
  id: SubjectId,
): Promise<ExplainedSubject[]> {
  const { database } = sources;
  const subjects = id.kind === 'subject' ? [id.subject] : await subjectsOfHash(database, id.hash);
  const all = await Promise.all(subjects.map((subject) => explainOne(sources, subject)));
  return all.filter(
    ({ evidence, facts, transactions }) =>
      evidence.length + transactions.length + Object.keys(facts).length > 0,
  );
}

/** Everything that a transaction made, or that a tag names. */
async function subjectsOfHash(database: Database, hash: Hex): Promise<string[]> {
  const [sent, committed, released, submitted] = await Promise.all([
    database.select().from(messages).where(eq(messages.transactionHash, hash)),
    database.select().from(commits).where(eq(commits.transactionHash, hash)),
    database
      .select()
      .from(releases)
      .where(or(eq(releases.tag, hash), eq(releases.transactionHash, hash))),
    database.select().from(submissions).where(eq(submissions.hash, hash)),
  ]);
  return [
    ...new Set([
      ...sent.map(({ chainId, index }) => messageSubject(chainId, index)),
      ...committed.map(({ number }) => `commit ${number}`),
      ...released.map(({ chainId, index }) => releaseSubject(chainId, index)),
      ...submitted.map(({ subject }) => subject),
    ]),
  ];
}

async function explainOne(sources: ExplanationSources, subject: string): Promise<ExplainedSubject> {
  const { database, chains, estimate } = sources;
  const about = await describeSubject(sources, subject);
  const [rows, sent, holds, eta] = await Promise.all([
    changesOf(database, [subject, ...about.payouts]),
    database
      .select()
      .from(submissions)
      .where(eq(submissions.subject, subject))
      .orderBy(asc(submissions.nonce)),
    holdsOn(database),
    // An explanation without an estimate is better than none.
    estimate?.(subject).catch(() => undefined),
  ]);
  const { at, explanation } = standingOf(subject, rows, about);
  return {
    subject,
    explanation: explanation ?? null,
    eta: eta ?? null,
    evidence: rows.map(({ state, reason, chainId, blockNumber: block, atMs }) => {
      return { state, reason, chainId: `${chainId}`, block, atMs };
    }),
    facts: about.facts,
    transactions: sent.map(({ hash, state, nonce, blockNumber: block }) => {
      return { hash, state, nonce, block };
    }),
    related: [...about.related, ...about.payouts],
    holds: holds.filter(
      (hold) =>
        hold.subject === subject ||
        about.related.includes(hold.subject) ||
        isOnTheWay(hold.subject, { subject: at, state: explanation?.state, chains }),
    ),
  };
}

interface Standing {
  /** The subject that the explanation is of. */
  readonly at: string;
  readonly explanation: Explanation | undefined;
}

/** Where a subject is: a message where the hindmost is of the payouts that everyone can tie to it, as the status API says it. */
function standingOf(
  subject: string,
  steps: readonly (Step & { readonly subject: string })[],
  { payouts, isSealed }: About,
): Standing {
  const explainAlone = (at: string) =>
    explain(
      at,
      steps.filter((step) => step.subject === at),
    );
  const paid = payouts.flatMap((at) => {
    const explanation = explainAlone(at);
    return explanation === undefined ? [] : [{ at, explanation, isOver: explanation.isOver }];
  });
  const own = explainAlone(subject);
  return hindmost(paid) ?? { at: subject, explanation: own && withPublicEnd(own, isSealed) };
}

interface About {
  readonly facts: Readonly<Record<string, string>>;
  readonly related: readonly string[];
  /** Of a message: the releases that everyone can tie to it. */
  readonly payouts: readonly string[];
  /** Whether it is a message of which nothing else is to be seen after its commit. */
  readonly isSealed: boolean;
}

const NOTHING: About = { facts: {}, related: [], payouts: [], isSealed: false };

async function describeSubject(
  { database, chains }: ExplanationSources,
  subject: string,
): Promise<About> {
  const [kind, id = ''] = subject.split(' ');
  const [first = '', second = ''] = id.split('/');
  switch (kind) {
    case 'message':
      return await describeMessage(database, {
        chainId: BigInt(first),
        index: BigInt(second),
        gateway: chains.find(({ chainId }) => `${chainId}` === first)?.gateway,
      });
    case 'release':
      return await describeRelease(database, { chainId: BigInt(first), index: BigInt(second) });
    case 'batch':
      return await describeBatch(database, { chainId: BigInt(first), index: BigInt(second) });
    case 'commit':
      return await describeCommit(database, BigInt(first));
    default:
      return NOTHING;
  }
}

/** More than a gateway of ours ever makes: a payout, and a refund. */
const MOST_PAYOUTS = 64;

interface Place {
  readonly chainId: bigint;
  readonly index: bigint;
}

async function describeMessage(
  database: Database,
  { chainId, index, gateway }: Place & { readonly gateway: Hex | undefined },
): Promise<About> {
  const [row] = await database
    .select()
    .from(messages)
    .where(and(eq(messages.chainId, chainId), eq(messages.index, index)));
  if (row === undefined) return NOTHING;
  const [committed] = await database
    .select({ number: commits.number })
    .from(stateChanges)
    .innerJoin(commits, eq(commits.blockNumber, stateChanges.blockNumber))
    .where(
      and(
        eq(stateChanges.subject, messageSubject(chainId, index)),
        eq(stateChanges.reason, 'commit-included'),
      ),
    );
  const payouts =
    gateway === undefined
      ? []
      : await publicReleasesOf(database, { chainId, index, gateway }, MOST_PAYOUTS);
  const { asset, amount, fee, sentAtSec, transactionHash, blockNumber } = row;
  return {
    payouts: payouts.map((payout) => releaseSubject(payout.chainId, payout.index)),
    isSealed: row.destination === 0n,
    facts: {
      asset,
      amount: `${amount}`,
      fee: `${fee}`,
      sentAtSec: `${sentAtSec}`,
      block: `${blockNumber}`,
      ...(transactionHash !== null && { transaction: transactionHash }),
    },
    related: committed === undefined ? [] : [`commit ${committed.number}`],
  };
}

async function describeRelease(database: Database, { chainId, index }: Place): Promise<About> {
  const [[row], [batch]] = await Promise.all([
    database
      .select()
      .from(releases)
      .where(and(eq(releases.chainId, chainId), eq(releases.index, index))),
    database
      .select({ firstIndex: batches.firstIndex })
      .from(batches)
      .where(and(eq(batches.chainId, chainId), lte(batches.firstIndex, index)))
      .orderBy(desc(batches.firstIndex))
      .limit(1),
  ]);
  const related = batch === undefined ? [] : [`batch ${chainId}/${batch.firstIndex}`];
  if (row === undefined) return { ...NOTHING, related };
  const { tag, asset, paid, deferred, transactionHash, blockNumber } = row;
  return {
    ...NOTHING,
    facts: {
      tag,
      ...(asset !== null && { asset }),
      paid: `${paid}`,
      deferred: `${deferred}`,
      block: `${blockNumber}`,
      transaction: transactionHash,
    },
    related,
  };
}

async function describeBatch(database: Database, { chainId, index }: Place): Promise<About> {
  const [row] = await database
    .select()
    .from(batches)
    .where(and(eq(batches.chainId, chainId), eq(batches.firstIndex, index)));
  if (row === undefined) return NOTHING;
  const { epoch, submitter, prevHead } = row;
  return { ...NOTHING, facts: { epoch: `${epoch}`, submitter, prevHead } };
}

async function describeCommit(database: Database, number: bigint): Promise<About> {
  const [row] = await database.select().from(commits).where(eq(commits.number, number));
  if (row === undefined) return NOTHING;
  const { round, asOf, inputs, postState, blockNumber, isFinal, transactionHash } = row;
  return {
    ...NOTHING,
    facts: {
      round: `${round}`,
      asOf: `${asOf}`,
      inputs,
      postState,
      block: `${blockNumber}`,
      isFinal: `${isFinal}`,
      ...(transactionHash !== null && { transaction: transactionHash }),
    },
  };
}
