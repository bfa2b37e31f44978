import { CONTROL_KINDS } from '../../protocol/control.ts';
import type { CommandParams, EnclaveStatus } from '../../protocol/enclave-commands.ts';
import { roundCutSec } from '../../protocol/rounds.ts';
import type { Bridge, EnclaveLine } from '../bridge.ts';
import { finalControl, suspensions } from '../journal/control-messages.ts';
import { ANY_BLOCK, finalMessages, type MessageRow } from '../journal/messages.ts';
import { outboxOf } from '../prove/outbox.ts';
import type { Standing } from '../quorum/status-board.ts';
import { suspensionsOf } from '../suspensions.ts';
import { controlFor, lastDueRound } from './due-round.ts';

/** An enclave and what it has said of itself. */
export type Signer = Standing<EnclaveLine>;

/** What is to be committed next, and which enclaves can sign it. */
export interface DueCommit {
  readonly signers: readonly Signer[];
  readonly proposal: CommandParams<'propose'>;
}

/** What of the bridge decides on the next commit. */
export type ProposingBridge = Pick<
  Bridge,
  'schedule' | 'sides' | 'anchor' | 'database' | 'beneficiary'
>;

/**
 * The rounds that so many of the enclaves know to be complete as have to sign, and more than half of those that know of any. One to which
 * fewer rounds are complete is left out, and one that knows less of the anchor than a commit has to say: what it cannot be shown, or hides, must not hold
 * up the others.
 *
 * @param standing  enclaves of one ledger, brought up to date
 * @param threshold signatures that the anchor asks for
 * @returns undefined while no round is complete
 */
export async function proposalFor(
  bridge: ProposingBridge,
  standing: readonly Signer[],
  threshold: number,
): Promise<DueCommit | undefined> {
  const rows = await suspensions(bridge.database);
  const suspended = suspensionsOf(bridge.schedule, bridge.anchor.side.lagSec, rows);
  // The anchor takes no commit that does not cover the latest suspension, nor one with a time before the last one's.
  const lastSuspend = rows.findLast(({ kind }) => kind === CONTROL_KINDS.suspend)?.index ?? -1n;
  const complete = standing.flatMap((signer) => {
    const { ledger, control } = signer.status;
    if (control.position.count <= lastSuspend || control.provenAtSec < ledger.asOf) return [];
    const { round } = ledger;
    const due = lastDueRound(bridge, { round, suspended }, provenTimes(signer.status));
    return due > round ? [{ ...signer, due }] : [];
  });
  const needed = Math.max(threshold, Math.floor(complete.length / 2) + 1);
  const knowing = reached(complete, needed, ({ due }) => due);
  const signers = reached(knowing, needed, ({ status }) => status.control.provenAtSec);
  const [first] = signers;
  if (first === undefined) return undefined;
  const { ledger } = first.status;
  const statuses = signers.map(({ status }) => status);
  const asOf = least(statuses.map(({ control }) => control.provenAtSec));
  const round = least(signers.map(({ due }) => due));
  const control = await controlUpTo(bridge, statuses, round);
  const { beneficiary } = bridge;
  const paid = paidBeyond(first.status, statuses);
  return {
    signers,
    proposal: { prevState: ledger.stateId, round, asOf, control, paid, beneficiary },
  };
}

/** Those that have come as far as `needed` of them have, the furthest that they can be; none, if there are fewer. */
function reached<T>(all: readonly T[], needed: number, how: (one: T) => bigint): readonly T[] {
  const descending = all.map(how).toSorted((a, b) => (a > b ? -1 : 1));
  const bar = descending[needed - 1];
  return bar === undefined ? [] : all.filter((one) => how(one) >= bar);
}

function provenTimes({ ingested, control }: EnclaveStatus) {
  const chains = new Map(ingested.map(({ chainId, provenAtSec }) => [chainId, provenAtSec]));
  return { chains, control: control.provenAtSec };
}

async function controlUpTo(
  { schedule, anchor, database }: ProposingBridge,
  statuses: readonly EnclaveStatus[],
  round: bigint,
): Promise<bigint> {
  const proven = least(statuses.map(({ control }) => control.position.count));
  const range = { fromIndex: 0n, toBlock: ANY_BLOCK, limit: Number(proven) };
  const known = await finalControl(database, range);
  const consumed = least(statuses.map(({ ledger }) => ledger.control));
  return controlFor(roundCutSec(schedule, anchor.side.lagSec, round), consumed, known);
}

/** What every enclave has seen paid and the ledger does not know of. */
function paidBeyond({ ledger }: EnclaveStatus, statuses: readonly EnclaveStatus[]) {
  const known = new Map(ledger.paid.map(({ chainId, count }) => [chainId, count]));
  return ledger.inputs.flatMap(({ chainId }) => {
    const count = least(statuses.map((status) => outboxOf(status, chainId)?.paid ?? 0n));
    return count > (known.get(chainId) ?? 0n) ? [{ chainId, count }] : [];
  });
}

/** The messages that a commit consumes. */
export async function messagesUpTo(
  { schedule, sides, database }: ProposingBridge,
  { signers: [first], proposal }: DueCommit,
): Promise<MessageRow[]> {
  const consumed = new Map(first?.status.ledger.inputs.map((at) => [at.chainId, at.count]));
  const lists = sides.map(async ({ chain: { chainId }, lagSec }) => {
    const fromIndex = consumed.get(chainId) ?? 0n;
    const range = { chainId, fromIndex, toBlock: ANY_BLOCK, limit: MAX_QUARANTINED };
    const cutSec = roundCutSec(schedule, lagSec, proposal.round);
    const rows = await finalMessages(database, range);
    return rows.filter(({ sentAtSec }) => sentAtSec <= cutSec);
  });
  return (await Promise.all(lists)).flat();
}

/** So many of a chain are looked at when a commit is refused: who looks needs no more to know where. */
const MAX_QUARANTINED = 10_000;

function least(values: readonly bigint[]): bigint {
  return values.toSorted((a, b) => (a < b ? -1 : 1))[0] ?? 0n;
}
