import { Interface } from 'ethers';
import { describe, expect, test } from 'vitest';
import { queryAccount } from '../../../src/client/account-query.ts';
import { accountOfSecret } from '../../../src/client/account-signer.ts';
import { hpkePublicKey } from '../../../src/crypto/hpke.ts';
import { addressOf, signDigest } from '../../../src/crypto/secp256k1.ts';
import { accountId } from '../../../src/protocol/account.ts';
import { openQuestion } from '../../../src/protocol/query.ts';
import { type AccountAnswer, sealAnswer } from '../../../src/protocol/query-answer.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../support/async-refusal.ts';
import { WEST_COIN, wordOf } from '../../support/ledger.ts';

const REGISTRY = new Interface([
  'function epoch() view returns (uint64)',
  'function enclaveOf(uint64 epoch,address enclave) view returns ((uint64 expiresAt,bytes32 measurement))',
  'function isRevoked(address enclave) view returns (bool)',
]);
const LEDGER = { chainId: 7n, verifyingContract: `0x${'0a'.repeat(20)}` } as const;
/** The registry's signing epoch; the question is sealed to a key of another. */
const SIGNING_EPOCH = 5n;
const SECRET = new Uint8Array(32).fill(9);
const ENCLAVE_KEY = new Uint8Array(32).fill(0x11);
let drawn = 0;
const rng = { bytes: (length: number) => new Uint8Array(length).fill(++drawn) };

interface Enclave {
  readonly key?: Uint8Array;
  readonly admittedTo?: bigint;
  readonly isRevoked?: boolean;
  readonly nowSec?: bigint;
}

async function ask(about: Enclave = {}): Promise<AccountAnswer> {
  const { key = ENCLAVE_KEY, admittedTo = SIGNING_EPOCH, isRevoked = false, nowSec = 98n } = about;
  const call = async (_: Hex, data: Hex) => {
    const admitted = addressOf(ENCLAVE_KEY);
    if (data.startsWith(REGISTRY.getFunction('isRevoked')!.selector)) {
      return REGISTRY.encodeFunctionResult('isRevoked', [isRevoked]) as Hex;
    }
    if (data.startsWith(REGISTRY.getFunction('epoch')!.selector)) {
      return REGISTRY.encodeFunctionResult('epoch', [SIGNING_EPOCH]) as Hex;
    }
    const [epoch, enclave] = REGISTRY.decodeFunctionData('enclaveOf', data);
    const isKnown = epoch === admittedTo && enclave.toLowerCase() === admitted;
    return REGISTRY.encodeFunctionResult('enclaveOf', [[isKnown ? 99n : 0n, wordOf(1)]]) as Hex;
  };
  const head = async () => ({ number: 7, hash: wordOf(3) });
  const blockTimeSec = async () => nowSec;
  const signer = await accountOfSecret('//Alice');
  const place = {
    ledger: LEDGER,
    epochKey: { epoch: 2n, epochKey: await hpkePublicKey(SECRET) },
    round: 100n,
    roundSec: 300n,
    registry: { chain: { call, head, blockTimeSec }, address: LEDGER.verifyingContract },
  };
  const enclave = async (question: Uint8Array) => {
    const permit = await openQuestion(question, LEDGER, () => SECRET);
    if (!permit) throw new Error('no question');
    expect(permit).toMatchObject({ what: 'balances', firstRound: 0n, lastRound: 104n });
    const sign = (digest: Uint8Array) => signDigest(key, digest);
    const { reader } = permit;
    const answer = { ...ANSWER, account: accountId(permit.owner) };
    return await sealAnswer(answer, { question, ledger: LEDGER }, { reader, sign }, rng);
  };
  return await queryAccount(signer, place, { ask: enclave, rng });
}

const ANSWER: AccountAnswer = {
  account: wordOf(0),
  number: 5n,
  stateId: wordOf(2),
  round: 100n,
  isOpen: true,
  nonceBase: 0n,
  nonceBits: 1n,
  balanceCount: 1,
  balances: [{ asset: WEST_COIN, amount: 12n }],
  legCount: 0,
  legs: [],
};

describe('a question about an account', () => {
  test('is answered to its owner, with a permit for a quarter of an hour', async () => {
    expect(await ask()).toMatchObject({ isOpen: true, balances: [{ amount: 12n }] });
  });

  test.each([
    ['a key that no registry knows', { key: new Uint8Array(32).fill(0x22) }],
    ['an enclave that was admitted to an epoch before', { admittedTo: 4n }],
    ['an enclave that was admitted to the epoch of the key alone', { admittedTo: 2n }],
    ['an enclave that was revoked', { isRevoked: true }],
    ['an enclave whose time is over', { nowSec: 99n }],
  ])('is not believed where %s has signed the answer', async (_, about) => {
    expect((await asyncRefusal(ask(about))).code).toBe('ACCOUNT_ANSWER_INVALID');
  });
});
