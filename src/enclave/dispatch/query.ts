import { signDigest } from '../../crypto/secp256k1.ts';
import type { Account, LedgerState, LegEntry } from '../../ledger/state.ts';
import { accountId } from '../../protocol/account.ts';
import type { CommandParams } from '../../protocol/enclave-commands.ts';
import { type AccountPermit, openQuestion } from '../../protocol/query.ts';
import {
  type AccountAnswer,
  ANSWER_PAGE,
  sealAnswer,
  type WaitingLeg,
} from '../../protocol/query-answer.ts';
import type { Hex } from '../../shared/bytes.ts';
import { EnclaveError } from '../enclave-error.ts';
import { openingSecrets } from '../key-epochs.ts';
import { ledgerDomain } from '../measured-config.ts';
import type { EnclaveContext, EnclaveState, LedgerAt } from '../state.ts';
import type { Step } from './step.ts';

/**
 * Answers a question about an account from the ledger's own state, which is anchored and final.
 *
 * SECURITY: the host sees neither the account nor the answer, which are sealed and of one length; a question is refused in one
 * way whatever is wrong with it.
 *
 * @throws {EnclaveError} ENCLAVE_QUERY_REFUSED: it does not open, or its permit does not hold
 */
export async function query(
  state: EnclaveState,
  { sealed: question }: CommandParams<'query'>,
  { config, keys, rng }: EnclaveContext,
): Promise<Step<'query'>> {
  const { ledger } = state.durable;
  const domain = ledgerDomain(config);
  const secretOf = openingSecrets(ledger.state, [], keys);
  const permit = await openQuestion(question, domain, secretOf);
  if (permit === undefined || !holds(permit, ledger.state)) throw refused();
  const sign = (digest: Uint8Array) => signDigest(keys.signingKey, digest);
  const answer = answerOf(ledger, accountId(permit.owner));
  const reader = { reader: permit.reader, sign };
  try {
    const sealed = await sealAnswer(answer, { question, ledger: domain }, reader, rng);
    return { state, result: { sealed } };
  } catch {
    // The reader's key is none.
    throw refused();
  }
}

/** Whether the permit is for the ledger's round and not revoked: by using the nonce that it names, or leaving it behind. */
function holds(permit: AccountPermit, { round, accounts }: LedgerState): boolean {
  const { firstRound, lastRound, revocationNonce, owner } = permit;
  if (round < firstRound || round > lastRound) return false;
  const account = accounts.get(accountId(owner));
  if (account === undefined) return true;
  const place = revocationNonce - account.nonceBase;
  return place >= 0n && ((account.nonceBits >> place) & 1n) === 0n;
}

const NO_ACCOUNT: Omit<Account, 'root'> = { nonceBase: 0n, nonceBits: 0n, balances: [] };

function answerOf({ state, stateId }: LedgerAt, id: Hex): AccountAnswer {
  const account = state.accounts.get(id);
  const { nonceBase, nonceBits, balances } = account ?? NO_ACCOUNT;
  const legs = waitingLegs(state, id);
  return {
    account: id,
    number: state.number,
    stateId,
    round: state.round,
    isOpen: account !== undefined,
    nonceBase,
    nonceBits,
    balanceCount: balances.length,
    balances: balances.slice(0, ANSWER_PAGE),
    legCount: legs.length,
    legs: legs.slice(0, ANSWER_PAGE),
  };
}

/** All legs of an account, by ascending leg id. */
function waitingLegs({ legs }: LedgerState, id: Hex): readonly WaitingLeg[] {
  const own: WaitingLeg[] = [];
  for (const [, entry] of legs.entries()) {
    if (entry.payment?.account === id) own.push(describeLeg(entry, entry.payment));
  }
  return own;
}

function describeLeg(
  { notBefore, patience, afterPatience }: LegEntry,
  { chainId, asset, amount, tag }: NonNullable<LegEntry['payment']>,
): WaitingLeg {
  return { chainId, asset, amount, notBefore, patience, afterPatience, tag };
}

function refused(): EnclaveError {
  const message =
    'Expected a question sealed to the key epoch that the status names, with a permit that holds now, got another; ask for a new permit.';
  return new EnclaveError('ENCLAVE_QUERY_REFUSED', message);
}
