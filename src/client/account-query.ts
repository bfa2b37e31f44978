import { REGISTRY_ABI } from '../chains/shared/abi.ts';
import type { BridgedChain } from '../chains/shared/bridged-chain.ts';
import { readContract } from '../chains/shared/read-contract.ts';
import { hpkePublicKey } from '../crypto/hpke.ts';
import type { SigningDomain } from '../protocol/eip712.ts';
import type { EpochKey } from '../protocol/envelope.ts';
import { type AccountPermit, sealQuestion } from '../protocol/query.ts';
import { type AccountAnswer, openAnswer } from '../protocol/query-answer.ts';
import { type Hex, toHex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import type { Rng } from '../shared/rng.ts';
import type { AccountSigner } from './account-signer.ts';

/** How long a permit holds that is made for one question, in seconds. */
const PERMIT_SEC = 900n;
/** No nonce ends such a permit: it ends by itself. */
const NEVER = 2n ** 64n - 1n;

/** Hands a sealed question to an enclave and brings its sealed answer. Whoever carries them can read neither. */
export type AskEnclave = (sealed: Uint8Array) => Promise<Uint8Array>;

/** What a question is asked with. */
export interface QueryPlace {
  readonly ledger: SigningDomain;
  readonly epochKey: EpochKey;
  /** The ledger's last round. */
  readonly round: bigint;
  readonly roundSec: bigint;
  /** The anchor chain's registry, which knows who may answer. */
  readonly registry: {
    readonly chain: Pick<BridgedChain, 'call' | 'head' | 'blockTimeSec'>;
    readonly address: Hex;
  };
}

/**
 * What the final state says of an account: its balances, its nonce window, the legs that wait. The wallet signs a permit for a key
 * of this question alone.
 *
 * @throws {AccountAnswerError} ACCOUNT_ANSWER_INVALID: the answer is none to this question, or not by an admitted enclave
 */
export async function queryAccount(
  signer: AccountSigner,
  place: QueryPlace,
  { ask, rng }: { readonly ask: AskEnclave; readonly rng: Rng },
): Promise<AccountAnswer> {
  const { ledger, epochKey, round, roundSec } = place;
  const secret = rng.bytes(32);
  const permit: AccountPermit = {
    owner: signer.owner,
    reader: toHex(await hpkePublicKey(secret)),
    what: 'balances',
    firstRound: 0n,
    lastRound: round + PERMIT_SEC / roundSec + 1n,
    revocationNonce: NEVER,
  };
  const signature = await signer.signPermit(ledger, permit);
  const question = await sealQuestion({ permit, signature }, epochKey, ledger, rng);
  const opened = await openAnswer(await ask(question), { question, ledger }, secret);
  if (opened === undefined) throw new AccountAnswerError('no answer to what was asked');
  if (!(await isAdmitted(place, opened.signer))) {
    throw new AccountAnswerError(`signed by ${opened.signer}, which is no admitted enclave`);
  }
  return opened.answer;
}

/** Whether an enclave may sign in the registry's running epoch, which is not the epoch of the key that the question is sealed to. */
async function isAdmitted({ registry }: QueryPlace, enclave: Hex): Promise<boolean> {
  const contract = { ...registry, abi: REGISTRY_ABI };
  const [[entry], [isRevoked], nowSec] = await Promise.all([
    readContract(contract, 'epoch').then(([epoch]) =>
      readContract(contract, 'enclaveOf', [epoch, enclave]),
    ),
    readContract(contract, 'isRevoked', [enclave]),
    registry.chain.head().then(({ hash }) => registry.chain.blockTimeSec(hash)),
  ]);
  return (entry as { readonly expiresAt: bigint }).expiresAt > nowSec && isRevoked === false;
}

/** Something came back that says nothing of the account. */
export class AccountAnswerError extends BridgeError<{ what: string }> {
  readonly code = 'ACCOUNT_ANSWER_INVALID';
  readonly disposition = 'retry';
  constructor(what: string) {
    super(`Expected an enclave's answer, got ${what}; ask another enclave.`, { what });
  }
}
