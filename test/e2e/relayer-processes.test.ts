import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operated } from '../chaos/real/operated.ts';
import { type Payment, payIn, timesPaid } from '../chaos/real/payments.ts';
import { findBrokenParts } from '../chaos/real/real-invariants.ts';
import { type RealWorld, type Shape, startRealWorld } from '../chaos/real/real-world.ts';
import { openStores, type Stores, withClient } from '../chaos/real/stores.ts';
import { STOP_MS } from '../chaos/real/supervised.ts';
import { createRandom } from '../fuzz/random.ts';

const PATIENCE = { timeout: 1_500_000, interval: 200 };
const stores = await openStores();
afterAll(() => stores?.close());

/** A world of a shape, for all tests of a block. */
function useWorld(shape: Shape) {
  let real: RealWorld | undefined;
  const payments: Payment[] = [];
  const random = createRandom(1, shape, 0);
  beforeAll(async () => {
    real = await startRealWorld(shape, stores as Stores);
  });
  afterAll(async () => {
    await real?.close();
    if (real !== undefined) rmSync(real.folder, { recursive: true, force: true });
  });
  const world = () => real as RealWorld;
  return {
    world,
    payments,
    pay: async () => payments.push(...(await payIn(world(), random))),
    allPaid: () =>
      expect
        .poll(async () => [...(await timesPaid(world(), payments)).values()], PATIENCE)
        .toEqual(payments.map(() => 1)),
    well: () => expect.poll(() => findBrokenParts(world(), payments), PATIENCE).toEqual([]),
  };
}

interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly token: string;
}

async function leasesIn({ postgresUrl }: Operated): Promise<Lease[]> {
  const { rows } = await withClient(postgresUrl ?? '', (client) =>
    client.query<Lease>('SELECT name, holder, token FROM leases ORDER BY name'),
  );
  return rows;
}

describe.skipIf(stores === undefined)('two relayer processes of one operator', () => {
  const { world, payments, pay, allPaid, well } = useWorld('pair');
  const ofPid = (pid: number) => ({ holder: expect.stringMatching(new RegExp(`^${pid}-`)) });
  const pair = () => world().relayers as [Operated, Operated];
  const openOnes = async () => {
    const { rows } = await withClient(pair()[0].postgresUrl ?? '', (client) =>
      client.query("SELECT hash FROM submissions WHERE state IN ('intent', 'broadcast')"),
    );
    return rows.length;
  };
  /** The process that uses the accounts now, once it has transactions under way, and the other one. */
  const leaderAtWork = async () => {
    await expect.poll(openOnes, { timeout: 120_000, interval: 20 }).toBeGreaterThan(0);
    const leases = await leasesIn(pair()[0]);
    const leads = ({ supervised: { pid } }: Operated) =>
      leases.some(({ holder }) => holder.startsWith(`${pid}-`));
    const leader = pair().find(leads) as Operated;
    const other = pair().find((each) => each !== leader) as Operated;
    return { leader, other, pid: leader.supervised.pid, leases };
  };
  /** Milliseconds until the other one has a lease that this process had. */
  const takenOver = async (pid: number) => {
    const sinceMs = performance.now();
    const had = (await leasesIn(pair()[0])).filter(({ holder }) => holder.startsWith(`${pid}-`));
    await expect
      .poll(
        async () => {
          const now = await leasesIn(pair()[0]);
          return had.some(({ name, token }) =>
            now.some((each) => each.name === name && BigInt(each.token) > BigInt(token)),
          );
        },
        { timeout: 120_000, interval: 50 },
      )
      .toBe(true);
    return Math.round(performance.now() - sinceMs);
  };

  it('carry on when the one that submits is killed with transactions under way', async () => {
    await pay();
    const { leader, pid } = await leaderAtWork();
    await leader.supervised.kill();
    process.stdout.write(
      `an account was taken over ${await takenOver(pid)} ms after its process was killed\n`,
    );
    await allPaid();
  });

  it('carry on when it stands still, and it writes nothing when it wakes up', async () => {
    await pay();
    const { leader, other, pid } = await leaderAtWork();
    process.kill(pid, 'SIGSTOP');
    process.stdout.write(
      `an account was taken over ${await takenOver(pid)} ms after its process stood still\n`,
    );
    const taken = await leasesIn(other);
    process.kill(pid, 'SIGCONT');
    await sleep(2000);
    // It has not taken back what is not its own any more: that would have another token.
    for (const { name, token } of taken.filter((each) => !each.holder.startsWith(`${pid}-`))) {
      expect(await leasesIn(other)).toContainEqual(
        expect.objectContaining({ name, token, ...ofPid(other.supervised.pid) }),
      );
    }
    expect(leader.supervised.pid).toBe(pid);
    await allPaid();
    await well();
  });

  it('end within ten seconds while nothing answers them, and at once when told twice', async () => {
    const [first, second] = pair();
    for (const { proxy } of first.lines) await proxy.set('half-open');
    const stopping = first.supervised.stop();
    for (const { proxy } of second.lines) await proxy.set('half-open');
    process.kill(second.supervised.pid, 'SIGTERM');
    await sleep(500);
    const askedAtMs = performance.now();
    await second.supervised.stop();
    expect(performance.now() - askedAtMs).toBeLessThan(STOP_MS / 3);
    expect(second.supervised.ends.at(-1)).toMatchObject({ code: 130 });
    await stopping;
    expect(first.supervised.longestStopMs).toBeLessThan(STOP_MS);
    expect(first.supervised.ends.at(-1)).toMatchObject({ code: 0 });
    for (const { proxy } of [...first.lines, ...second.lines]) await proxy.set('pass');
  });

  it('are found out by what is checked after chaos, if they have not done their work', async () => {
    // Nobody runs now; what each check looks at is spoiled.
    const { postgresUrl } = pair()[0];
    await withClient(postgresUrl ?? '', async (client) => {
      await client.query('UPDATE cursors SET block_number = 3');
      await client.query("DELETE FROM state_changes WHERE state = 'anchored'");
      await client.query(
        "UPDATE submissions SET state = 'broadcast', signed_at = -1000 WHERE nonce = (SELECT max(nonce) FROM submissions)",
      );
      const { secret } = payments.find((each) => each.secret !== undefined) as Payment;
      const told = Buffer.from(secret ?? []).toString('hex');
      await client.query('INSERT INTO bridge_places VALUES ($1, $1)', [told]);
    });
    const nobody = { name: 'of nobody', tags: [`0x${'77'.repeat(32)}`] } as const;
    const found = (await findBrokenParts(world(), [...payments, nobody])).join('\n');
    for (const what of [
      'deposit of nobody is paid 0 times',
      'first: not ready: /ready does not answer',
      'ethereum: the cursor is at 3, the final head at',
      'is open for ever',
      'the journal does not tell how message',
      'the journal tells a secret',
    ]) {
      expect(found).toContain(what);
    }
  });
});

describe.skipIf(stores === undefined)('two relayers of two operators', () => {
  const { pay, allPaid, well } = useWorld('rivals');

  it('race for the same bridge, and both end well', async () => {
    await pay();
    await allPaid();
    await pay();
    await allPaid();
    await well();
  });
});
