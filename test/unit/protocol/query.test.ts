import { describe, expect, it } from 'vitest';
import { signAsOwner, VECTOR_LEDGER, vectorPermit } from '../../../scripts/lib/order-vectors.ts';
import { hpkePublicKey, sealHpke } from '../../../src/crypto/hpke.ts';
import { addressOf, signDigest } from '../../../src/crypto/secp256k1.ts';
import type { SignatureScheme } from '../../../src/protocol/account.ts';
import { MAX_ANSWER_BYTES, MAX_QUERY_BYTES } from '../../../src/protocol/limits.ts';
import {
  openQuestion,
  permitDigest,
  SEALED_QUESTION_BYTES,
  sealQuestion,
} from '../../../src/protocol/query.ts';
import {
  type AccountAnswer,
  ANSWER_PAGE,
  openAnswer,
  SEALED_ANSWER_BYTES,
  sealAnswer,
} from '../../../src/protocol/query-answer.ts';
import { concatBytes, type Hex, toHex, utf8 } from '../../../src/shared/bytes.ts';

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const SECRET = new Uint8Array(32).fill(3);
const READER = new Uint8Array(32).fill(4);
const ENCLAVE = new Uint8Array(32).fill(5);
const rng = { bytes: (length: number) => new Uint8Array(length).fill(6) };
const KEY = { epoch: 7n, epochKey: await hpkePublicKey(SECRET) };
const secretOf = (epoch: bigint) => (epoch === 7n ? SECRET : undefined);
const flip = (bytes: Uint8Array, at: number) => bytes.map((b, i) => (i === at ? b ^ 1 : b));

function ask(scheme: SignatureScheme, signer = scheme): Promise<Uint8Array> {
  const permit = vectorPermit(scheme);
  const signature = signAsOwner(signer, permitDigest(VECTOR_LEDGER, permit));
  return sealQuestion({ permit, signature }, KEY, VECTOR_LEDGER, rng);
}

describe('a question', () => {
  it.each(['secp256k1', 'ed25519', 'sr25519'] as const)(
    'opens to the permit that its owner has signed by %s, at one size',
    async (scheme) => {
      const sealed = await ask(scheme);
      expect(await openQuestion(sealed, VECTOR_LEDGER, secretOf)).toEqual(vectorPermit(scheme));
      expect(sealed).toHaveLength(SEALED_QUESTION_BYTES);
    },
  );

  it('without the signature of its owner is none', async () => {
    const signature = new Uint8Array(64).fill(1);
    const forged = { permit: vectorPermit('ed25519'), signature };
    const sealed = await sealQuestion(forged, KEY, VECTOR_LEDGER, rng);
    expect(await openQuestion(sealed, VECTOR_LEDGER, secretOf)).toBeUndefined();
    const another = { ...vectorPermit('ed25519'), lastRound: 301n };
    const signed = signAsOwner('ed25519', permitDigest(VECTOR_LEDGER, vectorPermit('ed25519')));
    const stretched = { permit: another, signature: signed };
    const longer = await sealQuestion(stretched, KEY, VECTOR_LEDGER, rng);
    expect(await openQuestion(longer, VECTOR_LEDGER, secretOf)).toBeUndefined();
  });

  it('opens for no other ledger, epoch or length, nor with a byte changed', async () => {
    const sealed = await ask('ed25519');
    const elsewhere = { ...VECTOR_LEDGER, chainId: 1n };
    expect(await openQuestion(sealed, elsewhere, secretOf)).toBeUndefined();
    expect(await openQuestion(sealed, VECTOR_LEDGER, () => READER)).toBeUndefined();
    expect(await openQuestion(sealed.subarray(1), VECTOR_LEDGER, secretOf)).toBeUndefined();
    for (let at = 0; at < sealed.length; at++) {
      const changed = flip(sealed, at);
      expect(await openQuestion(changed, VECTOR_LEDGER, secretOf), `byte ${at}`).toBeUndefined();
    }
  });

  it('is only its one encoding', async () => {
    const order = vectorPermit('ed25519');
    const signature = signAsOwner('ed25519', permitDigest(VECTOR_LEDGER, order));
    const plaintext = (version: number, scheme: number, what: number, last: number) =>
      concatBytes(
        Uint8Array.of(version, scheme),
        Uint8Array.from(Buffer.from(order.owner.publicKey.slice(2), 'hex')),
        Uint8Array.of(1, 2, 3, 4),
        new Uint8Array(32).fill(0x29),
        Uint8Array.of(what),
        Uint8Array.from([5, 300, 71].flatMap((n) => [0, 0, 0, 0, 0, 0, n >> 8, n & 255])),
        signature,
        Uint8Array.of(last),
      );
    const open = async (bytes: Uint8Array) => {
      const info = concatBytes(utf8('veilspan/query/v1'), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7));
      const digits = `${'190f1b93'.padStart(64, '0')}${'b2'.repeat(20).padStart(64, '0')}`;
      const keys = { publicKey: KEY.epochKey, ephemeralIkm: SECRET };
      const context = { info, aad: Uint8Array.from(Buffer.from(digits, 'hex')) };
      const sealed = concatBytes(info.subarray(-8), await sealHpke(keys, bytes, context));
      return openQuestion(sealed, VECTOR_LEDGER, secretOf);
    };
    expect(await open(plaintext(1, 2, 1, 0))).toEqual(order);
    const others = [
      [0, 2, 1, 0],
      [1, 0, 1, 0],
      [1, 4, 1, 0],
      [1, 2, 0, 0],
      [1, 2, 2, 0],
      [1, 2, 1, 1],
    ];
    for (const [version = 0, scheme = 0, what = 0, last = 0] of others) {
      expect(await open(plaintext(version, scheme, what, last))).toBeUndefined();
    }
  });
});

const ANSWER: AccountAnswer = {
  account: word('0a'),
  number: 12n,
  stateId: word('0b'),
  round: 34n,
  isOpen: true,
  nonceBase: 7n,
  nonceBits: (1n << 127n) | 1n,
  balanceCount: 2,
  balances: [
    { asset: word('01'), amount: 1n },
    { asset: word('02'), amount: (1n << 128n) - 1n },
  ],
  legCount: 17,
  legs: Array.from({ length: ANSWER_PAGE }, (_, i) => ({
    chainId: BigInt(i),
    asset: word('03'),
    amount: 10n ** 18n,
    notBefore: 1n,
    patience: 2n,
    afterPatience: i % 2 === 0 ? 'wait' : 'return',
    tag: word('04'),
  })),
};
const EMPTY: AccountAnswer = {
  ...ANSWER,
  isOpen: false,
  nonceBase: 0n,
  nonceBits: 0n,
  balanceCount: 0,
  balances: [],
  legCount: 0,
  legs: [],
};

describe('an answer', () => {
  const place = { question: utf8('a sealed question'), ledger: VECTOR_LEDGER };
  const seal = async (answer: AccountAnswer) => {
    const reader = toHex(await hpkePublicKey(READER));
    const sign = (digest: Uint8Array) => signDigest(ENCLAVE, digest);
    return sealAnswer(answer, place, { reader, sign }, rng);
  };

  it('opens for its reader, and says which enclave signed it', async () => {
    for (const answer of [ANSWER, EMPTY]) {
      const opened = await openAnswer(await seal(answer), place, READER);
      expect(opened).toEqual({ answer, signer: addressOf(ENCLAVE) });
    }
  });

  it('has one size, whatever it says', async () => {
    expect(await seal(ANSWER)).toHaveLength(SEALED_ANSWER_BYTES);
    expect(await seal(EMPTY)).toHaveLength(SEALED_ANSWER_BYTES);
    expect(SEALED_QUESTION_BYTES).toBeLessThanOrEqual(MAX_QUERY_BYTES);
    expect(SEALED_ANSWER_BYTES).toBeLessThanOrEqual(MAX_ANSWER_BYTES);
  });

  it('shows the first page, and how many there are', async () => {
    const legs = [...ANSWER.legs, ...ANSWER.legs];
    const opened = await openAnswer(await seal({ ...ANSWER, legCount: 32, legs }), place, READER);
    expect(opened?.answer).toEqual({ ...ANSWER, legCount: 32 });
  });

  it('opens for nobody else, to no other question, nor with a byte changed', async () => {
    const sealed = await seal(ANSWER);
    expect(await openAnswer(sealed, place, SECRET)).toBeUndefined();
    const other = { ...place, question: utf8('another question') };
    expect(await openAnswer(sealed, other, READER)).toBeUndefined();
    for (const at of [0, 31, 32, 2000, sealed.length - 1]) {
      expect(await openAnswer(flip(sealed, at), place, READER)).toBeUndefined();
    }
    expect(await openAnswer(sealed.subarray(0, 40), place, READER)).toBeUndefined();
  });

  it('signed for another ledger is not the enclave’s', async () => {
    const ledger = { ...VECTOR_LEDGER, chainId: 1n };
    const opened = await openAnswer(await seal(ANSWER), { ...place, ledger }, READER);
    expect(opened?.signer).not.toBe(addressOf(ENCLAVE));
  });
});
