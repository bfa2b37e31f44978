import type { BlockRef } from '../../chains/shared/bridged-chain.ts';
import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { Side } from '../bridge.ts';
import { lightClientOf } from './advance.ts';

/** A block of a side's chain that an enclave can be shown the state of. */
export interface ProvenBlock extends BlockRef {
  /** Hash of the block that the enclave's light client holds, where proofs begin: this block, or its relay chain's. */
  readonly held: Hex;
  /** When it was made, in seconds of Unix time; 0 of a genesis block that does not say. */
  readonly timeSec: bigint;
}

/** The newest block that the enclave knows to be final; undefined before its light client has started. */
export async function provenBlock(
  status: EnclaveStatus,
  { chain, lightClient }: Side,
): Promise<ProvenBlock | undefined> {
  const { held } = lightClientOf(status, lightClient);
  if (held === null) return undefined;
  const block = await chain.blockShownBy(held);
  return { ...block, held, timeSec: await chain.blockTimeSec(block.hash) };
}
