import { z } from 'zod';
import type { Hex } from '../../shared/bytes.ts';
import { ChainError } from '../shared/bridged-chain.ts';
import { createEndpoints, type Endpoint, inOrder } from '../shared/endpoints.ts';
import { fetchJson, HttpStatusError, readShape } from '../shared/json-rpc.ts';
import { hash } from '../shared/node-hex.ts';
import { stripBranchFilling } from './branch-filling.ts';

// SPEC: ethereum/beacon-APIs, light_client. The enclave reads the objects whole; here only what steers is read.

const decimal = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,15})$/)
  .transform(Number);
/** A header of Capella to Fulu shows its execution header, one of Gloas the hash of its execution block alone. */
const headerSchema = z.union([
  z
    .object({ beacon: z.object({ slot: decimal }), execution: z.object({ block_hash: hash }) })
    .transform(({ beacon, execution }) => ({ slot: beacon.slot, blockHash: execution.block_hash })),
  z
    .object({ beacon: z.object({ slot: decimal }), execution_block_hash: hash })
    .transform(({ beacon, execution_block_hash: blockHash }) => ({ slot: beacon.slot, blockHash })),
]);
const updateSchema = z.object({
  data: z.object({
    attested_header: z.object({ beacon: z.object({ slot: decimal }) }),
    finalized_header: headerSchema,
  }),
});
const positive = decimal.pipe(z.int().positive());
const specSchema = z.object({
  data: z.object({
    SLOTS_PER_EPOCH: positive,
    EPOCHS_PER_SYNC_COMMITTEE_PERIOD: positive,
    SECONDS_PER_SLOT: positive,
    /** Newer nodes say it to the millisecond. */
    SLOT_DURATION_MS: positive.optional(),
  }),
});

/** A light-client update as the beacon serves it, with what the relayer needs to know of it. */
export interface BeaconUpdate {
  readonly attestedSlot: number;
  readonly finalizedSlot: number;
  /** Hash of the execution block that the finalized header shows. Its number is in the header that has this hash. */
  readonly finalizedBlockHash: Hex;
  /** The whole object, for the enclave. */
  readonly json: unknown;
}

/** What a network's presets say of time. */
export interface BeaconTimes {
  readonly slotsPerEpoch: number;
  readonly slotsPerPeriod: number;
  readonly slotMs: number;
}

/** The light-client part of a beacon node's API. */
export interface BeaconApi {
  /** The best update of each period from `startPeriod` on, `count` at most. */
  lightClientUpdates(startPeriod: number, count: number): Promise<BeaconUpdate[]>;
  /** The newest finality update; undefined while nothing is final. */
  finalityUpdate(): Promise<BeaconUpdate | undefined>;
  /** What a light client starts from at a finalized block root. */
  bootstrap(root: Hex): Promise<unknown>;
  /** Asked for once. */
  times(): Promise<BeaconTimes>;
}

const MAX_UPDATES = 128;

/**
 * Creates a client of beacon nodes: one that does not answer is passed over for the next.
 *
 * @param client what the configuration calls the light client; stands in errors
 * @param baseUrls at least one
 */
export function createBeaconApi(client: string, ...baseUrls: readonly string[]): BeaconApi {
  const nodes = createEndpoints(baseUrls).map((endpoint) => ({ endpoint }));
  const get = (path: string) => getFromFirst(client, nodes, path);
  let times: BeaconTimes | undefined;
  return {
    lightClientUpdates: async (startPeriod, count) => {
      const limit = Math.min(count, MAX_UPDATES);
      const path = `beacon/light_client/updates?start_period=${startPeriod}&count=${limit}`;
      const items = z.array(z.unknown()).max(MAX_UPDATES);
      const list = readShape(client, items, await get(path), 'light_client/updates');
      return list.map((json) => readUpdate(client, json));
    },
    finalityUpdate: async () => {
      const json = await orUndefinedIfMissing(get('beacon/light_client/finality_update'));
      return json === undefined ? undefined : readUpdate(client, json);
    },
    bootstrap: async (root) =>
      stripBranchFilling(await get(`beacon/light_client/bootstrap/${root}`)),
    times: async () => {
      times ??= readTimes(client, await get('config/spec'));
      return times;
    },
  };
}

function readTimes(client: string, json: unknown): BeaconTimes {
  const { data } = readShape(client, specSchema, json, 'config/spec');
  return {
    slotsPerEpoch: data.SLOTS_PER_EPOCH,
    slotsPerPeriod: data.SLOTS_PER_EPOCH * data.EPOCHS_PER_SYNC_COMMITTEE_PERIOD,
    slotMs: data.SLOT_DURATION_MS ?? data.SECONDS_PER_SLOT * 1000,
  };
}

function readUpdate(client: string, json: unknown): BeaconUpdate {
  const { data } = readShape(client, updateSchema, json, 'a light client update');
  return {
    attestedSlot: data.attested_header.beacon.slot,
    finalizedSlot: data.finalized_header.slot,
    finalizedBlockHash: data.finalized_header.blockHash,
    json: stripBranchFilling(json),
  };
}

async function getFromFirst(
  client: string,
  nodes: readonly { readonly endpoint: Endpoint }[],
  path: string,
): Promise<unknown> {
  let failure: unknown;
  for (const { endpoint } of inOrder(nodes)) {
    try {
      const base = endpoint.url.replace(/\/+$/, '');
      const headers = { accept: 'application/json' };
      const answer = await fetchJson(client, `${base}/eth/v1/${path}`, { headers });
      endpoint.answered();
      return answer;
    } catch (error) {
      if (!isMissing(error)) endpoint.fault('failed');
      failure ??= error;
    }
  }
  throw failure;
}

function isMissing(error: unknown): boolean {
  const cause = error instanceof ChainError ? error.cause : undefined;
  return cause instanceof HttpStatusError && cause.status === 404;
}

async function orUndefinedIfMissing(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
