import { BridgeError } from '../../src/shared/errors.ts';

/** The `BridgeError` that `attempt` throws; anything else, or nothing, fails the test. */
export function refusal(attempt: () => unknown): BridgeError & { readonly meta: object } {
  try {
    attempt();
  } catch (error) {
    if (error instanceof BridgeError) return error;
    throw error;
  }
  throw new Error('expected a refusal, but nothing was thrown');
}
