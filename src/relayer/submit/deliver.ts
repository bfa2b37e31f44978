import { isUnanswered } from '../../chains/shared/await-inclusion.ts';
import { type Reach, refusalIn, type SentCall } from '../../chains/shared/bridged-chain.ts';
import {
  AFTER_REFUSAL,
  type AfterRefusal,
  type TransactionRefusal,
} from '../../chains/shared/transaction-refusal.ts';
import type { Account, Bridge } from '../bridge.ts';
import type { Fence } from '../journal/leases.ts';
import { liftHeld } from '../journal/state-changes.ts';
import { markSubmissions, type SubmissionMark } from '../journal/submissions.ts';
import { noteHeldAt } from './note-held.ts';
import { isBatch } from './release-call.ts';

type DeliveringBridge = Pick<Bridge, 'database' | 'log' | 'clock'>;

type Delivery = SentCall & { readonly subject: string };

/** Signed transactions of an account in the order of their nonces, under its lease. */
interface DeliveredLine {
  readonly fence: Fence;
  readonly line: readonly Delivery[];
  /** The chain's newest block, as far as it was known just before. */
  readonly head: number;
  /** `one node` unless given. */
  readonly reach?: Reach;
}

/** What follows from an attempt to hand a transaction over, and the node's refusal if it refused. */
export interface Delivered {
  readonly after: AfterRefusal;
  readonly meaning?: TransactionRefusal;
  readonly refusal?: unknown;
}

/** What the journal notes of a transaction after it was handed over, beside when that was. */
const NOTED: Readonly<Record<AfterRefusal, Partial<SubmissionMark>>> = {
  taken: { state: 'broadcast' },
  drop: { state: 'lost', costWei: 0n },
  wait: {},
  renew: {},
};

/**
 * Hands transactions to a node and notes what it says; no answer is none. Behind a first one that is dropped for good none is handed over,
 * and none will be. The others go out together: if one of them is dropped, its nonce is filled when what is open is settled, and what comes
 * behind it fails in its block.
 *
 * @returns what became of each that was handed over
 */
export async function deliver(
  bridge: DeliveringBridge,
  { chain }: Account,
  { fence, head, line, reach = 'one node' }: DeliveredLine,
): Promise<readonly Delivered[]> {
  const delivered = await tellLine(bridge, chain, { line, reach });
  const marks = line.map(({ hash }, i): SubmissionMark => {
    return { hash, sentAt: head, ...NOTED[delivered[i]?.after ?? 'drop'] };
  });
  await markSubmissions(bridge.database, fence, marks);
  await noteHolds(bridge, chain, { line, delivered, head });
  return delivered;
}

interface Noted {
  readonly line: readonly Delivery[];
  readonly delivered: readonly Delivered[];
  readonly head: number;
}

/** A batch waits for coins as long as a node says so, and for nothing any more once one has taken it. */
async function noteHolds(
  bridge: DeliveringBridge,
  { chainId }: Account['chain'],
  { line, delivered, head: blockNumber }: Noted,
): Promise<void> {
  const batches = line.flatMap(({ subject }, i) => {
    const told = delivered[i];
    return told !== undefined && isBatch(subject) ? [{ ...told, subject }] : [];
  });
  const taken = batches.filter(({ after }) => after === 'taken');
  await liftHeld(
    bridge.database,
    taken.map(({ subject }) => subject),
  );
  for (const { subject, meaning } of batches) {
    if (meaning !== 'unfunded') continue;
    await noteHeldAt(bridge, { subject, reason: 'account-empty', chainId, blockNumber });
  }
}

async function tellLine(
  bridge: DeliveringBridge,
  chain: Account['chain'],
  { line, reach }: { readonly line: readonly Delivery[]; readonly reach: Reach },
): Promise<Delivered[]> {
  const tellSome = (some: readonly Delivery[]) =>
    Promise.all(some.map((delivery) => tell(bridge, chain, { delivery, reach })));
  const told = await tellSome(line.slice(0, 1));
  // What every node is given was handed over before, and may have been taken: it does not hang on what comes before it.
  const isFresh = reach === 'one node';
  if (!isFresh || told[0]?.after !== 'drop') told.push(...(await tellSome(line.slice(1))));
  // A node that keeps nothing for later has refused what came before its turn.
  for (let i = 1; told[i - 1]?.after === 'taken' && told[i] !== undefined; i++) {
    if (told[i]?.meaning !== 'nonce-ahead') continue;
    told.splice(i, 1, ...(await tellSome(line.slice(i, i + 1))));
  }
  return told;
}

interface Telling {
  readonly delivery: Delivery;
  readonly reach: Reach;
}

async function tell(
  { log }: DeliveringBridge,
  chain: Account['chain'],
  { delivery: { subject, ...sent }, reach }: Telling,
): Promise<Delivered> {
  try {
    await chain.broadcast(sent, reach);
    return { after: 'taken' };
  } catch (error) {
    const meaning = refusalIn(error);
    if (meaning === undefined && !isUnanswered(error)) throw error;
    const after = meaning === undefined ? 'wait' : AFTER_REFUSAL[meaning];
    const { nonce } = sent;
    log.warn({ err: error, chain: chain.name, subject, nonce, meaning, after }, 'not taken');
    return { after, refusal: error, ...(meaning && { meaning }) };
  }
}
