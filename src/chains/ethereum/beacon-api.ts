import { z } from 'zod';
import type { Hex } from '../../shared/bytes.ts';
import { agreedHead } from '../shared/agreed-head.ts';
import { ChainError } from '../shared/bridged-chain.ts';
import type { Endpoint, EndpointHealth } from '../shared/endpoints.ts';
import { readShape } from '../shared/json-rpc.ts';
import { hash } from '../shared/node-hex.ts';
import { type BeaconAnswer, createBeaconNodes, isMissing } from './beacon-nodes.ts';
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
  /**
   * The newest finality update, as most of the nodes have it; undefined while nothing is final.
   *
   * @throws {ChainError} CHAIN_ANSWER_INCOMPLETE: as many nodes say that another block is final
   */
  finalityUpdate(): Promise<BeaconUpdate | undefined>;
  /** What a light client starts from at a finalized block root. */
  bootstrap(root: Hex): Promise<unknown>;
  /** Asked for once. */
  times(): Promise<BeaconTimes>;
  /** Has others asked before whoever gave the last updates of periods, for a while: it lacks what an honest node may lack. */
  passOver(): void;
  /** Says that the last thing that a node told of finality was not true. @returns its host, if there is one to blame */
  distrust(why: string): string | undefined;
  /** In the order of the configuration. */
  endpoints(): readonly EndpointHealth[];
  /** Questions that were asked so far, by the name that the API has for them. */
  calls(): ReadonlyMap<string, number>;
}

const MAX_UPDATES = 128;
const UPDATES = 'light_client/updates';
const NEWEST = 'light_client/finality_update';
/** What is final changes by whole epochs, and honest nodes hear of it one after the other. */
const USUAL_SPREAD_SLOTS = 96;

/**
 * Creates a client of beacon nodes.
 *
 * @param client what the configuration calls the light client; stands in errors
 * @param baseUrls at least one
 */
export function createBeaconApi(client: string, ...baseUrls: readonly string[]): BeaconApi {
  const nodes = createBeaconNodes(client, baseUrls);
  let times: BeaconTimes | undefined;
  let lastToTell: Endpoint | undefined;
  let updatesFrom: Endpoint | undefined;
  const told = <T>({ endpoint, answer }: BeaconAnswer<T>): T => {
    lastToTell = endpoint;
    return answer;
  };
  return {
    lightClientUpdates: async (startPeriod, count) => {
      const limit = Math.min(count, MAX_UPDATES);
      const path = `beacon/${UPDATES}?start_period=${startPeriod}&count=${limit}`;
      const items = z.array(z.unknown()).max(MAX_UPDATES);
      const read = (json: unknown) =>
        readShape(client, items, json, UPDATES).map((one) => readUpdate(client, one));
      const updates = await nodes.first({ name: UPDATES, path, read });
      updatesFrom = updates.endpoint;
      return told(updates);
    },
    finalityUpdate: async () => {
      const read = (json: unknown) => readUpdate(client, json);
      const newest = await orUndefinedIfMissing(
        nodes.all({ name: NEWEST, path: `beacon/${NEWEST}`, read }),
      );
      return newest && told(agreedUpdate(client, newest));
    },
    bootstrap: async (root) => {
      const name = 'light_client/bootstrap';
      return told(
        await nodes.first({ name, path: `beacon/${name}/${root}`, read: stripBranchFilling }),
      );
    },
    times: async () => {
      const name = 'config/spec';
      const read = (json: unknown) => readTimes(client, json);
      times ??= (await nodes.first({ name, path: name, read })).answer;
      return times;
    },
    passOver: () => updatesFrom?.fault('behind'),
    distrust: (why) => {
      lastToTell?.distrust(why);
      return lastToTell && new URL(lastToTell.url).host;
    },
    endpoints: nodes.endpoints,
    calls: () => nodes.calls,
  };
}

/** Of those that were not caught lying what most of them say, or the newest of two. @throws {ChainError} CHAIN_ANSWER_INCOMPLETE */
function agreedUpdate(
  client: string,
  answers: readonly BeaconAnswer<BeaconUpdate>[],
): BeaconAnswer<BeaconUpdate> {
  const trusted = answers.filter(({ endpoint }) => endpoint.health().distrustedFor === undefined);
  const claims = (trusted.length > 0 ? trusted : answers).map((one) => ({
    ...one,
    number: one.answer.finalizedSlot,
    hash: one.answer.finalizedBlockHash,
  }));
  const agreed = agreedHead(claims, USUAL_SPREAD_SLOTS);
  const found = claims.find(({ endpoint }) => endpoint === agreed?.endpoint);
  if (found !== undefined) return found;
  const what = `the beacon nodes disagree on which block is final in slot ${claims[0]?.number}`;
  throw new ChainError('CHAIN_ANSWER_INCOMPLETE', { chain: client, what });
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

async function orUndefinedIfMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
