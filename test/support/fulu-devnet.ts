import {
  type EthereumConfig,
  ethereumConfigSchema,
} from '../../src/light-client/ethereum/config.ts';
import type { LightClientStore, SyncCommittee } from '../../src/light-client/ethereum/types.ts';
import { concatBytes, fromHex, type Hex } from '../../src/shared/bytes.ts';
import type { Json } from './ethereum-vectors.ts';
import { readVectorJson } from './vectors.ts';

// The recording is of a client that starts from a trusted store, not from a bootstrap, and keeps of its
// committees only hashes; the keys stand beside each update. So the first store is put together here.

const FORK_ORDER = ['altair', 'bellatrix', 'capella', 'deneb', 'electra', 'fulu'];

/** A recorded client of a Fulu devnet, minimal preset. */
export interface FuluRecording {
  readonly config: EthereumConfig;
  readonly store: LightClientStore;
  readonly updates: readonly Json[];
  readonly proofs: readonly Json[];
  readonly contract: Hex;
}

/** Reads a recording by its name. */
export function readFuluRecording(name: string): FuluRecording {
  const { steps } = readVectorJson<Json>(`ethereum/devnet-fulu-minimal/${name}.json`);
  const { client_state: client, consensus_state: trusted } = steps[0].data;
  const decoded: Json[] = steps.slice(1).flatMap((step: Json) => step._decoded);
  const updates = decoded.filter((item) => item.consensus_update);
  const config = ethereumConfigSchema.parse({
    preset: 'minimal',
    genesisValidatorsRoot: client.genesis_validators_root,
    forks: FORK_ORDER.map((fork) => ({ name: fork, ...client.fork_parameters[fork] })),
    checkpointRoot: `0x${'00'.repeat(32)}`,
  });
  return {
    config,
    store: trustedStore(trusted, updates[0].active_sync_committee),
    updates,
    proofs: decoded.filter((item) => item.account_proof),
    contract: client.ibc_contract_address,
  };
}

function trustedStore(trusted: Json, active: Json): LightClientStore {
  const root = new Uint8Array(32);
  const stateRoot = fromHex(trusted.state_root);
  const beacon = {
    slot: trusted.slot,
    proposerIndex: 0n,
    parentRoot: root,
    stateRoot,
    bodyRoot: root,
  };
  const execution = {
    blockHash: `0x${'00'.repeat(32)}`,
    stated: { blockNumber: 0n, stateRoot: trusted.state_root, timestamp: 0n },
  } as const;
  const next = parseCommittee(active.Next);
  return {
    finalizedHeader: { beacon, execution },
    currentSyncCommittee: next,
    nextSyncCommittee: next,
  };
}

/** Reads a committee as the recording writes it. */
export function parseCommittee(json: Json): SyncCommittee {
  const pubkeys = concatBytes(...json.pubkeys.map((key: string) => fromHex(key)));
  return { pubkeys, aggregatePubkey: fromHex(json.aggregate_pubkey) };
}

/** The recording writes the base fee in hex; the Beacon API, like our parser, knows decimals only. */
export function toBeaconApi(json: Json): Json {
  for (const { execution } of [json.attested_header, json.finalized_header]) {
    execution.base_fee_per_gas = BigInt(execution.base_fee_per_gas).toString();
  }
  return json;
}
