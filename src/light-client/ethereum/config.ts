import * as z from 'zod';
import { hexOf } from '../../shared/hex-schema.ts';

/** The forks of the beacon chain that light clients know, in the order in which they come. */
export const FORK_NAMES = [
  'altair',
  'bellatrix',
  'capella',
  'deneb',
  'electra',
  'fulu',
  'gloas',
  'heze',
] as const;

/** The name of a beacon chain fork. */
export type ForkName = (typeof FORK_NAMES)[number];

const fork = z.strictObject({
  name: z.enum(FORK_NAMES).describe('the fork, by the name of its consensus specification'),
  version: hexOf(4).describe('4 bytes; enters the domain that sync committees sign under'),
  epoch: z.int().min(0).describe('the first epoch of the fork; leave out a fork without a date'),
});

/**
 * What an enclave is told about an Ethereum network: part of its measured configuration.
 *
 * SECURITY: nothing here may come from a host at run time. A wrong fork version or genesis validators
 * root makes every signature fail; a wrong checkpoint root makes the enclave follow another chain.
 */
export const ethereumConfigSchema = z
  .strictObject({
    preset: z.enum(['mainnet', 'minimal']).describe('constants of the network; minimal in devnets'),
    genesisValidatorsRoot: hexOf(32).describe('32 bytes; names the network in every signed domain'),
    genesisTimeSec: z
      .int()
      .min(0)
      .optional()
      .describe('When slot 0 was; tools judge by it which fork is in force.'),
    forks: z.array(fork).min(1).max(FORK_NAMES.length).describe('the fork table, oldest first'),
    checkpointRoot: hexOf(32).describe(
      '32 bytes; root of the finalized beacon block to start from',
    ),
    checkpointTimestampSec: z
      .int()
      .min(0)
      .optional()
      .describe('When that block was made, by its execution block; tools judge its age by it.'),
  })
  .refine(({ forks }) => isOrdered(forks), {
    path: ['forks'],
    error: 'forks must be listed once each, oldest first, at epochs that never decrease',
  });

/** The measured configuration of the Ethereum light client. */
export type EthereumConfig = Readonly<z.infer<typeof ethereumConfigSchema>>;

/** One row of the fork table. */
export type ForkEntry = EthereumConfig['forks'][number];

function isOrdered(forks: readonly { readonly name: ForkName; readonly epoch: number }[]): boolean {
  return forks.every(({ name, epoch }, i) => {
    const before = forks[i - 1];
    if (before === undefined) return true;
    return FORK_NAMES.indexOf(before.name) < FORK_NAMES.indexOf(name) && before.epoch <= epoch;
  });
}
