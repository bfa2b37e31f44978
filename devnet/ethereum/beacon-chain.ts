import { ssz } from '@lodestar/types';
import { fromHex } from '../../src/shared/bytes.ts';
import {
  type BeaconBlockBody,
  createBlockBody,
  type ExecutionPayload,
  type SyncAggregate,
  toPayload,
  toPayloadHeader,
} from './beacon-block.ts';
import {
  computeEpoch,
  computePeriod,
  createForkSchedule,
  type ForkSchedule,
  secondsPerSlot,
} from './beacon-config.ts';
import {
  advanceSlot,
  applyBlockHeader,
  applyRandao,
  type BeaconStateView,
  computeProposer,
  createGenesisState,
  type FuluState,
} from './beacon-state.ts';
import { createBlockRecord } from './block-record.ts';
import type { ExecutionBlock, ExecutionClient } from './execution-client.ts';
import {
  applyBid,
  createGloasBody,
  type GloasBody,
  type GloasState,
  upgradeToGloas,
} from './gloas.ts';
import { LightClientData } from './light-client-data.ts';
import { createSigner, type Signer } from './signing.ts';
import {
  computeCommittee,
  createValidators,
  type DevCommittee,
  type DevValidator,
} from './validators.ts';

export interface BeaconChainOptions {
  readonly genesisTimeSec: number;
  readonly slotMs: number;
  /** Committee seats of 32 that do not sign. */
  readonly absentees: number;
  /** From this epoch on, at least 1, blocks have the forms of Gloas; never if left out. */
  readonly gloasEpoch?: number | undefined;
}

/** What tests may turn while the chain runs. */
export interface BeaconFaults {
  /** No epoch is justified while this holds, so nothing new is finalized. */
  isFinalityHeld: boolean;
  /** So many of the next slots get no block. */
  skippedSlots: number;
  absentees: number;
}

/** A consensus chain of toy validators over a real execution client, one block a slot. */
export class DevBeaconChain {
  readonly options: BeaconChainOptions;
  readonly faults: BeaconFaults;
  readonly schedule: ForkSchedule;
  readonly lightClientData: LightClientData;
  readonly genesisValidatorsRoot: Uint8Array;
  #slotsAhead = 0;
  readonly #execution: ExecutionClient;
  readonly #validators: readonly DevValidator[];
  #state: BeaconStateView;
  readonly #signer: Signer;
  #committee: DevCommittee;

  private constructor(
    options: BeaconChainOptions,
    execution: ExecutionClient,
    genesisBlock: ExecutionBlock,
  ) {
    this.options = options;
    this.faults = { isFinalityHeld: false, skippedSlots: 0, absentees: options.absentees };
    this.#execution = execution;
    this.#validators = createValidators();
    this.schedule = createForkSchedule(options.gloasEpoch);
    const version = fromHex(this.schedule.at(0).version);
    const genesis = { genesisTimeSec: options.genesisTimeSec, version };
    this.#state = createGenesisState(genesis, this.#validators, genesisBlock);
    this.genesisValidatorsRoot = this.#state.genesisValidatorsRoot;
    this.#signer = createSigner(this.genesisValidatorsRoot, this.schedule);
    this.#committee = computeCommittee(this.#validators, 0);
    this.lightClientData = new LightClientData(genesisRecord(this.#state));
    this.#publishCommittees();
  }

  /** Starts from the execution client's head, which becomes the genesis state's latest payload. */
  static async create(
    options: BeaconChainOptions,
    execution: ExecutionClient,
  ): Promise<DevBeaconChain> {
    return new DevBeaconChain(options, execution, await execution.fetchHead());
  }

  get slot(): number {
    return this.#state.slot;
  }

  /** Slots by which its time was moved ahead of the real one. */
  get slotsAhead(): number {
    return this.#slotsAhead;
  }

  /** Moves its time ahead; the slots in between are made up without pause, so that light clients can follow. */
  forward(seconds: number): void {
    this.#slotsAhead += Math.ceil(seconds / secondsPerSlot(this.options.slotMs));
  }

  /** Processes one slot, and makes its block unless it is to be skipped. */
  async produceSlot(): Promise<void> {
    const period = computePeriod(this.slot);
    advanceSlot(this.#state, this.#validators, { justifies: !this.faults.isFinalityHeld });
    this.#upgrade();
    if (computePeriod(this.slot) !== period) this.#publishCommittees();
    if (this.faults.skippedSlots > 0) {
      this.faults.skippedSlots--;
      return;
    }
    const { genesisTimeSec, slotMs } = this.options;
    const slotTimeSec = genesisTimeSec + this.slot * secondsPerSlot(slotMs);
    const block = await this.#execution.mineBlock(slotTimeSec);
    this.#addBlock(toPayload(block));
  }

  #addBlock(payload: ExecutionPayload): void {
    const state = this.#state;
    const { slot } = state;
    const proposer = this.#proposer(slot);
    const parentRoot = fromHex(this.lightClientData.head.root);
    const aggregate = this.#signer.signSyncAggregate(this.#committee, {
      parentRoot,
      signatureSlot: slot,
      absentees: this.faults.absentees,
    });
    const randaoReveal = this.#signer.signRandao(proposer, slot);
    const parts = { payload, parentRoot, syncAggregate: aggregate, randaoReveal };
    const { body, bodyRoot, apply } = isGloasState(state)
      ? makeGloasBody(state, parts)
      : makeFuluBody(state, parts);
    const unsealed = { slot, proposerIndex: proposer.index, parentRoot, bodyRoot };
    applyBlockHeader(state, unsealed);
    applyRandao(state, randaoReveal);
    apply();
    const header = { ...unsealed, stateRoot: state.hashTreeRoot() };
    const signature = this.#signer.signHeader(proposer, header);
    this.lightClientData.addBlock(createBlockRecord(state, header, { body, signature }), aggregate);
  }

  /** At the first slot of the fork the state takes its new form, before any block of the slot. */
  #upgrade(): void {
    const state = this.#state;
    const { name, version, epoch } = this.schedule.at(computeEpoch(state.slot));
    if (name !== 'gloas' || isGloasState(state)) return;
    this.#state = upgradeToGloas(state, { version: fromHex(version), epoch });
  }

  #proposer(slot: number): DevValidator {
    const proposer = this.#validators[computeProposer(slot, this.#validators.length)];
    if (proposer === undefined) throw new RangeError(`no proposer for slot ${slot}`);
    return proposer;
  }

  #publishCommittees(): void {
    const period = computePeriod(this.slot);
    this.#committee = computeCommittee(this.#validators, period);
    this.lightClientData.setCommittee(period, this.#state.currentSyncCommittee.toValue());
    this.lightClientData.setCommittee(period + 1, this.#state.nextSyncCommittee.toValue());
  }
}

interface BodyParts {
  readonly payload: ExecutionPayload;
  readonly parentRoot: Uint8Array;
  readonly syncAggregate: SyncAggregate;
  readonly randaoReveal: Uint8Array;
}

/** A body, and what it makes of the state's execution part. */
interface MadeBody {
  readonly body: BeaconBlockBody | GloasBody;
  readonly bodyRoot: Uint8Array;
  apply(): void;
}

function makeFuluBody(state: FuluState, parts: BodyParts): MadeBody {
  const { payload, syncAggregate, randaoReveal } = parts;
  const body = createBlockBody(payload, syncAggregate, randaoReveal);
  const apply = () => {
    const header = toPayloadHeader(payload);
    state.latestExecutionPayloadHeader = ssz.fulu.ExecutionPayloadHeader.toViewDU(header);
  };
  return { body, bodyRoot: ssz.fulu.BeaconBlockBody.hashTreeRoot(body), apply };
}

function makeGloasBody(state: GloasState, parts: BodyParts): MadeBody {
  const body = createGloasBody(state, parts);
  const apply = () => applyBid(state, body);
  return { body, bodyRoot: ssz.gloas.BeaconBlockBody.hashTreeRoot(body), apply };
}

function isGloasState(state: BeaconStateView): state is GloasState {
  return 'latestExecutionPayloadBid' in state;
}

/** The genesis block: no proposer signed it, and its body is the default one. */
function genesisRecord(state: BeaconStateView) {
  const header = { ...state.latestBlockHeader.toValue(), stateRoot: state.hashTreeRoot() };
  const body = ssz.fulu.BeaconBlockBody.defaultValue();
  return createBlockRecord(state, header, { body, signature: new Uint8Array(96) });
}
