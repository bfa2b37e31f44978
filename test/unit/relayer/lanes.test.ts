import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RelayerError } from '../../../src/relayer/bridge.ts';
import type { Database } from '../../../src/relayer/journal/database.ts';
import { type Hold, holdsOn, isLaneHeld } from '../../../src/relayer/journal/holds.ts';
import { JournalError } from '../../../src/relayer/journal/statement-errors.ts';
import { mayRun } from '../../../src/relayer/lanes.ts';
import { Vitals } from '../../../src/relayer/vitals.ts';

vi.mock('../../../src/relayer/journal/holds.ts', async (original) => ({
  ...(await original<typeof import('../../../src/relayer/journal/holds.ts')>()),
  holdsOn: vi.fn(),
}));

const hold = (subject: Hold['subject']): Hold => ({ subject, reason: 'a test', atMs: 1 });

describe('a lane', () => {
  beforeEach(() => void vi.mocked(holdsOn).mockReset().mockResolvedValue([]));

  it('is held by its name, by its name without the enclave, and with all others', () => {
    const lane = 'prove ethereum @ /run/enclave-2.sock';
    const isHeldBy = (subject: Hold['subject']) => isLaneHeld([hold(subject)], lane);
    expect(isHeldBy('lane prove ethereum @ /run/enclave-2.sock')).toBe(true);
    expect(isHeldBy('lane prove ethereum')).toBe(true);
    expect(isHeldBy('lane *')).toBe(true);
    expect(isHeldBy('lane prove ethereum @ /run/enclave-1.sock')).toBe(false);
    expect(isHeldBy('lane prove')).toBe(false);
    expect(isHeldBy('message 31337/0')).toBe(false);
  });

  it('may run unless it is held or has halted, and then the others still may', async () => {
    const bridge = { vitals: new Vitals(), database: {} as Database };
    expect(await mayRun(bridge, 'commit')).toBe(true);
    vi.mocked(holdsOn).mockResolvedValue([hold('lane commit')]);
    expect([await mayRun(bridge, 'commit'), await mayRun(bridge, 'confirm')]).toEqual([
      false,
      true,
    ]);
    vi.mocked(holdsOn).mockResolvedValue([]);
    const halts = async () => {
      throw new RelayerError('RELAYER_STATE_DIVERGED', 'another secret');
    };
    await bridge.vitals.lane('confirm', halts).catch(() => undefined);
    expect([await mayRun(bridge, 'commit'), await mayRun(bridge, 'confirm')]).toEqual([
      true,
      false,
    ]);
  });

  it('fails, and counts as failing, where nobody can say whether it is held', async () => {
    const bridge = { vitals: new Vitals(), database: {} as Database };
    vi.mocked(holdsOn).mockRejectedValue(
      new JournalError({ table: 'holds', sqlState: 'ECONNREFUSED' }),
    );
    await expect(mayRun(bridge, 'commit')).rejects.toThrow(JournalError);
    expect(bridge.vitals.lanes()).toMatchObject([
      { name: 'commit', state: 'failing', failedWith: 'JOURNAL_STATEMENT_FAILED' },
    ]);
  });
});
