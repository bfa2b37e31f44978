import { setImmediate as rest } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import { START_SEC } from '../support/enclave-world.ts';
import type { Fates, StopAt } from './gate.ts';
import { findBroken } from './invariants.ts';
import { type RelayerRun, startRelayer } from './simulated-relayer.ts';
import { BLOCK_SEC, chainsOf, createWorld, type World, type WorldPlan } from './world.ts';

/** Something that happens to the world at an instant. */
export interface Happening {
  readonly atSec: number;
  /** What it is, for whoever reads of it. */
  readonly what: string;
  happen(run: Running): void | Promise<void>;
}

/** A world that is running, as happenings find it. */
export interface Running {
  readonly world: World;
  readonly pglite: PGlite;
  /** The relayer is stopped at once and another is started. */
  kill(): void;
  /** For so long the relayer does nothing, while all else goes on. */
  freeze(sec: number): void;
  /** All of the journal is gone; for when no relayer is at it. */
  wipeJournal(): Promise<void>;
}

/** All that a run follows. */
export interface Schedule {
  readonly plan: WorldPlan;
  readonly happenings: readonly Happening[];
  /** Until when calls have fates; from then on nothing goes wrong. */
  readonly calmAtSec: number;
  readonly fates: Fates;
  /** The first relayer is stopped there; the next ones are not. */
  readonly stopAt?: StopAt;
  /** Nothing that happens is a reason to submit anything twice or in vain. */
  readonly isThrifty?: boolean;
  /** Seconds of calm after which what has not come to rest never will; a quarter of an hour unless it says otherwise. */
  readonly patienceSec?: number;
}

/** What came of it. */
export interface Result {
  /** Sentences about what must not be; none if all is well. */
  readonly broken: readonly string[];
  /** Calls of the first relayer. */
  readonly calls: number;
  readonly relayers: number;
  readonly seconds: number;
  readonly log: readonly string[];
}

const PATIENCE_SEC = 900;
/** Seconds that follow after all is paid: cursors, receipts and confirmations come to rest. */
const AFTER_SEC = 12;

async function wipe(pglite: PGlite): Promise<void> {
  const { rows } = await pglite.query<{ tables: string }>(
    "SELECT string_agg(quote_ident(tablename), ', ') AS tables FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'journal_version'",
  );
  await pglite.exec(`TRUNCATE ${rows[0]?.tables}`);
}

/** Runs a world to rest, and says what is wrong then. */
export async function runSchedule(pglite: PGlite, schedule: Schedule): Promise<Result> {
  await wipe(pglite);
  const world = await createWorld(schedule.plan);
  world.time.install();
  try {
    return await new ScheduleRun(pglite, world, schedule).run();
  } finally {
    world.time.restore();
  }
}

class ScheduleRun implements Running {
  readonly pglite: PGlite;
  readonly world: World;
  readonly #schedule: Schedule;
  readonly #log: string[] = [];
  readonly #waiting: Happening[];
  #relayer: RelayerRun;
  #relayers = 0;
  #firstCalls = 0;
  #frozenUntilMs = 0;
  #isWiped = false;
  #nextBlockMs = BLOCK_SEC * 1000;

  constructor(pglite: PGlite, world: World, schedule: Schedule) {
    this.pglite = pglite;
    this.world = world;
    this.#schedule = schedule;
    this.#waiting = schedule.happenings.toSorted((a, b) => a.atSec - b.atSec);
    this.#relayer = this.#start(schedule.stopAt);
  }

  kill(): void {
    this.#relayer.gate.kill();
  }

  freeze(sec: number): void {
    this.#frozenUntilMs = this.world.time.nowMs + sec * 1000;
  }

  async wipeJournal(): Promise<void> {
    // What the killed relayer had begun is rolled back first.
    await this.#settle();
    await wipe(this.pglite);
    this.#isWiped = true;
  }

  async run(): Promise<Result> {
    const { time } = this.world;
    const { calmAtSec, patienceSec = PATIENCE_SEC } = this.#schedule;
    const lastMs = (calmAtSec + patienceSec) * 1000;
    let broken: string[] = [];
    for (let looksAtMs = 0; time.nowMs < lastMs; ) {
      await this.#settle();
      if (this.#relayer.gate.isDead) this.#replace();
      await this.#step();
      if (!this.#isCalm() || !isAllPaid(this.world)) continue;
      looksAtMs ||= time.nowMs + AFTER_SEC * 1000;
      if (time.nowMs < looksAtMs) continue;
      // What was late when it became calm may still be on its way.
      broken = await this.#findBroken();
      if (broken.length === 0) break;
      looksAtMs = 0;
    }
    if (!isAllPaid(this.world)) broken = await this.#findBroken();
    this.#relayer.gate.kill();
    return {
      broken,
      calls: this.#firstCalls || this.#relayer.gate.calls,
      relayers: this.#relayers,
      seconds: Math.round(time.nowMs / 1000),
      log: this.#log,
    };
  }

  async #findBroken(): Promise<string[]> {
    await this.#settle();
    const { isThrifty = false } = this.#schedule;
    const { world, pglite } = this;
    const { vitals } = this.#relayer;
    const isWiped = this.#isWiped;
    return await findBroken({ world, pglite, log: this.#log, vitals, isThrifty, isWiped });
  }

  #start(stopAt: StopAt | undefined): RelayerRun {
    this.#relayers += 1;
    const fates: Fates = (call) => (this.#isCalm() ? undefined : this.#schedule.fates(call));
    const ground = { pglite: this.pglite, log: (line: string) => this.#log.push(line) };
    return startRelayer(this.world, ground, { fates, stopAt });
  }

  #replace(): void {
    this.#firstCalls ||= this.#relayer.gate.calls;
    this.world.time.dropTimers();
    this.world.queue.abandon();
    this.#relayer = this.#start(undefined);
  }

  #isCalm(): boolean {
    return this.world.time.nowMs >= this.#schedule.calmAtSec * 1000;
  }

  /** Goes on to whatever is next: a block, a happening, or something that the relayer waits for. */
  async #step(): Promise<void> {
    const { time } = this.world;
    const happeningMs = (this.#waiting[0]?.atSec ?? Number.POSITIVE_INFINITY) * 1000;
    const isFrozen = this.#frozenUntilMs > time.nowMs;
    const timerMs = isFrozen ? this.#frozenUntilMs : time.nextAtMs();
    const nextMs = Math.min(this.#nextBlockMs, happeningMs, timerMs);
    if (isFrozen && nextMs < this.#frozenUntilMs) time.nowMs = Math.max(time.nowMs, nextMs);
    else time.advanceTo(nextMs);
    if (nextMs === this.#nextBlockMs) this.#makeBlocks();
    if (nextMs === happeningMs) await this.#waiting.shift()?.happen(this);
  }

  #makeBlocks(): void {
    this.#nextBlockMs += BLOCK_SEC * 1000;
    const atSec = Math.floor(this.world.time.nowMs / 1000);
    for (const { chainId, body, atSec: sentAt } of this.world.deposits) {
      if (sentAt > atSec - BLOCK_SEC && sentAt <= atSec) {
        chainsOf(this.world)
          .find(({ options }) => options.deployment.chainId === chainId)
          ?.waiting.push(body);
      }
    }
    for (const chain of chainsOf(this.world)) chain.grow(BigInt(START_SEC + atSec));
  }

  /** Until nothing goes on any more without time going on. */
  async #settle(): Promise<void> {
    let seen = -1;
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      await rest();
      const { calls, pending } = this.#relayer.gate;
      if (pending > 0 || calls !== seen) quiet = 0;
      seen = calls;
    }
  }
}

/** Turns of the event loop without a call after which nothing goes on any more. */
const QUIET_TURNS = 4;

function isAllPaid(world: World): boolean {
  const chains = chainsOf(world);
  const made = world.deposits.length;
  const final = chains.reduce(
    (sum, { final: { contracts } }) => sum + Number(contracts.sent.count),
    0,
  );
  const consumed = world.enclaves.every(({ ledger }) => {
    const inputs = ledger.state.chains.map(({ inbox }) => Number(inbox.count));
    return inputs.reduce((a, b) => a + b, 0) === made;
  });
  if (final < made || !consumed) return false;
  return world.enclaves.every(({ ledger }) =>
    ledger.state.chains.every(({ chainId, released }) => {
      const chain = chains.find(({ options }) => options.deployment.chainId === chainId);
      return chain?.final.contracts.released.count === released.count;
    }),
  );
}
