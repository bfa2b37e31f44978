import * as z from 'zod';
import { hexOf } from '../../shared/hex-schema.ts';
import { MAX_AUTHORITIES } from './limits.ts';

const bytes32 = hexOf(32);
const u32 = z.number().int().min(0).max(0xffff_ffff);

/** The part of the measured configuration that the Polkadot light client starts from. */
export const polkadotConfigSchema = z.strictObject({
  checkpoint: z
    .strictObject({
      number: u32.describe('Number of the pinned block.'),
      hash: bytes32.describe('Hash of the pinned block.'),
      stateRoot: bytes32.describe('State root of the pinned block.'),
      setId: z
        .number()
        .int()
        .min(0)
        .describe('Id of the GRANDPA set that finalizes the blocks after the pinned one.'),
      authorities: z
        .array(
          z.strictObject({
            id: bytes32.describe('ed25519 public key of the authority.'),
            weight: z.number().int().min(1).describe('Its weight; 1 on the public networks.'),
          }),
        )
        .min(1)
        .max(MAX_AUTHORITIES)
        .describe('The authorities of that set, in the order of the chain.'),
      timestampSec: z
        .int()
        .min(0)
        .optional()
        .describe('When the pinned block was made, by its state; tools judge its age by it.'),
    })
    .describe('A finalized block, pinned: everything later is trusted on its word.'),
});

/** See `polkadotConfigSchema`. */
export type PolkadotConfig = z.output<typeof polkadotConfigSchema>;
