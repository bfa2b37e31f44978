import { expect, it, vi } from 'vitest';
import { ChainError } from '../../../../src/chains/shared/bridged-chain.ts';
import { examineAll, good } from '../../../../src/relayer/operate/finding.ts';
import { Vitals } from '../../../../src/relayer/vitals.ts';

it('a check that fails or hangs is a failure with what to do, and keeps no other from being made', async () => {
  vi.useFakeTimers();
  const gone = new ChainError('CHAIN_UNAVAILABLE', { chain: 'one', what: 'gone' });
  const examined = examineAll(new Vitals(), [
    { name: 'failing', fix: 'start it', look: () => Promise.reject(gone) },
    { name: 'hanging', fix: 'ask another', look: () => new Promise(() => undefined) },
    { name: 'leaking', fix: 'look', look: () => Promise.reject(new Error('secret 0xabc')) },
    { name: 'well', fix: 'nothing', look: async () => good('well', 'it answers') },
  ]);
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  const findings = await examined;
  expect(findings.map(({ check, verdict }) => [check, verdict])).toEqual([
    ['failing', 'fail'],
    ['hanging', 'fail'],
    ['leaking', 'fail'],
    ['well', 'ok'],
  ]);
  expect(findings[0]).toMatchObject({ says: 'CHAIN_UNAVAILABLE: one: gone.', fix: 'start it' });
  expect(findings[1]?.says).toContain('RELAYER_WAIT_LATE');
  expect(findings[2]?.says).toBe('Error');
});
