import { anchorIdSlot } from '../../protocol/contracts.ts';
import type { StateProof } from '../../protocol/state-proof.ts';
import { type Bridge, type EnclaveLine, RelayerError } from '../bridge.ts';
import { lightClientOf } from './advance.ts';

/**
 * Proof that the anchor keeps a commit's state: under the newest block that the enclave knows, as it forgets older ones.
 *
 * @throws {RelayerError} RELAYER_CLIENT_UNKNOWN: its light client has not started
 */
export async function proveAnchored(
  { anchor: { side, address } }: Pick<Bridge, 'anchor'>,
  { client }: EnclaveLine,
  number: bigint,
): Promise<StateProof> {
  const id = side.lightClient;
  const { held } = lightClientOf(await client.ask('status', {}), id);
  if (held === null) {
    throw new RelayerError('RELAYER_CLIENT_UNKNOWN', `light client "${id}" has not started`);
  }
  return await side.chain.stateProof({ address }, anchorIdSlot(number), held);
}
