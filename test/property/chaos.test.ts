import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/relayer/journal/database.ts';
import { crashAt, crashPoints, REFERENCE } from '../chaos/crash-points.ts';
import { drawSchedule } from '../chaos/draw-schedule.ts';
import { runSchedule } from '../chaos/run-schedule.ts';

// The short form of `npm run chaos`: simulated chains, enclaves with their real commands, the real lanes, the real journal.

const SEED = 20_261_127;
const SCHEDULES = 5;
const CRASHES = 6;

describe('a relayer between simulated chains', () => {
  let journal: Awaited<ReturnType<typeof openEmbedded>>;

  beforeAll(async () => {
    journal = await openEmbedded();
  }, 120_000);
  afterAll(() => journal.close());

  it('goes on after it was ended at any of its calls: nothing is lost, nothing is paid twice', async () => {
    const { calls, broken } = await runSchedule(journal.pglite, REFERENCE);
    expect(broken).toEqual([]);
    const every = Math.ceil((2 * calls) / CRASHES);
    for (const [call, isCarriedOut] of crashPoints(calls, { every, from: SEED })) {
      const result = await runSchedule(journal.pglite, crashAt(call, isCarriedOut));
      expect({ call, isCarriedOut, broken: result.broken }).toEqual({
        call,
        isCarriedOut,
        broken: [],
      });
      expect(result.relayers).toBe(2);
    }
  });

  it.each(Array.from({ length: SCHEDULES }, (_, index) => index))(
    'comes to rest after schedule %i of delays, drops, lies, reorganisations and kills',
    async (index) => {
      const { broken } = await runSchedule(journal.pglite, drawSchedule(SEED, index));
      expect(broken).toEqual([]);
    },
  );
});
