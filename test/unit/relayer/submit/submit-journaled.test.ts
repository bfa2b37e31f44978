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

const OPEN = { subject: 'commit 7', nonce: 3, state: 'broadcast' } as SubmissionRow;
const NAME = 'commit 7 to be in a block of ethereum';

/** What waits for the end of a transaction that stays open, until it is stopped. */
function startWaiting(account: Account, pollMs: number) {
  vi.mocked(submissionsAt).mockResolvedValue([OPEN]);
  const stopping = new AbortController();
  const { signal } = stopping;
  const vitals = new Vitals({ signal });
  const bridge = { database: {}, log: pino({ level: 'silent' }), pollMs, signal, vitals };
  const end = awaitEnd(bridge as Partial<Bridge> as Bridge, account, OPEN).catch(String);
  return { vitals, end, stop: () => stopping.abort(new Error('stopping')) };
}

const accountOf = () =>
  ({
    chain: { name: 'ethereum', chainId: 1n },
    signer: { address: '0x01' },
    submitting: new Serial(),
  }) as unknown as Account;

it('what is to be in a block shows by name, also while its account is in other hands, and a stop ends that', async () => {
  const account = accountOf();
  void account.submitting.run(() => new Promise(() => undefined));
  const { vitals, end, stop } = startWaiting(account, 5);
  await vi.waitFor(() =>
    expect(vitals.waits()).toMatchObject([
      { name: NAME },
      { name: 'a look for commit 7 on ethereum' },
    ]),
  );
  stop();
  expect(await end).toBe('Error: stopping');
  expect(vitals.waits()).toEqual([]);
});

it('what is to be in a block shows from its beginning on between two looks for it', async () => {
  const account = accountOf();
  const looks = vi.spyOn(account.submitting, 'run').mockResolvedValue(undefined);
  const { vitals, end, stop } = startWaiting(account, 50);
  await vi.waitFor(() => expect(looks.mock.calls.length).toBe(2));
  await vi.waitFor(() => expect(vitals.waits()).toHaveLength(1));
  const [wait] = vitals.waits();
  expect(wait?.name).toBe(NAME);
  expect(wait?.forMs).toBeGreaterThan(40);
  stop();
  expect(await end).toBe('Error: stopping');
});
