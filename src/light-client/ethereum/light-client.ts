import * as z from 'zod';
import type { StateProofOf } from '../../protocol/state-proof.ts';
import { hexOf } from '../../shared/hex-schema.ts';
import type { Known, LightClient, ProvenWord, WordPlace } from '../light-client.ts';
import { StateProofError } from '../state-proof-error.ts';
import { verifyCheckpointAge } from '../weak-subjectivity.ts';
import { applyLightClientUpdate } from './apply-light-client-update.ts';
import { computeBlockTimeSec } from './block-time.ts';
import type { EthereumConfig } from './config.ts';
import { type AccountStatement, ethereumEvidence } from './evidence.ts';
import {
  decodeEthereumBlock,
  type EthereumBlock,
  encodeEthereumBlock,
  finalBlockOf,
} from './final-block.ts';
import { initializeLightClientStore } from './initialize-light-client-store.ts';
import { parseBootstrap } from './parse-bootstrap.ts';
import { parseUpdate } from './parse-update.ts';
import { computeSyncCommitteePeriodAtSlot } from './preset.ts';
import { proveAccount } from './prove-account.ts';
import { decodeLightClientStore, encodeLightClientStore } from './store-codec.ts';
import type { LightClientStore, LightClientUpdate } from './types.ts';
import { type VerifiedUpdate, verifyLightClientUpdate } from './verify-light-client-update.ts';
import { verifyStorageProof } from './verify-storage-proof.ts';
import { computeWeakSubjectivitySec } from './weak-subjectivity.ts';

/** What the light client of Ethereum works on. */
export interface EthereumTypes {
  readonly config: EthereumConfig;
  readonly store: LightClientStore;
  readonly block: EthereumBlock;
  readonly update: LightClientUpdate;
  readonly verified: VerifiedUpdate;
  readonly statement: AccountStatement;
}

/**
 * Follows the sync committees from a pinned beacon block. An update may be an update or a finality update: the second is
 * the first without a committee.
 *
 * No clock is asked: a host's would be the only one, and it guards against nothing that the signatures do not.
 */
export const ethereumLightClient: LightClient<'ethereum', EthereumTypes> = {
  kind: 'ethereum',
  contractSchema: z.strictObject({ address: hexOf(20) }),
  routeSchema: z.literal('direct'),
  initialize: () => null,
  bootstrap: (json, config) => initializeLightClientStore(config, parseBootstrap(json, config)),
  parse: parseUpdate,
  verify: (store, update, config) => verifyLightClientUpdate(store, update, config),
  apply: applyLightClientUpdate,
  encode: encodeLightClientStore,
  decode: decodeLightClientStore,
  finalBlock: finalBlockOf,
  encodeBlock: encodeEthereumBlock,
  decodeBlock: decodeEthereumBlock,
  describe: (client, store, config) => ({ client, kind: 'ethereum', ...describe(store, config) }),
  proveWord,
  checkpointAgeSec,
  evidence: ethereumEvidence,
};

function describe(store: LightClientStore | null, config: EthereumConfig) {
  const slot = store?.finalizedHeader.beacon.slot ?? 0;
  return {
    held: store?.finalizedHeader.execution.blockHash ?? null,
    committee: BigInt(computeSyncCommitteePeriodAtSlot(slot, config)),
    checkpointRoot: config.checkpointRoot,
    finalizedSlot: BigInt(slot),
    knowsNextSyncCommittee: store?.nextSyncCommittee !== undefined,
  };
}

function proveWord(
  proof: StateProofOf<'ethereum'>,
  { contract: { address }, slot }: WordPlace,
  known: Known<EthereumTypes>,
): ProvenWord {
  const { header, account } = proveAccount(proof, address, known);
  if (account === undefined) {
    const message = `Expected a contract at ${address}, the proof shows none; deploy it before it is measured.`;
    throw new StateProofError('STATE_PROOF_CONTRACT_ABSENT', message, { address });
  }
  const word = verifyStorageProof(account.storageRoot, slot, proof.storageProof);
  return { word, blockTimeSec: header.timestamp };
}

function checkpointAgeSec(
  config: EthereumConfig,
  store: LightClientStore | null,
  nowSec: bigint,
): bigint | undefined {
  const shown = store === null ? undefined : computeBlockTimeSec(store.finalizedHeader, config);
  const timestampSec = shown ?? config.checkpointTimestampSec;
  if (timestampSec === undefined) return undefined;
  const periodSec = computeWeakSubjectivitySec(config, nowSec);
  return verifyCheckpointAge('ethereum', BigInt(timestampSec), nowSec, { periodSec });
}
