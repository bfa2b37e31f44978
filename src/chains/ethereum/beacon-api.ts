import { z } from 'zod';
import type { Hex } from '../../shared/bytes.ts';
import { type BlockRef, ChainError } from '../shared/bridged-chain.ts';
import { fetchJson, HttpStatusError, readShape } from '../shared/json-rpc.ts';
import { hash } from './schema.ts';

// SPEC: ethereum/beacon-APIs, light_client. The enclave reads the objects whole; here only what steers is read.

const decimal = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,15})$/)
  .transform(Number);
const headerSchema = z.object({
  beacon: z.object({ slot: decimal }),
  execution: z.object({ block_number: decimal, block_hash: hash }),
});
const updateSchema = z.object({
  data: z.object({
    attested_header: z.object({ beacon: z.object({ slot: decimal }) }),
    finalized_header: headerSchema,
  }),
});
const specSchema = z.object({
  data: z.object({
    SLOTS_PER_EPOCH: decimal,
    EPOCHS_PER_SYNC_COMMITTEE_PERIOD: decimal,
  }),
});

/** A light-client update as the beacon serves it, with what the relayer needs to know of it. */
export interface BeaconUpdate {
  readonly attestedSlot: number;
  readonly finalizedSlot: number;
  /** The execution block that the finalized header carries. */
  readonly finalizedBlock: BlockRef;
  /** The whole object, for the enclave. */
  readonly json: unknown;
}

/** The light-client part of a beacon node's API. */
export interface BeaconApi {
  /** The best update of each period from `startPeriod` on, `count` at most. */
  lightClientUpdates(startPeriod: number, count: number): Promise<BeaconUpdate[]>;
  /** The newest finality update; undefined while nothing is final. */
  finalityUpdate(): Promise<BeaconUpdate | undefined>;
  /** What a light client starts from at a finalized block root. */
  bootstrap(root: Hex): Promise<unknown>;
  slotsPerPeriod(): Promise<number>;
}

const MAX_UPDATES = 128;

/** Creates a client of the beacon node at `baseUrl`. */
export function createBeaconApi(baseUrl: string): BeaconApi {
  const base = baseUrl.replace(/\/+$/, '');
  const get = (path: string) =>
    fetchJson('ethereum', `${base}/eth/v1/${path}`, { headers: { accept: 'application/json' } });
  let slotsPerPeriod: number | undefined;
  return {
    lightClientUpdates: async (startPeriod, count) => {
      const limit = Math.min(count, MAX_UPDATES);
      const path = `beacon/light_client/updates?start_period=${startPeriod}&count=${limit}`;
      const items = z.array(z.unknown()).max(MAX_UPDATES);
      return readShape('ethereum', items, await get(path), 'light_client/updates').map(readUpdate);
    },
    finalityUpdate: async () => {
      const json = await orUndefinedIfMissing(get('beacon/light_client/finality_update'));
      return json === undefined ? undefined : readUpdate(json);
    },
    bootstrap: (root) => get(`beacon/light_client/bootstrap/${root}`),
    slotsPerPeriod: async () => {
      if (slotsPerPeriod === undefined) {
        const { data } = readShape('ethereum', specSchema, await get('config/spec'), 'config/spec');
        slotsPerPeriod = data.SLOTS_PER_EPOCH * data.EPOCHS_PER_SYNC_COMMITTEE_PERIOD;
      }
      return slotsPerPeriod;
    },
  };
}

function readUpdate(json: unknown): BeaconUpdate {
  const { data } = readShape('ethereum', updateSchema, json, 'a light client update');
  const { beacon, execution } = data.finalized_header;
  return {
    attestedSlot: data.attested_header.beacon.slot,
    finalizedSlot: beacon.slot,
    finalizedBlock: { number: execution.block_number, hash: execution.block_hash },
    json,
  };
}

async function orUndefinedIfMissing(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    const cause = error instanceof ChainError ? error.cause : undefined;
    if (cause instanceof HttpStatusError && cause.status === 404) return undefined;
    throw error;
  }
}
