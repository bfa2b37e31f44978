import type { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import type { Database } from '../../src/relayer/journal/database.ts';
import { placeHold } from '../../src/relayer/journal/holds.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import type { GateOptions, StopAt } from './gate.ts';
import { SimulatedQueue } from './simulated-queue.ts';
import { type RelayerRun, startRelayer } from './simulated-relayer.ts';
import type { World } from './world.ts';

/** Keys of the operators' accounts: who submits holds one, and tells nobody. */
export const ACCOUNT_KEYS: readonly Uint8Array[] = [
  new Uint8Array(32).fill(21),
  new Uint8Array(32).fill(23),
];
const ACCOUNTS: readonly Hex[] = [`0x${'5b'.repeat(20)}`, `0x${'5c'.repeat(20)}`];

/** How an operator works. */
export interface OperatorPlan {
  /** Which of the accounts is theirs: 0 or 1. */
  readonly place: number;
  /** Relayers that share the journal, the queue and the account: 1 or 2. */
  readonly processes: number;
  readonly fates: GateOptions['fates'];
}

/** A journal, a queue and an account, and the relayers that share them. */
export class SimulatedOperator {
  readonly pglite: PGlite;
  readonly queue: SimulatedQueue;
  readonly log: string[] = [];
  /** The journal was lost at some time. */
  isWiped = false;
  /** How many were started. */
  started = 0;
  readonly #world: World;
  readonly #plan: OperatorPlan;
  readonly #running: RelayerRun[];
  #firstCalls: number | undefined;

  /** @param stopAt where the first of the relayers ends */
  constructor(world: World, pglite: PGlite, plan: OperatorPlan, stopAt: StopAt | undefined) {
    this.pglite = pglite;
    this.queue = new SimulatedQueue(world.time);
    this.#world = world;
    this.#plan = plan;
    this.#running = Array.from({ length: plan.processes }, (_, i) =>
      this.#start(i === 0 ? stopAt : undefined),
    );
  }

  /** The relayers that run, or have just ended. */
  get running(): readonly RelayerRun[] {
    return this.#running;
  }

  /** The journal, as it is: nothing befalls what is asked here. */
  get database(): Database {
    return drizzle(this.pglite);
  }

  /** Calls of the first relayer. */
  get firstCalls(): number {
    return this.#firstCalls ?? this.#running[0]?.gate.calls ?? 0;
  }

  /** Starts another in the place of each that has ended. */
  replaceDead(): void {
    for (const [place, { gate }] of this.#running.entries()) {
      if (!gate.isDead) continue;
      this.#firstCalls ??= gate.calls;
      this.queue.abandon(gate);
      this.#running[place] = this.#start(undefined);
    }
  }

  /** Says of every batch that is to be held that it is. */
  async holdBatches(): Promise<void> {
    for (const { chainId, firstIndex } of this.#world.held) {
      const subject = `batch ${chainId}/${firstIndex}` as const;
      await placeHold(this.database, { subject, reason: 'it is not to go', atMs: Date.now() });
    }
  }

  /** Ends all of them. */
  kill(): void {
    for (const run of this.#running) run.kill();
  }

  #start(stopAt: StopAt | undefined): RelayerRun {
    this.started += 1;
    const { place, processes, fates } = this.#plan;
    const ground = {
      pglite: this.pglite,
      queue: this.queue,
      // As a chain's adapter makes it: whoever holds it holds the key.
      account: {
        address: ACCOUNTS[place] ?? '0x',
        privateKey: toHex(ACCOUNT_KEYS[place] ?? new Uint8Array()),
      },
      // A Postgres has as many processes as come; what is embedded is one's.
      holder: processes > 1 ? `process-${this.started}` : 'embedded',
      log: (line: string) => this.log.push(line),
    };
    return startRelayer(this.#world, ground, { fates, stopAt });
  }
}
