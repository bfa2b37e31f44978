import { REFERENCE_PLAN } from './deposits.ts';
import type { Schedule } from './run-schedule.ts';

/** A day on which nothing goes wrong by itself: money both ways, one deposit that is given back, two enclaves. */
export const REFERENCE: Schedule = {
  plan: { enclaves: 2, threshold: 2, deposits: REFERENCE_PLAN, processes: [1], held: [] },
  happenings: [],
  calmAtSec: 0,
  fates: () => undefined,
  isThrifty: true,
};

/** The reference with a relayer that ends at one of its calls, carried out or not, and another that goes on. */
export function crashAt(call: number, isCarriedOut: boolean): Schedule {
  return { ...REFERENCE, stopAt: { isAt: (_, place) => place === call, isCarriedOut } };
}

/** Every so many of the first `calls` calls, from one that differs from run to run on: both halves of each. */
export function* crashPoints(
  calls: number,
  { every, from }: { readonly every: number; readonly from: number },
): Generator<readonly [call: number, isCarriedOut: boolean]> {
  for (let call = 1 + (from % every); call <= calls; call += every) {
    yield [call, false];
    yield [call, true];
  }
}
