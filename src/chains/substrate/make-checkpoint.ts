import { z } from 'zod';
import {
  CHECKPOINT_KEYS,
  verifyCheckpoint,
} from '../../light-client/polkadot/verify-checkpoint.ts';
import { WEAK_SUBJECTIVITY_SEC } from '../../light-client/weak-subjectivity.ts';
import { fromHex } from '../../shared/bytes.ts';
import type { Checkpoint } from '../shared/checkpoint.ts';
import { createRpcClient } from '../shared/json-rpc.ts';
import { hash, hexBytes, quantity } from '../shared/node-hex.ts';

const headerSchema = z.object({
  parentHash: hash,
  number: quantity.transform(Number).pipe(z.int().max(0xffff_ffff)),
  stateRoot: hash,
  extrinsicsRoot: hash,
  digest: z.object({ logs: z.array(hexBytes).max(1024) }),
});
const proofSchema = z.object({ proof: z.array(hexBytes).max(4096) });

/**
 * Makes a checkpoint of the newest block that a node calls final. Header and hash are compared, and set id, authorities
 * and time are proven under the header's state root: all that is taken on the node's word is that the block is final.
 *
 * @param url of the node's JSON-RPC, HTTP or WebSocket: nodes serve both at one port
 * @throws {ChainError} CHAIN_UNAVAILABLE, CHAIN_ANSWER_MALFORMED
 * @throws {BridgeError} as `verifyCheckpoint`
 */
export async function makeSubstrateCheckpoint(url: string): Promise<Checkpoint> {
  const call = createRpcClient('substrate', url.replace(/^ws/, 'http'));
  const final = await call('chain_getFinalizedHead', [], hash);
  const { digest, ...header } = await call('chain_getHeader', [final], headerSchema);
  const { proof } = await call('state_getReadProof', [CHECKPOINT_KEYS, final], proofSchema);
  const nodes = proof.map((node) => fromHex(node));
  const checkpoint = verifyCheckpoint(final, { ...header, logs: digest.logs }, nodes);
  const { number, setId, authorities } = checkpoint;
  return {
    lightClient: { kind: 'substrate', checkpoint },
    compare: [
      `block           ${number} ${final}`,
      `  compare with  another node: chain_getBlockHash(${number}); a block explorer: block ${number}, finalized`,
      `authorities     ${authorities.length} of set ${setId}, proven under the block's state root`,
    ],
    periodSec: WEAK_SUBJECTIVITY_SEC.polkadot,
  };
}
