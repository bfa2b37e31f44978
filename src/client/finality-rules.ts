import { z } from 'zod';
import type { ClientConfig } from '../config/client.ts';
import type { FinalityRule } from './finality-eta.ts';

const specSchema = z.object({
  data: z.object({
    SLOTS_PER_EPOCH: z.coerce.number().int().min(1).max(1024),
    SECONDS_PER_SLOT: z.coerce.number().int().min(1).max(3600),
  }),
});
/** GRANDPA is usually this many blocks behind the head. */
const GRANDPA_LAG_BLOCKS = 2;

/** How long each of a client's chains needs to be sure, by chain id, as its beacon and configuration say. */
export async function fetchFinalityRules(
  client: ClientConfig,
): Promise<ReadonlyMap<bigint, FinalityRule>> {
  const { ethereum, polkadot } = client;
  const response = await fetch(`${ethereum.beaconUrl.replace(/\/+$/, '')}/eth/v1/config/spec`);
  const { data } = specSchema.parse(await response.json());
  return new Map<bigint, FinalityRule>([
    [
      BigInt(ethereum.chainId),
      {
        kind: 'casper',
        slotsPerEpoch: data.SLOTS_PER_EPOCH,
        slotMs: data.SECONDS_PER_SLOT * 1000,
      },
    ],
    [
      BigInt(polkadot.chainId),
      { kind: 'grandpa', blockMs: polkadot.blockMs, lagBlocks: GRANDPA_LAG_BLOCKS },
    ],
  ]);
}
