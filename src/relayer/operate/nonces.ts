import { isUnanswered } from '../../chains/shared/await-inclusion.ts';
import type { BlockRef } from '../../chains/shared/bridged-chain.ts';
import type { Hex } from '../../shared/bytes.ts';
import { type Account, accountsOf, type Bridge, RelayerError } from '../bridge.ts';
import { leaseOf, type Tenancy } from '../journal/leases.ts';
import { OPEN_STATES, type SubmissionRow, submissionsIn } from '../journal/submissions.ts';
import { nonceAfter, type SubmittingBridge } from '../submit/hand-over.ts';
import { holesOf } from '../submit/holes.ts';
import { keyOf, lead, leaseName } from '../submit/lead.ts';
import { attentionFor } from '../submit/repair.ts';
import { settleOpen } from '../submit/settle-open.ts';
import { settleSubmissions } from '../submit/settle-submissions.ts';
import { describeFailure } from './finding.ts';
import { readStanding } from './journal-standing.ts';

/**
 * What a repair does for a transaction: `note` what a block has made of it or of another with its nonce, `repeat` handing it over,
 * `renew` it where the market or the node asks for more, or nothing: `wait`, or it is `replaced` by a later one with its nonce.
 */
export type DueStep = 'note' | 'repeat' | 'renew' | 'wait' | 'replaced';

/** A transaction of which nobody knows the end. */
export interface OpenIntent {
  readonly nonce: number;
  /** What it is for, as an id. */
  readonly subject: string;
  readonly hash: Hex;
  /** `intent`: no node has said that it has it. */
  readonly state: string;
  /** Blocks since it was signed; null where the chain does not say. */
  readonly ageBlocks: number | null;
  readonly due: DueStep | null;
}

/** Nonces one after the other, both ends included. */
export interface NonceRange {
  readonly from: number;
  readonly to: number;
}

/** How an account's nonces stand on its chain. */
export interface ChainNonces {
  readonly head: number;
  /** The nonce that the next block may take. */
  readonly chainNonce: number;
  /** The nonce that the relayer would sign with next. */
  readonly nextNonce: number;
  /** `chainNonce` less `journalNonce`: less than 0 where the chain shows less than the journal has noted. */
  readonly drift: number;
  /** How many nonces blocks have taken that nothing in the journal is of. */
  readonly foreign: number;
  /** Nonces before an open one that nothing stands on: no block takes what comes after them. */
  readonly holes: readonly NonceRange[];
}

/** How the nonces of an account stand. Plain JSON. */
export interface AccountNonces {
  readonly chain: string;
  readonly chainId: string;
  readonly account: Hex;
  /** The nonce after the last that the journal has noted in a block. */
  readonly journalNonce: number;
  /** In a block, and not final yet. */
  readonly includedCount: number;
  /** By nonce and, of one nonce, the newest last. */
  readonly open: readonly OpenIntent[];
  /** Who may use the nonces; null if nobody ever has. */
  readonly lease: Tenancy | null;
  /** Null where the chain could not be asked; `failure` says why. */
  readonly onChain: ChainNonces | null;
  readonly failure: string | null;
}

/** What shows how nonces stand, and puts right what can be. */
export interface NonceKeeper {
  read(): Promise<readonly AccountNonces[]>;
  /** @throws {RelayerError} RELAYER_NOT_LEADING, RELAYER_CHAIN_UNKNOWN @throws as a transaction that is handed over */
  repair(chain: string): Promise<void>;
}

type KeptBridge = SubmittingBridge & Pick<Bridge, 'sides' | 'anchor'>;

/** Creates a keeper of the nonces of all accounts of a bridge, which gives up after so many milliseconds. */
export function createNonceKeeper(bridge: KeptBridge, deadlineMs: number): NonceKeeper {
  const { vitals } = bridge;
  return {
    read: () => vitals.wait('nonces to be read', deadlineMs, () => readAll(bridge)),
    repair: (chain) =>
      vitals.wait(`nonces on ${chain} to be repaired`, deadlineMs, () => repairOn(bridge, chain)),
  };
}

async function readAll(bridge: KeptBridge): Promise<AccountNonces[]> {
  const { accounts } = await readStanding(bridge.database);
  return await Promise.all(
    accountsOf(bridge).map((account) => {
      const { chainId, account: address } = keyOf(account);
      const noted = accounts.find((one) => one.chainId === `${chainId}` && one.account === address);
      return readOne(bridge, account, noted?.nextNonce ?? 0);
    }),
  );
}

async function readOne(
  { database }: KeptBridge,
  account: Account,
  journalNonce: number,
): Promise<AccountNonces> {
  const key = keyOf(account);
  const { asked, failure } = await ask(account);
  const [rows, lease] = await Promise.all([
    submissionsIn(database, key, [...OPEN_STATES, 'included']),
    leaseOf(database, leaseName(key)),
  ]);
  const open = rows.filter(({ state }) => state !== 'included');
  const last = open.at(-1)?.nonce ?? -1;
  const holes = asked && (await holesOf(database, key, { passed: asked.chainNonce, last, rows }));
  return {
    chain: account.chain.name,
    chainId: `${key.chainId}`,
    account: key.account,
    journalNonce,
    includedCount: rows.length - open.length,
    open: open.map((row) => intentOf(row, { open, asked })),
    lease: lease ?? null,
    onChain:
      asked === undefined || holes === undefined
        ? null
        : compare({ rows, open, asked, journalNonce, holes }),
    failure,
  };
}

interface Asked {
  readonly chainNonce: number;
  readonly head: number;
}

async function ask({
  chain,
  signer,
}: Account): Promise<{ readonly asked?: Asked; readonly failure: string | null }> {
  try {
    // The nonce before the head, as a repair does: what it has passed is in a block that the head knows.
    const chainNonce = await chain.nonceOf(signer);
    const { number: head } = await chain.head();
    return { asked: { chainNonce, head }, failure: null };
  } catch (error) {
    return { failure: describeFailure(error) };
  }
}

interface Among {
  readonly open: readonly SubmissionRow[];
  readonly asked: Asked | undefined;
}

function intentOf(row: SubmissionRow, { open, asked }: Among): OpenIntent {
  const { nonce, subject, hash, state } = row;
  const isNewest = open.findLast((other) => other.nonce === nonce) === row;
  return {
    nonce,
    subject,
    hash,
    state,
    ageBlocks: asked === undefined ? null : Math.max(0, asked.head - row.signedAt),
    due: asked === undefined ? null : dueStep(row, asked, isNewest ? 'wait' : 'replaced'),
  };
}

function dueStep(
  row: SubmissionRow,
  { chainNonce, head }: Asked,
  otherwise: 'wait' | 'replaced',
): DueStep {
  if (row.nonce < chainNonce) return 'note';
  if (otherwise === 'replaced') return otherwise;
  const { isRepeatDue, isLate } = attentionFor(row, head);
  if (isLate) return 'renew';
  return isRepeatDue ? 'repeat' : otherwise;
}

interface Compared {
  readonly rows: readonly SubmissionRow[];
  readonly open: readonly SubmissionRow[];
  readonly asked: Asked;
  readonly journalNonce: number;
  readonly holes: readonly number[];
}

function compare({ rows, open, asked, journalNonce, holes }: Compared): ChainNonces {
  const { chainNonce, head } = asked;
  const nonces = [...new Set(open.map(({ nonce }) => nonce))];
  const toNote = nonces.filter((nonce) => nonce >= journalNonce && nonce < chainNonce);
  const drift = chainNonce - journalNonce;
  return {
    head,
    chainNonce,
    nextNonce: nonceAfter(chainNonce, rows),
    drift,
    foreign: Math.max(0, drift - toNote.length),
    holes: rangesOf(holes),
  };
}

/** Runs of nonces, which are in order. */
function rangesOf(nonces: readonly number[]): NonceRange[] {
  const ranges: NonceRange[] = [];
  for (const nonce of nonces) {
    const from = ranges.at(-1)?.to === nonce - 1 ? ranges.pop()?.from : undefined;
    ranges.push({ from: from ?? nonce, to: nonce });
  }
  return ranges;
}

/** Does at once what a relayer does for its accounts on a chain as blocks come: from the journal and the chain, under the lease. */
async function repairOn(bridge: KeptBridge, name: string): Promise<void> {
  const accounts = accountsOf(bridge).filter(({ chain }) => chain.name === name);
  if (accounts.length === 0)
    throw new RelayerError('RELAYER_CHAIN_UNKNOWN', `no chain "${name}" is configured`);
  for (const account of accounts) {
    await lead(bridge, account);
    const final = await finalBlockOf(account);
    if (final === undefined) await settleOpen(bridge, account);
    else await settleSubmissions(bridge, account, final);
  }
}

/** Undefined where nothing tells what is final: only what is in blocks has to be noted as final then, and no nonce waits for that. */
async function finalBlockOf({ chain }: Account): Promise<BlockRef | undefined> {
  try {
    return await chain.finalizedHead();
  } catch (error) {
    if (isUnanswered(error)) return undefined;
    throw error;
  }
}
