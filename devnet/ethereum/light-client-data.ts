import { type Hex, toHex } from '../../src/shared/bytes.ts';
import type { SyncAggregate } from './beacon-block.ts';
import {
  computePeriod,
  SLOTS_PER_EPOCH,
  SLOTS_PER_PERIOD,
  SYNC_COMMITTEE_SIZE,
} from './beacon-config.ts';
import type { BlockRecord } from './block-record.ts';
import {
  createUpdate,
  type LightClientUpdate,
  type SyncCommittee,
  type UpdateParts,
} from './light-client-update.ts';

const ZERO_ROOT: Hex = toHex(new Uint8Array(32));
/** Blocks off an epoch boundary are kept this long (8 periods). */
const KEPT_SLOTS = 512;
/** Bootstraps reach back so far. */
const KEPT_PERIODS = 128;
/** Updates reach back more than a day of slots of a second: as a real beacon's do, over many requests. */
const KEPT_UPDATES = 2048;

/** What the beacon remembers and serves: block records, committees, and the best update of every period. */
export class LightClientData {
  readonly #byRoot = new Map<Hex, BlockRecord>();
  readonly #rootBySlot = new Map<number, Hex>();
  readonly #committees = new Map<number, SyncCommittee>();
  readonly #updates = new Map<number, LightClientUpdate>();
  #head: BlockRecord;
  #latest: LightClientUpdate | undefined;
  #latestFinal: LightClientUpdate | undefined;

  constructor(genesis: BlockRecord) {
    this.#head = genesis;
    this.#remember(genesis);
  }

  get head(): BlockRecord {
    return this.#head;
  }

  /** The finalized block, genesis as long as nothing is finalized. */
  get finalized(): BlockRecord | undefined {
    const { root } = this.#head.finalized;
    return root === ZERO_ROOT ? this.blockAtSlot(0) : this.blockByRoot(root);
  }

  get justified(): BlockRecord | undefined {
    const { root } = this.#head.currentJustified;
    return root === ZERO_ROOT ? this.blockAtSlot(0) : this.blockByRoot(root);
  }

  /** The newest block that a later one has signed. */
  get latestUpdate(): LightClientUpdate | undefined {
    return this.#latest;
  }

  get latestFinalityUpdate(): LightClientUpdate | undefined {
    return this.#latestFinal;
  }

  blockByRoot(root: Hex): BlockRecord | undefined {
    return this.#byRoot.get(root);
  }

  blockAtSlot(slot: number): BlockRecord | undefined {
    const root = this.#rootBySlot.get(slot);
    return root === undefined ? undefined : this.#byRoot.get(root);
  }

  /** The chain never forks, so a block has at most one child. */
  childOf(parentRoot: Hex): BlockRecord | undefined {
    return this.#find(({ header }) => toHex(header.beacon.parentRoot) === parentRoot);
  }

  blockByStateRoot(stateRoot: Hex): BlockRecord | undefined {
    return this.#find(({ header }) => toHex(header.beacon.stateRoot) === stateRoot);
  }

  committee(period: number): SyncCommittee | undefined {
    return this.#committees.get(period);
  }

  setCommittee(period: number, committee: SyncCommittee): void {
    this.#committees.set(period, committee);
  }

  bestUpdate(period: number): LightClientUpdate | undefined {
    return this.#updates.get(period);
  }

  /** Takes in a block and what its sync aggregate says of its parent. */
  addBlock(block: BlockRecord, syncAggregate: SyncAggregate): void {
    const attested = this.#head;
    this.#remember(block);
    this.#head = block;
    const update = this.#createUpdate(attested, syncAggregate, block.slot);
    if (update === undefined) return;
    this.#latest = update;
    if (attested.finalized.root !== ZERO_ROOT) this.#latestFinal = update;
    this.#keepBest(update);
    for (let slot = attested.slot + 1; slot <= block.slot; slot++) this.#prune(slot);
  }

  #find(matches: (block: BlockRecord) => boolean): BlockRecord | undefined {
    return [...this.#byRoot.values()].find(matches);
  }

  #remember(block: BlockRecord): void {
    this.#byRoot.set(block.root, block);
    this.#rootBySlot.set(block.slot, block.root);
  }

  /** SPEC: consensus-specs altair/light-client/full-node.md, `create_light_client_update`. */
  #createUpdate(
    attested: BlockRecord,
    syncAggregate: SyncAggregate,
    signatureSlot: number,
  ): LightClientUpdate | undefined {
    const period = computePeriod(attested.slot);
    const next = this.#committees.get(period + 1);
    const finalized = this.#byRoot.get(attested.finalized.root);
    if (finalized === undefined && attested.finalized.root !== ZERO_ROOT) return undefined;
    const parts: UpdateParts = { attestedHeader: attested.header, syncAggregate, signatureSlot };
    return createUpdate({
      ...parts,
      ...(next !== undefined &&
        computePeriod(signatureSlot) === period && {
          nextSyncCommittee: next,
          nextSyncCommitteeBranch: attested.nextSyncCommitteeBranch,
        }),
      ...(finalized !== undefined && {
        finalizedHeader: finalized.header,
        finalityBranch: attested.finalityBranch,
      }),
    });
  }

  #keepBest(update: LightClientUpdate): void {
    if (!isServedForPeriod(update)) return;
    const period = computePeriod(update.attestedHeader.beacon.slot);
    const best = this.#updates.get(period);
    if (best === undefined || isBetterUpdate(update, best)) this.#updates.set(period, update);
  }

  /** Drops what has grown too old by this slot; blocks that start an epoch stay longer, for bootstraps. */
  #prune(slot: number): void {
    const ordinary = slot - KEPT_SLOTS;
    if (ordinary % SLOTS_PER_EPOCH !== 0) this.#forget(ordinary);
    this.#forget(slot - KEPT_PERIODS * SLOTS_PER_PERIOD);
    this.#updates.delete(computePeriod(slot) - KEPT_UPDATES);
    this.#committees.delete(computePeriod(slot) - KEPT_PERIODS - 1);
  }

  #forget(slot: number): void {
    const root = this.#rootBySlot.get(slot);
    if (slot <= 0 || root === undefined) return;
    if (root === this.#head.finalized.root || root === this.#head.currentJustified.root) return;
    this.#rootBySlot.delete(slot);
    this.#byRoot.delete(root);
  }
}

/**
 * An update hands over to the next committee safely only if it finalizes a header of its own period.
 *
 * DIFF FROM SPEC: a full node also serves the best update without that; our clients could not use it.
 */
function isServedForPeriod(update: LightClientUpdate): boolean {
  const period = computePeriod(update.attestedHeader.beacon.slot);
  const hasFinality = update.finalityBranch.some((node) => node.some((byte) => byte !== 0));
  return (
    hasFinality &&
    computePeriod(update.finalizedHeader.beacon.slot) === period &&
    computePeriod(update.signatureSlot) === period
  );
}

/**
 * Whether to prefer `update` among those that `isServedForPeriod`.
 *
 * SPEC: consensus-specs altair/light-client/sync-protocol.md, `is_better_update`; its questions about the
 * committee and finality are answered alike for both here.
 */
export function isBetterUpdate(update: LightClientUpdate, best: LightClientUpdate): boolean {
  const participants = countParticipants(update);
  const bestParticipants = countParticipants(best);
  const isSuper = isSupermajority(participants);
  if (isSuper !== isSupermajority(bestParticipants)) return isSuper;
  if (participants !== bestParticipants) return participants > bestParticipants;
  const { slot } = update.attestedHeader.beacon;
  const bestSlot = best.attestedHeader.beacon.slot;
  return slot === bestSlot ? update.signatureSlot < best.signatureSlot : slot < bestSlot;
}

function countParticipants(update: LightClientUpdate): number {
  return update.syncAggregate.syncCommitteeBits.getTrueBitIndexes().length;
}

function isSupermajority(participants: number): boolean {
  return participants * 3 >= SYNC_COMMITTEE_SIZE * 2;
}
