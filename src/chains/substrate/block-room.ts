import { z } from 'zod';
import type { Weight } from '../shared/call-budget.ts';
import { readShape } from '../shared/json-rpc.ts';
import { ask, memberOf, type SubstrateConnection } from './connection.ts';
import { weightSchema } from './dry-run.ts';

const usedSchema = z.object({
  normal: weightSchema,
  operational: weightSchema,
  mandatory: weightSchema,
});
const limitsSchema = z.object({
  maxBlock: weightSchema,
  perClass: z.object({
    normal: z.object({ baseExtrinsic: weightSchema, maxTotal: weightSchema.nullable() }),
  }),
});

/**
 * Whether the newest block had room left for a call beside all that it has. Where it had, what the call offers is not why no block takes it:
 * whoever makes a block takes what pays more before what pays less, and all of it where there is room.
 *
 * SPEC: polkadot-sdk frame_system `CheckWeight`, `BlockWeights`.
 *
 * @param weight the most that the call may take
 */
export async function hasRoom(
  { name, api }: SubstrateConnection,
  weight: Weight,
): Promise<boolean> {
  const query = memberOf(name, api.query, 'system.blockWeight');
  const { normal, operational, mandatory } = readShape(
    name,
    usedSchema,
    (await ask(name, 'System.BlockWeight', query())).toJSON(),
    'System.BlockWeight',
  );
  const limits = memberOf(name, api.consts, 'system.blockWeights').toJSON();
  const { maxBlock, perClass } = readShape(name, limitsSchema, limits, 'system.blockWeights');
  const { baseExtrinsic, maxTotal } = perClass.normal;
  const fits = (used: readonly Weight[], most: Weight) => {
    const all = [weight, baseExtrinsic, ...used];
    const sumOf = (part: keyof Weight) => all.reduce((sum, each) => sum + each[part], 0n);
    return sumOf('refTime') <= most.refTime && sumOf('proofSize') <= most.proofSize;
  };
  return fits([normal], maxTotal ?? maxBlock) && fits([normal, operational, mandatory], maxBlock);
}
