import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { encodeJson } from '../codec/json.ts';
import type { RelayerConfig } from '../config/relayer.ts';
import { BridgeError } from '../shared/errors.ts';
import { fitLine, hideUrls, prettyLine } from './log-lines.ts';
import { Repeats } from './repeats.ts';
import { traceUnexpected } from './unexpected-error.ts';

/** Where the lines go: the process's standard output unless given. */
export interface LogOptions {
  readonly destination?: DestinationStream;
  readonly format?: RelayerConfig['logFormat'];
}

/** The relayer's log: a line of facts for each thing that happens. A failure that repeats itself has one at every doubling. */
export function createLog(
  level: RelayerConfig['logLevel'],
  { destination = pino.destination(1), format = 'json' }: LogOptions = {},
): Logger {
  const isPretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY === true);
  const write = (line: string) => {
    const fitted = fitLine(hideUrls(line));
    destination.write(isPretty ? prettyLine(fitted) : fitted);
  };
  const hooks = { logMethod: onceADoubling(new Repeats()) };
  return pino({ name: 'relayer', level, serializers: { err: describe }, hooks }, { write });
}

type LogMethod = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>;

/** As pino numbers it. */
const FATAL = 60;

/** Of what has an error and is not the last word. */
function onceADoubling(repeats: Repeats): LogMethod {
  return function log(this: Logger, args, method, level): void {
    const [facts, message, ...rest] = args as unknown as [unknown, string, ...unknown[]];
    const isFailure = typeof facts === 'object' && facts !== null && 'err' in facts;
    if (!isFailure || level >= FATAL) {
      method.apply(this, args);
      return;
    }
    const { err, ...others } = facts;
    // What the end cuts off has not failed.
    if (err instanceof BridgeError && err.code === 'RELAYER_STOPPING') return;
    const times = repeats.count(`${message} ${nameOf(err)} ${subjectOf(others)}`);
    if (times === undefined) return;
    const said = times === 1 ? facts : { ...facts, times };
    method.apply(this, [said, message, ...rest] as unknown as typeof args);
  };
}

function nameOf(error: unknown): string {
  if (error instanceof BridgeError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}

/** What it is about, without what counts. */
function subjectOf(facts: object): string {
  return encodeJson(Object.entries(facts).filter(([, value]) => typeof value !== 'number'));
}

/** One line of facts: the code and its meta, and where they come from if nobody foresaw them. */
function describe(error: unknown): unknown {
  if (!(error instanceof BridgeError)) return traceUnexpected(error);
  const { code, disposition, message, meta, cause } = error;
  const stack = code === 'RELAYER_UNEXPECTED' ? traceUnexpected(cause) : undefined;
  return { code, disposition, message, meta: printable(meta), causes: causesOf(cause), stack };
}

const MAX_CAUSES = 5;

/**
 * What lies behind an error, the nearest first: codes, or names of what has none.
 *
 * SECURITY: messages of libraries repeat what they were given; they are not among them.
 */
function causesOf(cause: unknown): string[] | undefined {
  const causes: string[] = [];
  let next = cause;
  while (next instanceof Error && causes.length < MAX_CAUSES) {
    const code = 'code' in next ? next.code : undefined;
    causes.push(code === undefined ? next.name : `${code}`);
    next = next.cause;
  }
  return causes.length === 0 ? undefined : causes;
}

/** As plain JSON: integers as text, secrets as what stands for them. */
export function printable(value: unknown): unknown {
  return JSON.parse(encodeJson(value));
}
