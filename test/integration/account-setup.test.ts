import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChainCall } from '../../src/chains/shared/bridged-chain.ts';
import { DEFAULT_CEILINGS } from '../../src/chains/shared/fee-ceilings.ts';
import type { Account } from '../../src/relayer/bridge.ts';
import { submissionsIn } from '../../src/relayer/journal/submissions.ts';
import { Serial } from '../../src/relayer/serial.ts';
import { keyOf } from '../../src/relayer/submit/lead.ts';
import { submitJournaled } from '../../src/relayer/submit/submit-journaled.ts';
import { type SubstrateAccounts, startSubstrateAccounts } from '../support/substrate-accounts.ts';

const CALL: ChainCall = { to: `0x${'ab'.repeat(20)}`, data: '0x', valueWei: 10n ** 18n };
const SUBMISSION = { subject: 'commit 1', call: CALL };

describe('an account that pallet-revive has not mapped yet', { timeout: 60_000 }, () => {
  let world: SubstrateAccounts;
  beforeAll(async () => {
    world = await startSubstrateAccounts();
  }, 120_000);
  afterAll(() => world?.close());

  const accountOf = async (secret: string, ceilings = DEFAULT_CEILINGS): Promise<Account> => {
    const { chain } = world;
    const limits = { ceilings, dayWei: 10n ** 20n, leastBalanceWei: 0n, inFlight: 8 };
    return { chain, signer: await chain.signer(secret), submitting: new Serial(), limits };
  };

  it('is told with what it has and where coins for it go, and nothing is submitted for that', async () => {
    const { chain } = world;
    const funded = await chain.signer('//Ferdie');
    const empty = await chain.signer('//Nobody');
    expect(await chain.balanceWei(funded.address)).toBeGreaterThan(10n ** 18n);
    expect(await chain.balanceWei(empty.address)).toBe(0n);
    expect(empty.payTo).toBe('5FQzhS8MRMGNZfCxVJaWu4n4Q6jt53zv2hxYguM4Y5fVkcHZ');
    await world.devnet.produceBlock();
    expect([await chain.nonceOf(funded), await chain.nonceOf(empty)]).toEqual([0, 0]);
    expect(await chain.setupOf(funded)).toBeDefined();
  });

  it('is mapped by what is journaled and costs no more than it may, before its first call', async () => {
    const poor = await accountOf('//Eve', { ...DEFAULT_CEILINGS, transactionWei: 1n });
    await expect(submitJournaled(world.bridge, poor, SUBMISSION)).rejects.toMatchObject({
      code: 'CHAIN_FEE_ABOVE_CEILING',
    });
    expect(await world.chain.nonceOf(poor.signer)).toBe(0);

    const account = await accountOf('//Eve');
    await submitJournaled(world.bridge, account, SUBMISSION);
    const rows = await submissionsIn(world.journal.database, keyOf(account), ['included']);
    expect(rows.map(({ subject, nonce }) => [subject, nonce])).toEqual([
      [`account ${account.signer.address}`, 0],
      ['commit 1', 1],
    ]);
    expect(await world.chain.setupOf(account.signer)).toBeUndefined();
  });

  it('is mapped once by whatever is submitted past the journal at the same time', async () => {
    const { chain } = world;
    const signer = await chain.signer('//Dave');
    await Promise.all([1, 2, 3].map(() => chain.submit(signer, CALL)));
    expect(await chain.nonceOf(signer)).toBe(4);
  });
});
