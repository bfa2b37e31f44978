import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crashAt, crashPoints, REFERENCE } from '../chaos/crash-points.ts';
import { drawSchedule, sayOf } from '../chaos/draw-schedule.ts';
import { Journals } from '../chaos/journals.ts';
import { runSchedule } from '../chaos/run-schedule.ts';
import { ETHEREUM } from '../support/enclave-world.ts';

// The short form of `npm run chaos`: simulated chains, enclaves with their real commands, the real lanes, the real journal.

const SEED = 20_261_127;
const SCHEDULES = 5;
const CRASHES = 6;

describe('a relayer between simulated chains', () => {
  const journals = new Journals();
  beforeAll(() => journals.emptyAt(0), 120_000);
  afterAll(() => journals.close());

  it('goes on after it was ended at any of its calls: nothing is lost, nothing is paid twice', async () => {
    const { calls, broken } = await runSchedule(journals, REFERENCE);
    expect(broken).toEqual([]);
    const every = Math.ceil((2 * calls) / CRASHES);
    // In the middle of each part: the next run may have some calls less, and has to come as far as the last.
    const from = every >> 1;
    for (const [call, isCarriedOut] of crashPoints(calls, { every, from })) {
      const result = await runSchedule(journals, crashAt(call, isCarriedOut));
      expect({ call, isCarriedOut, broken: result.broken }).toEqual({
        call,
        isCarriedOut,
        broken: [],
      });
      expect(result.relayers).toBe(2);
    }
  });

  it('carries what waits on a chain that was suspended, once it goes on, though nothing new is sent there', async () => {
    const happenings = [
      { ...sayOf(ETHEREUM, 'suspend'), atSec: 8 },
      { ...sayOf(ETHEREUM, 'resume'), atSec: 30 },
    ];
    const { broken } = await runSchedule(journals, { ...REFERENCE, happenings });
    expect(broken).toEqual([]);
  });

  it('has journals that answer as the database does, though they remember what they have answered', async () => {
    const pglite = await journals.emptyAt(0);
    const text = 'SELECT reason FROM holds ORDER BY reason';
    const reasons = async () => (await pglite.query<{ reason: string }>(text)).rows;
    const say = `INSERT INTO holds (subject, reason, at_ms) VALUES ($1, $1, 1)`;
    const before = await reasons();
    expect(before).toEqual([]);
    expect(await reasons()).toBe(before);
    await pglite.query(say, ['lane *']);
    expect(await reasons()).toEqual([{ reason: 'lane *' }]);
    const undone = pglite.transaction(async (tx) => {
      await tx.query(say, ['lane commit']);
      expect((await tx.query(text)).rows).toHaveLength(2);
      throw new Error('rolled back');
    });
    await expect(undone).rejects.toThrow('rolled back');
    expect(await reasons()).toEqual([{ reason: 'lane *' }]);
    await pglite.transaction((tx) => tx.query(say, ['lane commit']));
    expect(await reasons()).toHaveLength(2);
    await pglite.exec('DELETE FROM holds');
    expect(await reasons()).toEqual([]);
  });

  it.each(Array.from({ length: SCHEDULES }, (_, index) => index))(
    'comes to rest after schedule %i of delays, drops, lies, reorganisations and kills',
    async (index) => {
      const { broken } = await runSchedule(journals, drawSchedule(SEED, index));
      expect(broken).toEqual([]);
    },
  );
});
