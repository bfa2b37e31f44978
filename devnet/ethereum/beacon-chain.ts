import { ssz } from '@lodestar/types';
import { fromHex } from '../../src/shared/bytes.ts';
import {
  createBlockBody,
  type ExecutionPayload,
  toPayload,
  toPayloadHeader,
} from './beacon-block.ts';
import { computePeriod, secondsPerSlot } from './beacon-config.ts';
import {
  advanceSlot,
  applyBlockHeader,
  applyRandao,
  type BeaconStateView,
  computeProposer,
  createGenesisState,
} from './beacon-state.ts';
import { createBlockRecord } from './block-record.ts';
import type { ExecutionBlock, ExecutionClient } from './execution-client.ts';
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
  readonly lightClientData: LightClientData;
  readonly genesisValidatorsRoot: Uint8Array;
  readonly #execution: ExecutionClient;
  readonly #validators: readonly DevValidator[];
  readonly #state: BeaconStateView;
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
    this.#state = createGenesisState(options.genesisTimeSec, this.#validators, genesisBlock);
    this.genesisValidatorsRoot = this.#state.genesisValidatorsRoot;
    this.#signer = createSigner(this.genesisValidatorsRoot);
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

  /** Processes one slot, and makes its block unless it is to be skipped. */
  async produceSlot(): Promise<void> {
    const period = computePeriod(this.slot);
    advanceSlot(this.#state, this.#validators, { justifies: !this.faults.isFinalityHeld });
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
    const body = createBlockBody(payload, aggregate, randaoReveal);
    const bodyRoot = ssz.fulu.BeaconBlockBody.hashTreeRoot(body);
    const unsealed = { slot, proposerIndex: proposer.index, parentRoot, bodyRoot };
    applyBlockHeader(state, unsealed);
    applyRandao(state, randaoReveal);
    state.latestExecutionPayloadHeader = ssz.fulu.ExecutionPayloadHeader.toViewDU(
      toPayloadHeader(payload),
    );
    const header = { ...unsealed, stateRoot: state.hashTreeRoot() };
    const signature = this.#signer.signHeader(proposer, header);
    this.lightClientData.addBlock(createBlockRecord(state, header, { body, signature }), aggregate);
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

/** The genesis block: no proposer signed it, and its body is the default one. */
function genesisRecord(state: BeaconStateView) {
  const header = { ...state.latestBlockHeader.toValue(), stateRoot: state.hashTreeRoot() };
  const body = ssz.fulu.BeaconBlockBody.defaultValue();
  return createBlockRecord(state, header, { body, signature: new Uint8Array(96) });
}
