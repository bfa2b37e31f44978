import { beforeEach, describe, expect, it } from 'vitest';
import { hpkePublicKey } from '../../../../src/crypto/hpke.ts';
import { addressOf, signDigest } from '../../../../src/crypto/secp256k1.ts';
import { type AccountOwner, accountId } from '../../../../src/protocol/account.ts';
import { assetId, NATIVE_TOKEN } from '../../../../src/protocol/asset.ts';
import type { Leg } from '../../../../src/protocol/order.ts';
import { type AccountPermit, permitDigest, sealQuestion } from '../../../../src/protocol/query.ts';
import { type OpenedAnswer, openAnswer } from '../../../../src/protocol/query-answer.ts';
import { payoutTag } from '../../../../src/protocol/tag.ts';
import { fromHex, type Hex, toHex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { directLeg, sealedDeposit } from '../../../support/deposits.ts';
import {
  ANCHOR,
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  TERMS,
  testContext,
} from '../../../support/enclave-world.ts';

const context = testContext();
const { keys } = context;
const epochKey = await keys.epochKeyOf(1n);
const ledger = { chainId: POLKADOT, verifyingContract: ANCHOR };
const ownerKey = new Uint8Array(32).fill(0x11);
const owner: AccountOwner = {
  scheme: 'secp256k1',
  publicKey: `0x${'00'.repeat(12)}${addressOf(ownerKey).slice(2)}`,
  index: 0,
};
const account = accountId(owner);
const readerSecret = new Uint8Array(32).fill(0x22);
const reader = toHex(await hpkePublicKey(readerSecret));
const asset = assetId(ETHEREUM, NATIVE_TOKEN);
const pooled: Leg = { ...directLeg(POLKADOT, 200n), mode: 'pooled', crowd: 4 };

let world: EnclaveWorld;
beforeEach(async () => {
  world = new EnclaveWorld(context);
  await world.openLedger();
});

const ask = async (
  change: Partial<AccountPermit> = {},
  { signer = ownerKey, epoch = 1n }: { signer?: Uint8Array; epoch?: bigint } = {},
) => {
  const permit: AccountPermit = {
    owner,
    reader,
    what: 'balances',
    firstRound: 1n,
    lastRound: 100n,
    revocationNonce: 0n,
    ...change,
  };
  const signature = signDigest(signer, permitDigest(ledger, permit));
  const key = { epoch, epochKey: fromHex(epochKey) };
  const rng = { bytes: (length: number) => new Uint8Array(length).fill(5) };
  const question = await sealQuestion({ permit, signature }, key, ledger, rng);
  const { sealed } = await world.run('query', { sealed: question });
  return { question, sealed };
};
const answerTo = async (change: Partial<AccountPermit> = {}): Promise<OpenedAnswer> => {
  const { question, sealed } = await ask(change);
  const opened = await openAnswer(sealed, { question, ledger }, readerSecret);
  if (opened === undefined) throw new Error('no answer');
  return opened;
};
const depositWith = async (amount: bigint, legs: readonly Leg[], round = 2n) => {
  const sealing = { epoch: 1n, epochKey, seed: Number(round), order: { account, legs } };
  const body = { sentAtSec: cutOf(ETHEREUM, round) };
  world.deposit(ETHEREUM, await sealedDeposit(ETHEREUM, amount, { ...sealing, body }));
};

describe('a question about an account', () => {
  it('is answered with what the final state says, signed by the enclave', async () => {
    await depositWith(1000n, [pooled]);
    await world.advance();
    const { answer, signer } = await answerTo();
    expect(signer).toBe(keys.signer);
    const { state, stateId } = world.ledger;
    expect(answer).toMatchObject({
      account,
      number: state.number,
      stateId,
      round: 2n,
      isOpen: true,
      balances: [{ asset, amount: 1000n - 10n - TERMS.entryFee - 200n }],
      balanceCount: 1,
      legCount: 1,
      legs: [{ asset, amount: 200n, tag: payoutTag(new Uint8Array(32).fill(2), 0) }],
    });
  });

  it('is answered for an account that is not open', async () => {
    const { answer } = await answerTo();
    expect(answer).toMatchObject({ account, isOpen: false, balances: [], legs: [] });
  });

  it('says nothing of what is proposed and not final', async () => {
    await depositWith(1000n, []);
    await world.reach(2n);
    await world.propose();
    expect((await answerTo()).answer.isOpen).toBe(false);
  });

  it('is answered at one length, whatever there is to say', async () => {
    const { sealed: before } = await ask();
    await depositWith(1000n, [pooled]);
    await world.advance();
    const { sealed: after } = await ask();
    expect(after.length).toBe(before.length);
    expect(Buffer.from(after).includes(fromHex(account))).toBe(false);
  });

  it('shows so many legs and how many there are', async () => {
    for (const round of [2n, 3n, 4n]) {
      await depositWith(
        3000n,
        Array.from({ length: 6 }, () => pooled),
        round,
      );
    }
    await world.advance({ round: 4n });
    const { answer } = await answerTo();
    expect([answer.legCount, answer.legs.length]).toEqual([18, 16]);
  });
});

describe('a question is refused', () => {
  const refused = { code: 'ENCLAVE_QUERY_REFUSED', disposition: 'reject', meta: {} };

  it.each<[what: string, change: Partial<AccountPermit>]>([
    ['for rounds that are past', { lastRound: 0n, firstRound: 0n }],
    ['for rounds to come', { firstRound: 2n }],
    ['to be answered to a key that is none', { reader: `0x${'00'.repeat(32)}` }],
  ])('with a permit %s', async (_, change) => {
    expect(await asyncRefusal(ask(change))).toMatchObject(refused);
  });

  it('with a permit that the owner has not signed', async () => {
    const signer = new Uint8Array(32).fill(0x33);
    expect(await asyncRefusal(ask({}, { signer }))).toMatchObject(refused);
  });

  it('with a permit that is revoked by its nonce, used or left behind', async () => {
    await depositWith(1000n, []);
    await world.advance();
    const { state } = world.ledger;
    const open = state.accounts.get(account);
    if (open === undefined) throw new Error('not open');
    const used = { ...open, nonceBase: 5n, nonceBits: 0b10n };
    const accounts = state.accounts.set(account, used);
    const changed = { ...world.ledger, state: { ...state, accounts } };
    world.state = { ...world.state, durable: { ...world.state.durable, ledger: changed } };
    for (const revocationNonce of [0n, 4n, 6n]) {
      expect(await asyncRefusal(ask({ revocationNonce }))).toMatchObject(refused);
    }
    for (const revocationNonce of [5n, 7n, 500n]) {
      expect((await answerTo({ revocationNonce })).answer.nonceBase).toBe(5n);
    }
  });

  it('if it is sealed to another epoch, or altered', async () => {
    expect(await asyncRefusal(ask({}, { epoch: 2n }))).toMatchObject(refused);
    const { question } = await ask();
    for (const at of [0, 8, 60, question.length - 1]) {
      const sealed = question.with(at, (question[at] ?? 0) ^ 1);
      expect(await asyncRefusal(world.run('query', { sealed }))).toMatchObject(refused);
    }
    const short: Uint8Array = question.slice(1);
    expect(await asyncRefusal(world.run('query', { sealed: short }))).toMatchObject(refused);
  });
});

describe('an answer', () => {
  it('opens for its reader and its question only', async () => {
    const { question, sealed } = await ask();
    const other: Hex = `0x${'01'.repeat(20)}`;
    const place = { question, ledger };
    const wrong = [
      await openAnswer(sealed, place, new Uint8Array(32).fill(0x23)),
      await openAnswer(sealed, { ...place, question: question.slice(1) }, readerSecret),
      await openAnswer(sealed.slice(1), place, readerSecret),
    ];
    expect(wrong).toEqual([undefined, undefined, undefined]);
    const elsewhere = { question, ledger: { ...ledger, verifyingContract: other } };
    expect((await openAnswer(sealed, elsewhere, readerSecret))?.signer).not.toBe(keys.signer);
  });
});
