import * as z from 'zod';
import { bytesUpTo, hexOf } from '../shared/hex-schema.ts';
import type { ChainKind } from './chain-kind.ts';

// Proofs of one storage word of a contract, under a header that the enclave's light client holds. One form per kind of
// chain; what each proves, and how, is the light client's (src/light-client/kinds.ts).

const MAX_PROOF_NODES = 512;
const MAX_NODE_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 256 * 1024;
/** Headers from a parachain's head down to the block proven. */
const MAX_PARENT_HEADERS = 1024;

const nodes = z.array(bytesUpTo(MAX_NODE_BYTES)).max(MAX_PROOF_NODES);

const ethereumStateProof = z.strictObject({
  kind: z.literal('ethereum'),
  /** RLP of the execution header whose hash is final. */
  header: bytesUpTo(2048),
  accountProof: nodes,
  storageProof: nodes,
});

const substrateStateProof = z.strictObject({
  kind: z.literal('substrate'),
  /** Hash of the final header; of the relay chain's, if the contracts are on a parachain. */
  blockHash: hexOf(32),
  /** Given if the contracts are on a parachain, and only then: leads from the relay block to a block of the parachain. */
  hop: z
    .strictObject({
      /** Trie nodes of the path from the relay block's state root to the parachain's head. */
      headNodes: nodes,
      /** SCALE headers from the head's parent down to the block proven; empty if that is the head itself. */
      parents: z.array(bytesUpTo(MAX_HEADER_BYTES)).max(MAX_PARENT_HEADERS),
    })
    .optional(),
  /** Trie nodes of the path to the child root and of the path below it. */
  nodes,
});

/** Every form, by kind. */
export const stateProofSchema = z.discriminatedUnion('kind', [
  ethereumStateProof,
  substrateStateProof,
]);

/** A storage proof of any kind of chain. */
export type StateProof = z.output<typeof stateProofSchema>;

/** The storage proof of one kind of chain. */
export type StateProofOf<K extends ChainKind> = Extract<StateProof, { kind: K }>;
