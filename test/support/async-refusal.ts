import { BridgeError } from '../../src/shared/errors.ts';

/** The `BridgeError` that the promise is rejected with; anything else, or none, fails the test. */
export async function asyncRefusal(
  attempt: Promise<unknown>,
): Promise<BridgeError & { readonly meta: object }> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof BridgeError) return error;
    throw error;
  }
  throw new Error('expected a refusal, but nothing was thrown');
}
