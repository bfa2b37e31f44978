import * as z from 'zod';
import { BridgeError } from '../../shared/errors.ts';
import { bytesUpTo } from '../../shared/hex-schema.ts';
import { MAX_HEADER_BYTES, MAX_JUSTIFICATION_BYTES } from './limits.ts';
import type { FinalityFragment } from './verify-finality.ts';

const fragmentSchema = z.strictObject({
  header: bytesUpTo(MAX_HEADER_BYTES),
  justification: bytesUpTo(MAX_JUSTIFICATION_BYTES),
});

/**
 * Reads what shows a block to be final, as it crosses the enclave's pipe: `{ header, justification }`, both SCALE in hex.
 *
 * @param json untrusted, as JSON.parse gives it
 * @throws {FinalityFragmentError} another shape, or longer than any header or justification
 */
export function parseFragment(json: unknown): FinalityFragment {
  const parsed = fragmentSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new FinalityFragmentError(issue?.path.join('.') || 'fragment', issue?.message ?? 'invalid');
}

/** What is no header with its justification. */
export class FinalityFragmentError extends BridgeError<{ where: string }> {
  readonly code = 'FINALITY_FRAGMENT_MALFORMED';
  readonly disposition = 'reject';
  constructor(where: string, what: string) {
    super(
      `Finality fragment, ${where}: expected a header and its justification, got another: ${what}; ask another node.`,
      { where },
    );
  }
}
