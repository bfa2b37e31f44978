import { z } from 'zod';
import type { DevBeaconChain } from './beacon-chain.ts';
import { SYNC_COMMITTEE_SIZE } from './beacon-config.ts';
import { BeaconApiError, type Route } from './http-routes.ts';

const MAX_SKIPPED_SLOTS = 4096;
/** Every slot in between is made, at about 10 ms each. */
const MAX_FORWARD_SEC = 7200;

const finalitySchema = z.strictObject({ held: z.boolean() });
const slotsSchema = z.strictObject({ skip: z.int().min(0).max(MAX_SKIPPED_SLOTS) });
const participationSchema = z.strictObject({
  absentees: z.int().min(0).max(SYNC_COMMITTEE_SIZE),
});
const timeSchema = z.strictObject({ forwardSec: z.int().min(0).max(MAX_FORWARD_SEC) });

/**
 * Faults on demand, for tests: no real beacon has these.
 *
 * @param onForward told of how far time was moved ahead, for whoever shares the clock
 */
export function createAdminRoutes(
  chain: DevBeaconChain,
  onForward: (seconds: number) => void,
): Route[] {
  const status = () => ({
    data: {
      slot: chain.slot,
      finality_held: chain.faults.isFinalityHeld,
      skipped_slots: chain.faults.skippedSlots,
      absentees: chain.faults.absentees,
      slots_ahead: chain.slotsAhead,
    },
  });
  const post = (pattern: RegExp, apply: (body: unknown) => void): Route => ({
    method: 'POST',
    pattern,
    answer({ body }) {
      apply(body);
      return status();
    },
  });
  return [
    { method: 'GET', pattern: /^\/devnet\/status$/, answer: status },
    post(/^\/devnet\/finality$/, (body) => {
      chain.faults.isFinalityHeld = parse(finalitySchema, body).held;
    }),
    post(/^\/devnet\/slots$/, (body) => {
      chain.faults.skippedSlots = parse(slotsSchema, body).skip;
    }),
    post(/^\/devnet\/participation$/, (body) => {
      chain.faults.absentees = parse(participationSchema, body).absentees;
    }),
    post(/^\/devnet\/time$/, (body) => {
      const { forwardSec } = parse(timeSchema, body);
      chain.forward(forwardSec);
      onForward(forwardSec);
    }),
  ];
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new BeaconApiError(400, z.prettifyError(parsed.error));
}
