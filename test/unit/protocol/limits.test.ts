import { expect, test } from 'vitest';
import {
  MAX_ADVANCE_UPDATES,
  MAX_FRAME_BYTES,
  MAX_INGEST_MESSAGES,
} from '../../../src/protocol/enclave-commands.ts';
import * as limits from '../../../src/protocol/limits.ts';
import { MAX_ENVELOPE_BYTES } from '../../../src/protocol/message.ts';

// Enclave and relayer are of one release each, and not always of the same: a limit that moves is a change of protocol.
test('the limits of an enclave are these, and no others', () => {
  const { messageBytes, ...numbers } = limits;
  expect(numbers).toEqual({
    MAX_CHAINS: 16,
    MAX_INBOX_BYTES: 536_870_912,
    MAX_ANSWER_BYTES: 65_536,
    MAX_PROPOSALS: 16,
    MAX_QUERY_BYTES: 1024,
    MAX_RUN_PORTIONS: 1024,
    MAX_SNAPSHOT_CHUNKS: 256,
  });
  expect([MAX_FRAME_BYTES, MAX_INGEST_MESSAGES, MAX_ADVANCE_UPDATES]).toEqual([
    67_108_864, 750, 256,
  ]);
  expect(messageBytes({ envelope: new Uint8Array(7) })).toBe(3591);
});

test('an inbox takes 120,000 of the longest messages', () => {
  const longest = limits.messageBytes({ envelope: new Uint8Array(MAX_ENVELOPE_BYTES) });
  expect(120_000 * longest).toBeLessThanOrEqual(limits.MAX_INBOX_BYTES);
});
