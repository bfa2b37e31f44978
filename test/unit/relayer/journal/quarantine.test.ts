import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RemoteRefusal } from '../../../../src/enclave-client/enclave-client.ts';
import type { Database } from '../../../../src/relayer/journal/database.ts';
import { journalQuarantine } from '../../../../src/relayer/journal/quarantine.ts';
import { recordChanges } from '../../../../src/relayer/journal/state-changes.ts';

vi.mock('../../../../src/relayer/journal/state-changes.ts', () => ({ recordChanges: vi.fn() }));
const recorded = vi.mocked(recordChanges);

const bridge = {
  database: {} as Database,
  log: pino({ level: 'silent' }),
  clock: { nowMs: () => 7 },
};
const messages = [
  { chainId: 31337n, index: 4n, blockNumber: 10 },
  { chainId: 420420500n, index: 0n, blockNumber: 3 },
];
const refusal = (code: string) =>
  new RemoteRefusal('ingest', { code, disposition: 'reject', message: code, meta: {} });

describe('messages that an enclave does not go on with', () => {
  beforeEach(() => {
    recorded.mockReset().mockResolvedValue([]);
  });

  it.each([
    ['COMMAND_MALFORMED', 'message-unreadable'],
    ['ENCLAVE_TRANSITION_FAILED', 'ledger-refused'],
  ])('are quarantined after %s, each by its own chain', async (code, reason) => {
    await journalQuarantine(bridge, refusal(code), async () => messages);
    const step = { state: 'quarantined', reason, atMs: 7 };
    expect(recorded.mock.calls[0]?.[1]).toEqual([
      { ...step, subject: 'message 31337/4', chainId: 31337n, blockNumber: 10 },
      { ...step, subject: 'message 420420500/0', chainId: 420420500n, blockNumber: 3 },
    ]);
  });

  it.each([
    ['a node that told of others', refusal('ENCLAVE_REPLAY_MISMATCH')],
    ['no answer', new Error('gone')],
  ])('are not for %s', async (_, failure) => {
    await journalQuarantine(bridge, failure, async () => messages);
    expect(recorded).not.toHaveBeenCalled();
  });
});
