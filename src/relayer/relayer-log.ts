import { type DestinationStream, type Logger, pino } from 'pino';
import { encodeJson } from '../codec/json.ts';
import type { RelayerConfig } from '../config/relayer.ts';
import { BridgeError } from '../shared/errors.ts';
import { traceUnexpected } from './unexpected-error.ts';

/** The relayer's log: a line of facts for each thing that happens. */
export function createLog(
  level: RelayerConfig['logLevel'],
  destination?: DestinationStream,
): Logger {
  return pino({ name: 'relayer', level, serializers: { err: describe } }, destination);
}

/** One line of facts: the code and its meta, and where they come from if nobody foresaw them. */
function describe(error: unknown): unknown {
  if (!(error instanceof BridgeError)) return traceUnexpected(error);
  const { code, disposition, message, meta, cause } = error;
  const stack = code === 'RELAYER_UNEXPECTED' ? traceUnexpected(cause) : undefined;
  return { code, disposition, message, meta: printable(meta), stack };
}

/** As plain JSON: integers as text, secrets as what stands for them. */
export function printable(value: unknown): unknown {
  return JSON.parse(encodeJson(value));
}
