import { BridgeError } from '../shared/errors.ts';

/** A failure that nobody foresaw: tried again, and to be looked at. */
export class UnexpectedError extends BridgeError<{ what: string }> {
  readonly code = 'RELAYER_UNEXPECTED';
  readonly disposition = 'retry';
  constructor(cause: unknown) {
    const what = describeUnexpected(cause);
    super(`Unexpected failure: ${what}; it will be tried again.`, { what }, { cause });
  }
}

/** What any error is called: what nobody foresaw as {@link UnexpectedError} is. */
export function codeOf(error: unknown): string {
  return error instanceof BridgeError ? error.code : 'RELAYER_UNEXPECTED';
}

/** Where it is said what a code means and what to do. */
export function whereExplained(code: string): string {
  return `docs/errors.md#${code.toLowerCase()}`;
}

/** Errors of the engine: what they say is about code. A `SyntaxError` is not among them: it quotes what it could not read. */
const ENGINE: ReadonlySet<string> = new Set(['TypeError', 'RangeError', 'ReferenceError']);
const MOST_SAID = 200;

/**
 * What an error that nobody foresaw says of itself.
 *
 * SECURITY: libraries put into their messages what they were given: transactions with all their data, statements with their values. Of
 * them only name and code go on, to logs and to the queue.
 */
function describeUnexpected(error: unknown): string {
  if (!(error instanceof Error)) return `no error but a ${typeof error}`;
  if (ENGINE.has(error.name)) return `${error.name}: ${error.message.slice(0, MOST_SAID)}`;
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
  return `${error.name}${code}`;
}

/** Where it comes from, with no more of what it says than {@link UnexpectedError} tells. */
export function traceUnexpected(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return [describeUnexpected(error), ...frames].join('\n');
}
