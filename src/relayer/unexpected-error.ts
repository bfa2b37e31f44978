import { DrizzleQueryError } from 'drizzle-orm/errors';
import { BridgeError } from '../shared/errors.ts';

/** A failure that nobody foresaw: tried again, and to be looked at. */
export class UnexpectedError extends BridgeError<{ what: string }> {
  readonly code = 'RELAYER_UNEXPECTED';
  readonly disposition = 'retry';
  constructor(cause: unknown) {
    const what = describeUnexpected(cause).slice(0, 500);
    super(`Unexpected failure: ${what}; it will be tried again.`, { what }, { cause });
  }
}

/**
 * What an error that nobody foresaw says of itself.
 *
 * SECURITY: a statement of the journal that fails gives all its values in its message, and the database some of them in
 * its own: recipients, amounts, envelopes. Of it only the database's code goes on, to logs and to the queue.
 */
export function describeUnexpected(error: unknown): string {
  if (error instanceof DrizzleQueryError) return `a statement failed: ${codeOf(error.cause)}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** SQLSTATE, or what the connection calls it; the name of the error if it has none. */
function codeOf(cause: Error | undefined): string {
  const hasCode = cause !== undefined && 'code' in cause && typeof cause.code === 'string';
  return hasCode ? `code ${cause.code}` : (cause?.name ?? 'no reason given');
}

/** Where it comes from, with no more of what it says than {@link describeUnexpected} gives. */
export function traceUnexpected(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return [describeUnexpected(error), ...frames].join('\n');
}
