import { refusalCode } from '../../enclave-client/enclave-client.ts';

const OF_BODIES = new Set(['ENCLAVE_REPLAY_MISMATCH', 'COMMAND_MALFORMED', 'ENCLAVE_INTERNAL']);

/**
 * Whether an enclave has refused what messages say, and not the proof or the moment. Then the node that told of them is not
 * to be believed, whatever the reason: what a contract has taken an enclave can read.
 */
export function refusesBodies(error: unknown): boolean {
  return OF_BODIES.has(refusalCode(error) ?? '');
}
