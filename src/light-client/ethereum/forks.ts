import type { EthereumConfig, ForkEntry, ForkName } from './config.ts';
import { LightClientError } from './light-client-error.ts';
import { computeEpochAtSlot } from './preset.ts';

/** Where a fork keeps what light clients prove, and the form of its execution header. */
export interface ForkRules {
  /** Generalized indices in `BeaconState`. */
  readonly FINALIZED_ROOT_GINDEX: number;
  readonly CURRENT_SYNC_COMMITTEE_GINDEX: number;
  readonly NEXT_SYNC_COMMITTEE_GINDEX: number;
  /** Generalized index of the execution block's hash in `BeaconBlockBody`. */
  readonly EXECUTION_BLOCK_HASH_GINDEX: number;
  /** Where a header may show the whole execution header instead; from Gloas on the body has none. */
  readonly executionPayload: ExecutionPayloadRules | undefined;
  /** How many fields the RLP header may have of an execution block that is proven at a slot of this fork. */
  readonly executionHeaderFields: readonly number[];
}

/** How a body of Capella to Fulu holds its execution header. */
export interface ExecutionPayloadRules {
  /** Generalized index in `BeaconBlockBody`. */
  readonly EXECUTION_PAYLOAD_GINDEX: number;
  /** The `ExecutionPayloadHeader` whose root that leaf is. */
  readonly header: 'capella' | 'deneb';
}

const CAPELLA: ForkRules = {
  FINALIZED_ROOT_GINDEX: 105,
  CURRENT_SYNC_COMMITTEE_GINDEX: 54,
  NEXT_SYNC_COMMITTEE_GINDEX: 55,
  EXECUTION_BLOCK_HASH_GINDEX: 412,
  executionPayload: { EXECUTION_PAYLOAD_GINDEX: 25, header: 'capella' },
  executionHeaderFields: [17],
};
const DENEB: ForkRules = {
  ...CAPELLA,
  EXECUTION_BLOCK_HASH_GINDEX: 812,
  executionPayload: { EXECUTION_PAYLOAD_GINDEX: 25, header: 'deneb' },
  executionHeaderFields: [20],
};
const ELECTRA: ForkRules = {
  ...DENEB,
  FINALIZED_ROOT_GINDEX: 169,
  CURRENT_SYNC_COMMITTEE_GINDEX: 86,
  NEXT_SYNC_COMMITTEE_GINDEX: 87,
  executionHeaderFields: [21],
};

/**
 * SPEC: gloas/light-client/sync-protocol.md. The hash is that of the bid's parent: the block that it builds on, which until
 * the first payload of the fork is the last one of Fulu.
 */
const GLOAS: ForkRules = {
  FINALIZED_ROOT_GINDEX: 735,
  CURRENT_SYNC_COMMITTEE_GINDEX: 2945,
  NEXT_SYNC_COMMITTEE_GINDEX: 2946,
  EXECUTION_BLOCK_HASH_GINDEX: 2856,
  executionPayload: undefined,
  executionHeaderFields: [21, 23],
};

/**
 * The forks that this client verifies. Altair and Bellatrix prove no execution block. A fork that is in the
 * table without rules here has its slots refused, like those of a fork we have never heard of.
 */
const SUPPORTED: Partial<Record<ForkName, ForkRules>> = {
  capella: CAPELLA,
  deneb: DENEB,
  electra: ELECTRA,
  fulu: ELECTRA,
  gloas: GLOAS,
};

/** A row of the fork table with the rules that hold in it. */
export interface Fork extends ForkEntry {
  readonly rules: ForkRules;
}

/**
 * The fork in force at `slot`. SPEC: `compute_fork_version` and the `…_gindex_at_slot` functions.
 *
 * @throws {LightClientError} ETHEREUM_FORK_UNSUPPORTED: before the table, or in a fork without rules
 */
export function forkAtSlot(slot: number, config: EthereumConfig): Fork {
  const epoch = computeEpochAtSlot(slot, config);
  const entry = config.forks.findLast((fork) => fork.epoch <= epoch);
  const rules = entry && SUPPORTED[entry.name];
  if (entry === undefined || rules === undefined) {
    throw unsupported(
      `slot ${slot}, epoch ${epoch}`,
      entry?.name ?? 'a slot before the fork table',
    );
  }
  return { ...entry, rules };
}

/**
 * Checks the `version` that a node names beside its data. It is a hint: slots decide.
 *
 * @throws {LightClientError} ETHEREUM_FORK_UNSUPPORTED: not in the fork table, or without rules
 */
export function verifyForkName(name: string, config: EthereumConfig): void {
  const entry = config.forks.find((fork) => fork.name === name);
  if (entry === undefined || SUPPORTED[entry.name] === undefined) {
    throw unsupported('version', name.slice(0, 32));
  }
}

function unsupported(subject: string, got: string): LightClientError {
  const expected = `one of ${Object.keys(SUPPORTED).join(', ')} in the fork table`;
  return new LightClientError('ETHEREUM_FORK_UNSUPPORTED', { subject, expected, got });
}
