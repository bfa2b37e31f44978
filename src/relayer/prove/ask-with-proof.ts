import { RemoteRefusal } from '../../enclave-client/enclave-client.ts';
import type { StateProof } from '../../protocol/state-proof.ts';
import type { Bridge, Side } from '../bridge.ts';
import { refusesBodies } from './refuses-bodies.ts';

/** Why a node is not believed whose data an enclave has refused. */
export const REFUSED = 'an enclave has refused what it told of';

/** What an enclave refuses because of itself, or of the configuration. */
const OF_OTHERS: ReadonlySet<string> = new Set([
  'ETHEREUM_FORK_UNSUPPORTED',
  'ETHEREUM_STORE_CHANGED',
  'STATE_PROOF_OTHER_ROUTE',
]);

/** Whether an enclave has refused bytes that a node has given, which no honest node gives, and not the moment or the command. */
export function refusesData(error: unknown): boolean {
  if (!(error instanceof RemoteRefusal)) return false;
  const { code, disposition } = error;
  if (code === 'ENCLAVE_INTERNAL') return true;
  return disposition === 'reject' && !code.startsWith('ENCLAVE_') && !OF_OTHERS.has(code);
}

/** A proof of a chain's state, and the command that it is in. */
export interface Proving<T> {
  readonly chain: Side['chain'];
  readonly proof: StateProof | null;
  ask(): Promise<T>;
}

/** Gives a command to an enclave. If that refuses the proof in it, the node that has given it is asked after others from then on. */
export async function askWithProof<T>(
  { log }: Pick<Bridge, 'log'>,
  { chain, proof, ask }: Proving<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (proof !== null && refusesData(error) && !refusesBodies(error)) {
      const host = chain.distrustProof(proof, REFUSED);
      log.warn(
        { err: error, chain: chain.name, host },
        'a proof was refused; another is asked for',
      );
    }
    throw error;
  }
}
