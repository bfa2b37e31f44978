import { createLog } from '../../src/relayer/relayer-log.ts';
import {
  type Mark,
  markedBytes,
  markedHex,
  markOfBytes,
  markOfHex,
  markOfNumber,
} from './canary.ts';

// What a relayer handles of a transfer, marked, and how failures hold it and tell of it.

export const SENDER = markedHex('sender', 20);
export const REFUND_TO = markedHex('refundTo', 20);
export const AMOUNT = 918_273_645_546_372n;
export const ENVELOPE = markedHex('envelope', 640);
export const RECIPIENT = markedHex('recipient', 20);
export const PAID = 546_372_819_918_273n;
export const TAG = markedHex('tag', 32);
/** All of these. */
export const ROW_MARKS: readonly Mark[] = [
  markOfHex('sender', SENDER),
  markOfHex('refundTo', REFUND_TO),
  markOfNumber('amount', AMOUNT),
  markOfBytes('envelope', markedBytes('envelope', 640)),
  markOfHex('recipient', RECIPIENT),
  markOfNumber('paid', PAID),
  markOfHex('tag', TAG),
];

/** As a library throws that was given a transaction. */
export function libraryError(): Error {
  const transaction = { to: RECIPIENT, data: ENVELOPE, value: AMOUNT };
  const error = new Error(`call failed (data="${ENVELOPE}", to="${RECIPIENT}", value=${AMOUNT})`);
  return Object.assign(error, { code: 'CALL_EXCEPTION', transaction, info: { tag: TAG } });
}

/** What the relayer logs of an error. */
export function loggedOf(error: unknown): string {
  const lines: string[] = [];
  const log = createLog('trace', { destination: { write: (line) => lines.push(line) } });
  log.error({ err: error }, 'it failed');
  log.fatal({ err: error, job: { kind: 'release', id: '1' } }, 'it failed');
  return lines.join('');
}
