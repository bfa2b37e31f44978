import type { Target } from './target.ts';
import { enclaveTargets } from './targets-enclave.ts';
import { ethereumTargets } from './targets-ethereum.ts';
import { polkadotTargets } from './targets-polkadot.ts';

/** Every decoder and verifier that reads what others wrote. */
export async function allTargets(): Promise<Target[]> {
  return [...(await ethereumTargets()), ...(await polkadotTargets()), ...(await enclaveTargets())];
}
