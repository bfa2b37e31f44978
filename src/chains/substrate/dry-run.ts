import { z } from 'zod';
import type { Hex } from '../../shared/bytes.ts';
import { describeRevert } from '../shared/abi.ts';
import { type ChainCall, ChainCallReverted, ChainError } from '../shared/bridged-chain.ts';
import type { Weight } from '../shared/call-budget.ts';
import { address, hexBytes, integer } from '../shared/node-hex.ts';
import { describeDispatchError } from './blocks.ts';
import { callRuntime, type RuntimeState } from './connection.ts';

/** What a call would need and give. */
export interface DryRun {
  readonly weight: Weight;
  /** Most that the call may lock for storage, in planck. */
  readonly storageDepositPlanck: bigint;
  readonly output: Hex;
}

/** The chain keeps 10 decimals of an amount's 18. */
export const WEI_PER_PLANCK = 10n ** 8n;

/** An amount as the chain keeps it, 10 decimals. @throws {ChainError} CHAIN_VALUE_HAS_DUST */
export function toPlanck(chain: string, valueWei: bigint): bigint {
  if (valueWei % WEI_PER_PLANCK === 0n) return valueWei / WEI_PER_PLANCK;
  const what = `${valueWei} wei is no whole number of planck; give a multiple of ${WEI_PER_PLANCK}`;
  throw new ChainError('CHAIN_VALUE_HAS_DUST', { chain, what });
}

/** As a runtime says it of a call, of a class of calls or of a block. */
export const weightSchema = z.object({ refTime: integer, proofSize: integer });
const depositSchema = z.union([
  z.object({ charge: integer }).transform(({ charge }) => charge),
  z.object({ refund: integer }).transform(() => 0n),
]);
const returned = z.object({ flags: z.object({ bits: z.int() }), data: hexBytes });
const resultSchema = z.object({
  weightRequired: weightSchema,
  storageDeposit: depositSchema,
  maxStorageDeposit: depositSchema.optional(),
  result: z.union([
    z.object({ ok: returned }),
    z.object({ ok: z.object({ result: returned, addr: address }) }).transform(({ ok }) => ({
      ok: ok.result,
    })),
    z.object({ err: z.unknown() }),
  ]),
});

const REVERTED = 1;
const ANY_WEIGHT = null;
/** What a call gets above what the dry run took: the state it runs on may be another by then. */
const WEIGHT_MARGINS = [
  [9n, 8n],
  [5n, 4n],
  [2n, 1n],
  [4n, 1n],
] as const;

/** Runs a call on the newest state without a transaction. @throws {ChainCallReverted} */
export async function dryRun(
  state: RuntimeState,
  origin: Uint8Array,
  call: ChainCall,
): Promise<DryRun> {
  const free = await runWithin(state, origin, { call, weight: ANY_WEIGHT });
  for (const [numerator, denominator] of WEIGHT_MARGINS) {
    const weight = {
      refTime: (free.weight.refTime * numerator) / denominator,
      proofSize: (free.weight.proofSize * numerator) / denominator,
    };
    // A contract may ask for more gas in reserve than it uses, so what was used need not be enough.
    const isEnough = await runWithin(state, origin, { call, weight }).then(
      () => true,
      (error: unknown) => !(error instanceof ChainCallReverted) && Promise.reject(error),
    );
    if (isEnough) return { ...free, weight };
  }
  const reason = 'it needs more weight than four times what it uses';
  throw new ChainCallReverted({ chain: state.name, data: '0x', reason });
}

interface Attempt {
  readonly call: ChainCall;
  readonly weight: Weight | null;
}

/** One dry run under a limit of weight. @throws {ChainCallReverted} */
export async function runWithin(
  state: RuntimeState,
  origin: Uint8Array,
  { call, weight }: Attempt,
): Promise<DryRun> {
  const value = toPlanck(state.name, call.valueWei);
  const limits = [weight, null];
  const answer =
    call.to === null
      ? await callRuntime(state, 'reviveApi.instantiate', {
          args: [origin, value, ...limits, { Upload: call.data }, '0x', null],
          schema: resultSchema,
        })
      : await callRuntime(state, 'reviveApi.call', {
          args: [origin, call.to, value, ...limits, call.data],
          schema: resultSchema,
        });
  const { weightRequired, storageDeposit, maxStorageDeposit, result } = answer;
  if ('err' in result) {
    const reason = describeDispatchError(state.api, result.err);
    throw new ChainCallReverted({ chain: state.name, data: '0x', reason });
  }
  const { flags, data } = result.ok;
  if ((flags.bits & REVERTED) !== 0) {
    throw new ChainCallReverted({ chain: state.name, data, reason: describeRevert(data) });
  }
  const most = maxStorageDeposit ?? storageDeposit;
  return { weight: weightRequired, storageDepositPlanck: most, output: data };
}
