import type { EthereumConfig, ForkEntry, ForkName } from './config.ts';
import { LightClientError } from './light-client-error.ts';
import { computeEpochAtSlot } from './preset.ts';

/** Where a fork keeps what light clients prove, and the form of its execution header. */
export interface ForkRules {
  /** Generalized indices in `BeaconState`. */
  readonly FINALIZED_ROOT_GINDEX: number;
  readonly CURRENT_SYNC_COMMITTEE_GINDEX: number;
  readonly NEXT_SYNC_COMMITTEE_GINDEX: number;
  /** Generalized index in `BeaconBlockBody`. */
  readonly EXECUTION_PAYLOAD_GINDEX: number;
  /** The `ExecutionPayloadHeader` whose root that leaf is. */
  readonly executionPayloadHeader: 'capella' | 'deneb';
}

const CAPELLA: ForkRules = {
  FINALIZED_ROOT_GINDEX: 105,
  CURRENT_SYNC_COMMITTEE_GINDEX: 54,
  NEXT_SYNC_COMMITTEE_GINDEX: 55,
  EXECUTION_PAYLOAD_GINDEX: 25,
  executionPayloadHeader: 'capella',
};
const DENEB: ForkRules = { ...CAPELLA, executionPayloadHeader: 'deneb' };
const ELECTRA: ForkRules = {
  ...DENEB,
  FINALIZED_ROOT_GINDEX: 169,
  CURRENT_SYNC_COMMITTEE_GINDEX: 86,
  NEXT_SYNC_COMMITTEE_GINDEX: 87,
};

/**
 * The forks that this client verifies. Altair and Bellatrix prove no execution header. Gloas moves the
 * indices to 735, 2945 and 2946 and proves the block hash at 2856 of the body instead of a header; until
 * that form is here its slots are refused like those of a fork we have never heard of.
 */
const SUPPORTED: Partial<Record<ForkName, ForkRules>> = {
  capella: CAPELLA,
  deneb: DENEB,
  electra: ELECTRA,
  fulu: ELECTRA,
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
