import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChainCall, SignedCall } from '../../src/chains/shared/bridged-chain.ts';
import { DEFAULT_CEILINGS } from '../../src/chains/shared/fee-ceilings.ts';
import { createScaleCursor, encodeByteVector, readByteVector } from '../../src/codec/scale.ts';
import type { Account } from '../../src/relayer/bridge.ts';
import type { OpenDatabase } from '../../src/relayer/journal/database.ts';
import type { SubmissionState } from '../../src/relayer/journal/schema.ts';
import { recordIntents, submissionsIn } from '../../src/relayer/journal/submissions.ts';
import { Serial } from '../../src/relayer/serial.ts';
import { handOver, type SubmittingBridge } from '../../src/relayer/submit/hand-over.ts';
import { keyOf, lead } from '../../src/relayer/submit/lead.ts';
import { settleOpen } from '../../src/relayer/submit/settle-open.ts';
import { concatBytes, fromHex, toHex } from '../../src/shared/bytes.ts';
import { asyncRefusal } from '../support/async-refusal.ts';
import { type SubstrateAccounts, startSubstrateAccounts } from '../support/substrate-accounts.ts';

const CALL: ChainCall = { to: `0x${'ab'.repeat(20)}`, data: '0x', valueWei: 10n ** 18n };
const LIMITS = {
  ceilings: DEFAULT_CEILINGS,
  dayWei: 10n ** 20n,
  leastBalanceWei: 0n,
  inFlight: 8,
};
const ALL: readonly SubmissionState[] = ['intent', 'broadcast', 'included', 'lost'];

/** Version, signer, signature and era. */
const BEFORE_NONCE_BYTES = 1 + 33 + 65 + 2;

/** As it would have been signed for a runtime with one more extension, which has a byte of its own. */
function ofOtherLayout(signed: SignedCall): SignedCall {
  const body = readByteVector(createScaleCursor(fromHex(signed.raw)));
  const [head, tail] = [body.subarray(0, BEFORE_NONCE_BYTES), body.subarray(BEFORE_NONCE_BYTES)];
  const raw = toHex(encodeByteVector(concatBytes(head, new Uint8Array(1), tail)));
  return { ...signed, raw, hash: `0x${signed.hash.slice(2).split('').reverse().join('')}` };
}

describe('what was signed for a runtime of another layout', { timeout: 60_000 }, () => {
  let world: SubstrateAccounts;
  let bridge: SubmittingBridge;
  let journal: OpenDatabase;
  let account: Account;

  beforeAll(async () => {
    world = await startSubstrateAccounts();
    const { chain } = world;
    ({ bridge, journal } = world);
    const signer = await chain.signer('//Alice');
    await chain.submit(signer, CALL);
    account = { chain, signer, submitting: new Serial(), limits: LIMITS };
  }, 120_000);
  afterAll(() => world?.close());

  const states = async () => {
    const rows = await submissionsIn(journal.database, keyOf(account), ALL);
    return rows.map(({ subject, state }) => [subject, state]);
  };
  /** Writes down what an earlier relayer has signed and handed over. */
  const leave = async (subject: string, intent: SignedCall) => {
    const fence = await lead(bridge, account);
    await recordIntents(journal.database, fence, [{ ...intent, ...keyOf(account), subject }]);
  };
  const settled = (expected: readonly (readonly [string, SubmissionState])[]) =>
    expect
      .poll(
        async () => {
          await settleOpen(bridge, account);
          return await states();
        },
        { timeout: 50_000, interval: 200 },
      )
      .toEqual(expected);
  const signOld = async () => ofOtherLayout(await account.chain.sign(account.signer, CALL));

  it.each(['expired', 'late', 'outbid'] as const)(
    'is signed anew from what was kept of it: %s',
    async (why) => {
      const { chain, signer } = account;
      const old = await signOld();
      const renewed = await chain.renew(signer, old, { why });
      const { raw: _, ...kept } = old;
      expect(renewed).toMatchObject({ nonce: kept.nonce, call: kept.call });
      if (renewed !== undefined) await chain.broadcast(renewed);
      await expect
        .poll(async () => renewed && (await chain.receiptOf(renewed)), { timeout: 20_000 })
        .toMatchObject({ transactionHash: renewed?.hash });
    },
  );

  it('holds nothing else up where the runtime of now has no such call', async () => {
    const { call, ...old } = await signOld();
    const other = { ...old, call: call && { ...call, to: '0xab' as const } };
    const renewal = Promise.resolve(account.chain.renew(account.signer, other, { why: 'expired' }));
    // What is an error of the chain's waits, and what has other nonces goes on.
    const code = 'CHAIN_CALL_UNBUILDABLE';
    expect(await asyncRefusal(renewal)).toMatchObject({ code, disposition: 'retry' });
  });

  it('is carried out at its nonce, and so is what comes behind it', async () => {
    await leave('commit 1', await signOld());
    await handOver(bridge, account, { subject: 'commit 2', call: CALL });
    await settled([
      ['commit 1', 'lost'],
      ['commit 1', 'included'],
      ['commit 2', 'included'],
    ]);
  });

  it('is given up where nothing was kept of it, and its nonce is filled for what comes behind it', async () => {
    await journal.pglite?.exec('DELETE FROM submissions');
    const { call: _, ...old } = await signOld();
    const why = { why: 'expired' } as const;
    expect(
      await asyncRefusal(Promise.resolve(account.chain.renew(account.signer, old, why))),
    ).toMatchObject({ code: 'CHAIN_TRANSACTION_UNREADABLE', disposition: 'retry' });
    await leave('commit 3', old);
    await handOver(bridge, account, { subject: 'commit 4', call: CALL });
    await settled([
      ['commit 3', 'lost'],
      [`hole ${old.nonce}`, 'included'],
      ['commit 4', 'included'],
    ]);
  });
});
