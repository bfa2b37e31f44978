import * as z from 'zod';
import { createScaleCursor, encodeU32, expectEnd, readBytes, readU32 } from '../../codec/scale.ts';
import type { LightClientStatus } from '../../protocol/enclave-commands.ts';
import type { StateProofOf } from '../../protocol/state-proof.ts';
import { concatBytes, fromHex, toHex } from '../../shared/bytes.ts';
import { hexOf } from '../../shared/hex-schema.ts';
import type { Known, LightClient, ProvenWord, WordPlace } from '../light-client.ts';
import { StateProofError } from '../state-proof-error.ts';
import { verifyCheckpointAge } from '../weak-subjectivity.ts';
import { applyFinality } from './apply-finality.ts';
import type { PolkadotConfig } from './config.ts';
import { type ContractStatement, polkadotEvidence } from './evidence.ts';
import { findContractsBlock } from './find-contracts-block.ts';
import { parseFragment } from './parse-fragment.ts';
import { type FinalizedBlock, initializePolkadotStore, type PolkadotStore } from './store.ts';
import { decodePolkadotStore, encodePolkadotStore } from './store-codec.ts';
import { type FinalityFragment, type VerifiedFinality, verifyFinality } from './verify-finality.ts';
import { verifyTimedSlot } from './verify-timed-slot.ts';

/** What the light client of GRANDPA works on. */
export interface PolkadotTypes {
  readonly config: PolkadotConfig;
  readonly store: PolkadotStore;
  readonly block: FinalizedBlock;
  readonly update: FinalityFragment;
  readonly verified: VerifiedFinality;
  readonly statement: ContractStatement;
}

/** Follows GRANDPA from a pinned block with its authorities. An update is a block with its justification. */
export const polkadotLightClient: LightClient<'substrate', PolkadotTypes> = {
  kind: 'substrate',
  contractSchema: z.strictObject({ address: hexOf(20), trieId: hexOf(32) }),
  routeSchema: z.union([
    z.literal('direct'),
    z.strictObject({ paraId: z.int().min(0).max(0xffff_ffff) }),
  ]),
  initialize: initializePolkadotStore,
  bootstrap: null,
  parse: parseFragment,
  verify: (store, update) => verifyFinality(store, update),
  apply: applyFinality,
  encode: encodePolkadotStore,
  decode: (bytes) => decodePolkadotStore(bytes),
  finalBlock: ({ finalized }) => finalized,
  encodeBlock,
  decodeBlock,
  describe,
  proveWord,
  checkpointAgeSec,
  evidence: polkadotEvidence,
};

/** number u32 ‖ hash 32 ‖ stateRoot 32, in SCALE. */
function encodeBlock({ number, hash, stateRoot }: FinalizedBlock): Uint8Array {
  return concatBytes(encodeU32(number), fromHex(hash, 32), fromHex(stateRoot, 32));
}

function decodeBlock(bytes: Uint8Array): FinalizedBlock {
  const cursor = createScaleCursor(bytes);
  const number = readU32(cursor);
  const [hash, stateRoot] = [toHex(readBytes(cursor, 32)), toHex(readBytes(cursor, 32))];
  expectEnd(cursor);
  return { number, hash, stateRoot };
}

function describe(
  client: string,
  store: PolkadotStore | null,
  config: PolkadotConfig,
): LightClientStatus {
  const { finalized, authoritySet } = store ?? initializePolkadotStore(config);
  return {
    client,
    kind: 'substrate',
    held: finalized.hash,
    committee: authoritySet.setId,
    finalizedNumber: BigInt(finalized.number),
  };
}

function proveWord(
  proof: StateProofOf<'substrate'>,
  { contract: { address, trieId }, slot, route }: WordPlace,
  known: Known<PolkadotTypes>,
): ProvenWord {
  if (trieId === undefined) {
    const message = `Expected the child trie of ${address} in the configuration, got none; measure it.`;
    throw new StateProofError('STATE_PROOF_CONTRACT_ABSENT', message, { address });
  }
  const { stateRoot } = findContractsBlock(proof, route, known);
  return verifyTimedSlot(stateRoot, { trieId }, slot, proof.nodes);
}

/** Substrate headers have no time: the configuration may state it. */
function checkpointAgeSec(
  { checkpoint: { timestampSec } }: PolkadotConfig,
  _: PolkadotStore | null,
  nowSec: bigint,
): bigint | undefined {
  if (timestampSec === undefined) return undefined;
  return verifyCheckpointAge('polkadot', BigInt(timestampSec), nowSec);
}
