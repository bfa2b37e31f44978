import { setImmediate as rest } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import { START_SEC } from '../support/enclave-world.ts';
import type { Fates, StopAt } from './gate.ts';
import { findBroken } from './invariants.ts';
import { emptyTables, type Journals } from './journals.ts';
import { SimulatedOperator } from './simulated-operator.ts';
import { Tally } from './tally.ts';
import {
  BLOCK_SEC,
  chainsOf,
  createWorld,
  isStopped,
  type World,
  type WorldPlan,
} from './world.ts';

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
  readonly operators: readonly SimulatedOperator[];
  /** For so long no relayer does anything, while all else goes on. */
  freeze(sec: number): void;
  /** All relayers are ended, and all of their journals is gone but what operators hold. */
  wipeJournals(): Promise<void>;
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
  /** What has happened, and what became of deposits. */
  readonly tally: Tally;
}

const PATIENCE_SEC = 900;
/** Seconds that follow after all is paid: cursors, receipts and confirmations come to rest. */
const AFTER_SEC = 6;

/** Runs a world to rest, and says what is wrong then. */
export async function runSchedule(journals: Journals, schedule: Schedule): Promise<Result> {
  const { processes } = schedule.plan;
  const pglites = await Promise.all(processes.map((_, place) => journals.emptyAt(place)));
  const world = await createWorld(schedule.plan);
  world.time.install();
  try {
    return await new ScheduleRun(pglites, world, schedule).run();
  } finally {
    world.time.restore();
  }
}

class ScheduleRun implements Running {
  readonly world: World;
  readonly operators: readonly SimulatedOperator[];
  readonly #schedule: Schedule;
  readonly #waiting: Happening[];
  readonly #tally = new Tally();
  #frozenUntilMs = 0;
  #nextBlockMs = BLOCK_SEC * 1000;

  constructor(pglites: readonly PGlite[], world: World, schedule: Schedule) {
    this.world = world;
    this.#schedule = schedule;
    this.#waiting = schedule.happenings.toSorted((a, b) => a.atSec - b.atSec);
    const fates: Fates = (call) => {
      const fate = this.#isCalm() ? undefined : schedule.fates(call);
      if (fate !== undefined) this.#tally.countFate(call, fate);
      return fate;
    };
    const stopAt = schedule.stopAt && this.#tally.countingEnds(schedule.stopAt);
    this.operators = pglites.map((pglite, place) => {
      const plan = { place, processes: schedule.plan.processes[place] ?? 1, fates };
      return new SimulatedOperator(world, pglite, plan, place === 0 ? stopAt : undefined);
    });
  }

  freeze(sec: number): void {
    this.#frozenUntilMs = this.world.time.nowMs + sec * 1000;
  }

  async wipeJournals(): Promise<void> {
    for (const operator of this.operators) operator.kill();
    // What the killed relayers had begun is rolled back first.
    await this.#settle();
    for (const operator of this.operators) {
      // An operator's word is kept by whoever makes a journal anew.
      await emptyTables(operator.pglite, { except: ['holds'] });
      operator.isWiped = true;
    }
  }

  async run(): Promise<Result> {
    const { time } = this.world;
    const { calmAtSec, patienceSec = PATIENCE_SEC } = this.#schedule;
    const lastMs = (calmAtSec + patienceSec) * 1000;
    let broken: string[] = [];
    for (const operator of this.operators) void operator.holdBatches();
    for (let looksAtMs = 0; time.nowMs < lastMs; ) {
      await this.#settle();
      for (const operator of this.operators) operator.replaceDead();
      await this.#step();
      if (this.#waiting.length > 0 || !this.#isCalm() || !isAllPaid(this.world)) continue;
      looksAtMs ||= time.nowMs + AFTER_SEC * 1000;
      if (time.nowMs < looksAtMs) continue;
      // What was late when it became calm may still be on its way.
      broken = await this.#findBroken();
      if (broken.length === 0) break;
      looksAtMs = 0;
    }
    if (!isAllPaid(this.world)) broken = await this.#findBroken();
    for (const operator of this.operators) operator.kill();
    await this.#tally.countRest(this.world, this.operators);
    return {
      broken,
      calls: this.operators[0]?.firstCalls ?? 0,
      relayers: this.operators.reduce((sum, { started }) => sum + started, 0),
      seconds: Math.round(time.nowMs / 1000),
      log: this.operators.flatMap(({ log }) => log),
      tally: this.#tally,
    };
  }

  async #findBroken(): Promise<string[]> {
    const { isThrifty = false } = this.#schedule;
    let broken: string[] | undefined;
    void findBroken({ world: this.world, operators: this.operators, isThrifty }).then((found) => {
      broken = found;
    });
    // A journal answers when its session is free, and for that time may have to go on.
    for (;;) {
      for (let turn = 0; turn < LOOK_TURNS && broken === undefined; turn++) await rest();
      if (broken !== undefined) return broken;
      await this.#step();
    }
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
    const happening = nextMs === happeningMs ? this.#waiting.shift() : undefined;
    if (happening === undefined) return;
    this.#tally.countHappening(happening.what);
    await happening.happen(this);
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
      const gates = this.operators.flatMap(({ running }) => running.map(({ gate }) => gate));
      const calls = gates.reduce((sum, gate) => sum + gate.calls, 0);
      if (calls !== seen || gates.some(({ pending }) => pending > 0)) quiet = 0;
      seen = calls;
    }
  }
}

/** Turns of the event loop in which a journal answers unless its session waits for something. */
const LOOK_TURNS = 500;
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
      if (chain === undefined) return false;
      return chain.final.contracts.released.count === released.count || isStopped(world, chain);
    }),
  );
}
