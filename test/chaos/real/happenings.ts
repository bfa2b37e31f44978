import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../fuzz/random.ts';
import type { Tally } from '../tally.ts';
import { createLiar } from './draw-lies.ts';
import type { Line, Operated } from './operated.ts';
import type { RealWorld } from './real-world.ts';
import type { Liar, Lie } from './rpc-wire.ts';
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
const LEAST = 5;
const MORE = 6;
const LONGEST_MS = 15_000;
/** A journal that is forgotten while its connections are still being closed is refused. */
const REBUILDS = 10;

/** What else a schedule's happenings follow from. */
export interface Turn {
  /** The schedule's number: of as many that follow one another as there are ways each begins with another. */
  readonly schedule: number;
  readonly tally: Pick<Tally, 'countLie'>;
}

/** Draws what happens in a schedule: which, to whom and for how long follows from `random` and its number alone. */
export function drawHappenings(
  world: RealWorld,
  random: Random,
  { schedule, tally }: Turn,
): Happening[] {
  const count = LEAST + random.below(MORE);
  const happenings = Array.from({ length: count }, (_, place) => {
    const atMs = random.below(BAD_MS);
    const drawn = drawFor(world, random, tally);
    const sorts = SORTS.flatMap(({ weight, waysOf }) => {
      const ways = waysOf(drawn);
      return ways.length > 0 ? [{ weight, ways }] : [];
    });
    const all = sorts.flatMap(({ ways }) => ways);
    const drawnSort = random.pick(
      sorts.flatMap((sort) => Array<typeof sort>(sort.weight).fill(sort)),
    );
    const way = place === 0 ? all[schedule % all.length] : undefined;
    return { atMs, ...(way ?? random.pick(drawnSort.ways))() };
  });
  return happenings.sort((a, b) => a.atMs - b.atMs);
}

function drawFor(world: RealWorld, random: Random, tally: Turn['tally']): Drawn {
  const relayer = random.pick(world.relayers);
  const line = random.pick(relayer.lines);
  return { world, relayer, line, forMs: 500 + random.below(LONGEST_MS), random, tally };
}

interface Drawn {
  readonly world: RealWorld;
  readonly relayer: Operated;
  readonly line: Line;
  readonly forMs: number;
  readonly random: Random;
  readonly tally: Turn['tally'];
}

type Told = Omit<Happening, 'atMs'>;
/** What can happen, of one sort. */
type Ways = readonly (() => Told)[];

function toProcess({ world, relayer, forMs }: Drawn): Ways {
  const { name } = relayer.supervised;
  const { supervised } = relayer;
  return [
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
  ];
}

/** Its machine's clock is set, and stays so. */
function toClock({ relayer: { supervised }, random }: Drawn): Ways {
  const sec = random.pick([-7200, -3600, -90, -5, 0, 5, 90, 3600, 7200]);
  return [
    () => ({
      what: `${supervised.name}'s clock is ${sec} s ahead from now on`,
      happen: async () => supervised.setClock(1000 * sec),
    }),
  ];
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

function toLine({ relayer, line, forMs, random }: Drawn): Ways {
  const { proxy } = line;
  const to = `${relayer.supervised.name}'s ${line.name}`;
  const during = async (begin: () => Promise<void> | void, end: () => Promise<void> | void) => {
    await begin();
    await sleep(forMs);
    await end();
  };
  const delayMs = 100 + random.below(3000);
  return [
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
  ];
}

function toNode({ relayer, forMs, random, tally }: Drawn): Ways {
  const { name, rpc } = random.pick(relayer.lines.filter((line) => line.rpc !== undefined));
  const perMille = random.pick([50, 200, 600]);
  const liar = createLiar(random, perMille);
  const counting: Liar = (call) => {
    const lie = liar(call);
    if (lie !== undefined) tally.countLie(nameOf(lie));
    return lie;
  };
  return [
    () => ({
      what: `${relayer.supervised.name}'s ${name} lies in ${perMille} of 1000 answers for ${forMs} ms`,
      happen: async () => {
        if (rpc === undefined) return;
        rpc.liar = counting;
        await sleep(forMs);
        rpc.liar = undefined;
      },
    }),
  ];
}

/** What sort of lie it is. */
function nameOf(lie: Lie): string {
  if ('status' in lie) return `a page for people with status ${lie.status}`;
  if ('error' in lie) return `error ${lie.error.code}`;
  if ('isStale' in lie) return 'an old answer';
  return 'isTorn' in lie ? 'half an answer' : 'another answer';
}

/** Of servers: an embedded relayer has none. */
function toStores({ world, relayer, forMs }: Drawn): Ways {
  const { redisUrl, postgresUrl, supervised } = relayer;
  if (redisUrl === undefined || postgresUrl === undefined) return [];
  const ofServers = Object.entries(world.servers ?? {}).map(([name, restart]) => () => ({
    what: `the server of ${name} is killed and away for ${forMs} ms`,
    happen: () => restart(forMs),
  }));
  return [
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
  ];
}

function toEnclave({ world, forMs }: Drawn): Ways {
  const { enclave } = world;
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(world.enclavePid(), name);
    } catch {
      // It has just ended.
    }
  };
  return [
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
  ];
}

/** Sorts of happenings, each as likely as its weight says, however many ways it has. */
const SORTS: readonly { readonly weight: number; readonly waysOf: (drawn: Drawn) => Ways }[] = [
  { weight: 1, waysOf: toProcess },
  { weight: 2, waysOf: toLine },
  { weight: 2, waysOf: toNode },
  { weight: 1, waysOf: toStores },
  { weight: 1, waysOf: toEnclave },
  { weight: 1, waysOf: toClock },
];
