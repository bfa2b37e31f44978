import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../fuzz/random.ts';
import { createLiar } from './draw-lies.ts';
import type { Line, Operated } from './operated.ts';
import type { RealWorld } from './real-world.ts';
import { withClient, withRedis } from './stores.ts';
import { runCommand } from './supervised.ts';

/** Something that happens to a world, and is over when it returns. */
export interface Happening {
  /** From the start of its schedule, in milliseconds. */
  readonly atMs: number;
  /** What it is, for whoever reads of it. */
  readonly what: string;
  happen(): Promise<void>;
}

/** Milliseconds in which things begin to happen, in one schedule. */
const BAD_MS = 12_000;
const LEAST = 3;
const MORE = 5;
const LONGEST_MS = 15_000;
/** A journal that is forgotten while its connections are still being closed is refused. */
const REBUILDS = 10;

/** Draws what happens in a schedule: which, to whom and for how long follows from `random` alone. */
export function drawHappenings(world: RealWorld, random: Random): Happening[] {
  const count = LEAST + random.below(MORE);
  const drawn = Array.from({ length: count }, () => ({
    atMs: random.below(BAD_MS),
    ...drawOne(world, random),
  }));
  return drawn.sort((a, b) => a.atMs - b.atMs);
}

function drawOne(world: RealWorld, random: Random): Omit<Happening, 'atMs'> {
  const relayer = random.pick(world.relayers);
  const line = random.pick(relayer.lines);
  const forMs = 500 + random.below(LONGEST_MS);
  const drawn = { world, relayer, line, forMs, random };
  return random.pick([toProcess, toLine, toLine, toNode, toNode, toStores, toEnclave, toClock])(
    drawn,
  );
}

interface Drawn {
  readonly world: RealWorld;
  readonly relayer: Operated;
  readonly line: Line;
  readonly forMs: number;
  readonly random: Random;
}

type Told = Omit<Happening, 'atMs'>;

function toProcess({ world, relayer, forMs, random }: Drawn): Told {
  const { name } = relayer.supervised;
  const { supervised } = relayer;
  return random.pick<() => Told>([
    () => ({ what: `${name} is killed`, happen: () => supervised.kill() }),
    () => ({
      what: `${name} stands still for ${forMs} ms`,
      happen: () => supervised.freeze(forMs),
    }),
    () => ({ what: `${name} is told to stop`, happen: () => supervised.pause() }),
    () => ({
      what: `${name}'s journal is forgotten`,
      happen: () => rebuild(world, relayer),
    }),
  ])();
}

/** Its machine's clock is set, and stays so. */
function toClock({ relayer: { supervised }, random }: Drawn): Told {
  const sec = random.pick([-7200, -3600, -90, -5, 0, 5, 90, 3600, 7200]);
  return {
    what: `${supervised.name}'s clock is ${sec} s ahead from now on`,
    happen: async () => supervised.setClock(1000 * sec),
  };
}

/** All who use the journal stop first. */
async function rebuild({ relayers }: RealWorld, relayer: Operated): Promise<void> {
  const { journalFolder, configPath } = relayer;
  const others = relayers.filter(
    (each) => each !== relayer && each.journalFolder === journalFolder,
  );
  const [other] = others;
  const forget = async () => {
    for (let i = 0; i < REBUILDS; i++) {
      if ((await runCommand(['relayer', 'rebuild', '--yes', '--config', configPath])) === 0) return;
      await sleep(1000);
    }
  };
  await relayer.supervised.pause(() => (other ? other.supervised.pause(forget) : forget()));
}

function toLine({ relayer, line, forMs, random }: Drawn): Told {
  const { proxy } = line;
  const to = `${relayer.supervised.name}'s ${line.name}`;
  const during = async (begin: () => Promise<void> | void, end: () => Promise<void> | void) => {
    await begin();
    await sleep(forMs);
    await end();
  };
  const delayMs = 100 + random.below(3000);
  return random.pick<() => Told>([
    () => ({
      what: `${to} is away for ${forMs} ms`,
      happen: () =>
        during(
          async () => {
            await proxy.set('refuse');
            proxy.cut();
          },
          () => proxy.set('pass'),
        ),
    }),
    () => ({
      what: `${to} is half-open for ${forMs} ms`,
      happen: () =>
        during(
          () => proxy.set('half-open'),
          () => proxy.set('pass'),
        ),
    }),
    () => ({
      what: `${to} accepts and says nothing for ${forMs} ms`,
      happen: () =>
        during(
          async () => {
            await proxy.set('blackhole');
            proxy.cut();
          },
          // What was accepted is still there, and still says nothing.
          () => proxy.set('pass'),
        ),
    }),
    () => ({
      what: `${to} takes ${delayMs} ms longer for ${forMs} ms`,
      happen: () =>
        during(
          () => proxy.delay(delayMs),
          () => proxy.delay(0),
        ),
    }),
    () => ({ what: `${to} is cut off once`, happen: async () => proxy.cut() }),
  ])();
}

function toNode({ relayer, forMs, random }: Drawn): Told {
  const { name, rpc } = random.pick(relayer.lines.filter((line) => line.rpc !== undefined));
  const perMille = random.pick([50, 200, 600]);
  const liar = createLiar(random, perMille);
  return {
    what: `${relayer.supervised.name}'s ${name} lies in ${perMille} of 1000 answers for ${forMs} ms`,
    happen: async () => {
      if (rpc === undefined) return;
      rpc.liar = liar;
      await sleep(forMs);
      rpc.liar = undefined;
    },
  };
}

function toStores(drawn: Drawn): Told {
  const { relayer, random } = drawn;
  const { redisUrl, postgresUrl, supervised } = relayer;
  if (redisUrl === undefined || postgresUrl === undefined) return toProcess(drawn);
  const { servers } = drawn.world;
  const ofServers = Object.entries(servers ?? {}).map(([name, restart]) => () => ({
    what: `the server of ${name} is killed and away for ${drawn.forMs} ms`,
    happen: () => restart(drawn.forMs),
  }));
  return random.pick<() => Told>([
    ...ofServers,
    () => ({
      what: `${supervised.name}'s queue is emptied`,
      happen: () => withRedis(redisUrl, async (redis) => void (await redis.flushdb())),
    }),
    () => ({
      what: `${supervised.name}'s journal ends all connections`,
      happen: () =>
        withClient(postgresUrl, async (client) => {
          await client.query(
            'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
          );
        }),
    }),
  ])();
}

function toEnclave({ world, forMs, random }: Drawn): Told {
  const { enclave } = world;
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(world.enclavePid(), name);
    } catch {
      // It has just ended.
    }
  };
  return random.pick<() => Told>([
    () => ({ what: 'the enclave is killed', happen: async () => signal('SIGKILL') }),
    () => ({ what: "the enclave's host is killed", happen: () => enclave.kill() }),
    () => ({ what: "the enclave's host is told to stop", happen: () => enclave.pause() }),
    () => ({
      what: `the enclave's host stands still for ${forMs} ms`,
      happen: () => enclave.freeze(forMs),
    }),
    () => ({
      what: `the enclave stands still for ${forMs} ms`,
      happen: async () => {
        signal('SIGSTOP');
        await sleep(forMs);
        signal('SIGCONT');
      },
    }),
  ])();
}
