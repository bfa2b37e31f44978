import { bls12_381 } from '@noble/curves/bls12-381.js';
import {
  type EthereumConfig,
  FORK_NAMES,
  type ForkName,
} from '../../../src/light-client/ethereum/config.ts';
import type {
  LightClientHeader,
  LightClientStore,
  LightClientUpdate,
  SyncCommittee,
} from '../../../src/light-client/ethereum/types.ts';
import { fromHex } from '../../../src/shared/bytes.ts';
import {
  beaconBlockHeader,
  capellaExecutionPayloadHeader,
  denebExecutionPayloadHeader,
  hashTreeRoot,
  rootOfBranch,
  syncCommittee,
} from './ssz.ts';

// The specification's `validate_light_client_update` and `apply_light_client_update` read aloud, with our
// profile's extra conditions, other SSZ and other BLS than the client's own. It answers only yes or no.

/** What the twin's store keeps of the finalized header. */
export interface ReferenceResult {
  readonly finalizedSlot: number;
  readonly current: SyncCommittee;
  readonly next: SyncCommittee | undefined;
}

/** The state after the update, or undefined if a rule is broken. */
export function referenceUpdate(
  store: LightClientStore,
  update: LightClientUpdate,
  config: EthereumConfig,
): ReferenceResult | undefined {
  const facts = gather(store, update, config);
  const rules = [
    hasTwoThirds,
    (f: Facts) => isValidHeader(f, update.attestedHeader),
    (f: Facts) => update.signatureSlot > f.attested && f.attested >= f.finalized,
    (f: Facts) => signers(f) !== undefined,
    isRelevant,
    (f: Facts) => isValidHeader(f, update.finalizedHeader),
    isFinal,
    isNextProven,
    isSignedByCommittee,
  ];
  return rules.every((rule) => rule(facts)) ? apply(facts) : undefined;
}

interface Facts {
  readonly store: LightClientStore;
  readonly update: LightClientUpdate;
  readonly config: EthereumConfig;
  readonly period: (slot: number) => number;
  readonly stored: number;
  readonly attested: number;
  readonly finalized: number;
  readonly hasNext: boolean;
}

function gather(store: LightClientStore, update: LightClientUpdate, config: EthereumConfig): Facts {
  const slotsPerPeriod = config.preset === 'mainnet' ? 8192 : 64;
  return {
    store,
    update,
    config,
    period: (slot) => Math.floor(slot / slotsPerPeriod),
    stored: store.finalizedHeader.beacon.slot,
    attested: update.attestedHeader.beacon.slot,
    finalized: update.finalizedHeader.beacon.slot,
    hasNext: update.nextSyncCommitteeBranch.some((node) => node.some((byte) => byte !== 0)),
  };
}

function fork({ config }: Facts, slot: number) {
  const epoch = Math.floor(slot / (config.preset === 'mainnet' ? 32 : 8));
  return config.forks.filter((entry) => entry.epoch <= epoch).pop();
}

function isFrom(facts: Facts, slot: number, name: ForkName): boolean {
  const at = fork(facts, slot)?.name;
  return at !== undefined && FORK_NAMES.indexOf(at) >= FORK_NAMES.indexOf(name);
}

function isSupported(facts: Facts, slot: number): boolean {
  return isFrom(facts, slot, 'capella') && !isFrom(facts, slot, 'heze');
}

function participants({ config, update }: Facts): number[] {
  const bits = update.syncAggregate.syncCommitteeBits;
  const size = config.preset === 'mainnet' ? 512 : 32;
  const isSet = (i: number) => Math.floor((bits[Math.floor(i / 8)] ?? 0) / 2 ** (i % 8)) % 2 === 1;
  return Array.from({ length: size }, (_, i) => i).filter(isSet);
}

function hasTwoThirds(facts: Facts): boolean {
  return participants(facts).length >= (facts.config.preset === 'mainnet' ? 342 : 22);
}

function isValidHeader(facts: Facts, header: LightClientHeader): boolean {
  const { beacon, execution, executionBranch } = header;
  const isDeneb = isFrom(facts, beacon.slot, 'deneb');
  if (!isSupported(facts, beacon.slot)) return false;
  const isGloas = isFrom(facts, beacon.slot, 'gloas');
  if (!('stateRoot' in execution)) {
    const [depth, gindex] = isGloas ? [11, 2856] : isDeneb ? [9, 812] : [8, 412];
    const root = rootOfBranch(execution.blockHash, executionBranch, gindex);
    return executionBranch.length === depth && isEqual(root, beacon.bodyRoot);
  }
  if (isGloas || executionBranch.length !== 4) return false;
  if (!isDeneb && execution.blobGasUsed + execution.excessBlobGas !== 0n) return false;
  const form = isDeneb ? denebExecutionPayloadHeader : capellaExecutionPayloadHeader;
  return isEqual(rootOfBranch(hashTreeRoot(form(execution)), executionBranch, 25), beacon.bodyRoot);
}

function signers({ store, update, period, stored }: Facts): SyncCommittee | undefined {
  const distance = period(update.signatureSlot) - period(stored);
  return [store.currentSyncCommittee, store.nextSyncCommittee][distance];
}

function isRelevant({ store, period, stored, attested, finalized, hasNext }: Facts): boolean {
  const isUnknown = store.nextSyncCommittee === undefined;
  const isOneState = period(attested) === period(stored) && period(finalized) === period(attested);
  return finalized > stored || (isUnknown && hasNext && isOneState);
}

type Place = readonly [depth: number, gindex: number];

/** The place in the attested state before Electra, before Gloas, and since. */
function byFork(facts: Facts, ...[early, electra, gloas]: readonly [Place, Place, Place]): Place {
  if (isFrom(facts, facts.attested, 'gloas')) return gloas;
  return isFrom(facts, facts.attested, 'electra') ? electra : early;
}

function isFinal(facts: Facts): boolean {
  const { finalityBranch: branch, finalizedHeader, attestedHeader } = facts.update;
  const [depth, gindex] = byFork(facts, [6, 105], [7, 169], [9, 735]);
  const leaf = hashTreeRoot(beaconBlockHeader(finalizedHeader.beacon));
  const root = rootOfBranch(leaf, branch, gindex);
  return branch.length === depth && isEqual(root, attestedHeader.beacon.stateRoot);
}

function isNextProven(facts: Facts): boolean {
  const { store, update, period, attested, stored, hasNext } = facts;
  const { nextSyncCommittee: next, nextSyncCommitteeBranch: branch, attestedHeader } = update;
  if (next === undefined || !hasNext) return next === undefined && !hasNext;
  const known = store.nextSyncCommittee;
  const leaf = hashTreeRoot(syncCommittee(next));
  if (known && period(attested) === period(stored)) {
    if (!isEqual(leaf, hashTreeRoot(syncCommittee(known)))) return false;
  }
  const [depth, gindex] = byFork(facts, [5, 55], [6, 87], [11, 2946]);
  const root = rootOfBranch(leaf, branch, gindex);
  return branch.length === depth && isEqual(root, attestedHeader.beacon.stateRoot);
}

function isSignedByCommittee(facts: Facts): boolean {
  const { update, config } = facts;
  const committee = signers(facts);
  const slot = update.signatureSlot - 1;
  const version = isSupported(facts, slot) ? fork(facts, slot)?.version : undefined;
  if (committee === undefined || version === undefined) return false;
  const forkData = pair(fromHex(version), fromHex(config.genesisValidatorsRoot));
  const domain = Uint8Array.of(7, 0, 0, 0, ...forkData.slice(0, 28));
  const attestedRoot = hashTreeRoot(beaconBlockHeader(update.attestedHeader.beacon));
  const keys = participants(facts).map((i) => committee.pubkeys.slice(48 * i, 48 * i + 48));
  return isSigned(keys, pair(attestedRoot, domain), update.syncAggregate.syncCommitteeSignature);
}

function apply({ store, update, period, stored, finalized, hasNext }: Facts): ReferenceResult {
  const { currentSyncCommittee: current, nextSyncCommittee: known } = store;
  const next = hasNext ? update.nextSyncCommittee : undefined;
  const finalizedSlot = Math.max(finalized, stored);
  if (known === undefined) return { finalizedSlot, current, next };
  if (period(finalized) === period(stored) + 1) return { finalizedSlot, current: known, next };
  return { finalizedSlot, current, next: known };
}

/** The root of a container of two byte vectors. */
function pair(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hashTreeRoot({ container: [{ byteVector: left }, { byteVector: right }] });
}

function isSigned(
  keys: readonly Uint8Array[],
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { longSignatures: bls, G1 } = bls12_381;
  const domain = { DST: 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_' };
  try {
    const sum = keys.reduce((acc, key) => acc.add(G1.Point.fromBytes(key)), G1.Point.ZERO);
    return bls.verify(signature, bls.hash(message, domain.DST), sum);
  } catch {
    return false;
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
