import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import type { Account, Bridge } from '../../../../src/relayer/bridge.ts';
import { type SubmissionRow, submissionsAt } from '../../../../src/relayer/journal/submissions.ts';
import { Serial } from '../../../../src/relayer/serial.ts';
import { awaitEnd } from '../../../../src/relayer/submit/submit-journaled.ts';
import { Vitals } from '../../../../src/relayer/vitals.ts';

vi.mock('../../../../src/relayer/journal/submissions.ts', async (actual) => ({
  ...(await actual<typeof import('../../../../src/relayer/journal/submissions.ts')>()),
  submissionsAt: vi.fn(),
}));

it('what is to be in a block shows by name, also while its account is in other hands, and a stop ends that', async () => {
  const open = { subject: 'commit 7', nonce: 3, state: 'broadcast' } as SubmissionRow;
  vi.mocked(submissionsAt).mockResolvedValue([open]);
  const account = {
    chain: { name: 'ethereum', chainId: 1n },
    signer: { address: '0x01' },
    submitting: new Serial(),
  } as unknown as Account;
  const stopping = new AbortController();
  const { signal } = stopping;
  const vitals = new Vitals({ signal });
  const bridge = { database: {}, log: pino({ level: 'silent' }), pollMs: 5, signal, vitals };
  void account.submitting.run(() => new Promise(() => undefined));
  const end = awaitEnd(bridge as Partial<Bridge> as Bridge, account, open).catch(String);
  await vi.waitFor(() =>
    expect(vitals.waits()).toMatchObject([{ name: 'commit 7 to be in a block of ethereum' }]),
  );
  stopping.abort(new Error('stopping'));
  expect(await end).toBe('Error: stopping');
});
