import type { FastifyInstance } from 'fastify';
import { atMost } from '../chains/shared/at-most.ts';
import { keep } from './kept.ts';

/** Something that must work before a process is ready. */
export interface Check {
  /** What `/ready` calls it. */
  readonly name: string;
  /** What it comes to where the check throws, in a few words. */
  readonly means?: string;
  /** What is wrong, each in a few words without a secret; empty if nothing is. */
  run(): Promise<readonly string[]>;
}

/** Something that fails. */
export interface Failing {
  readonly check: string;
  readonly what: string;
}

/** Whether a process does its work. */
export interface Readiness {
  readonly isReady: boolean;
  readonly failing: readonly Failing[];
  /** What it waits for now, the longest first. */
  readonly waits: readonly {
    readonly name: string;
    readonly forMs: number;
    readonly deadlineMs: number;
  }[];
}

const KEPT_MS = 1000;
const CHECK_MS = 5000;
const MOST_WAITS = 32;

/** What a process is asked of its health. */
export interface Health {
  readonly checks: readonly Check[];
  waits(): Readiness['waits'];
  /** How long one check may take; what takes longer fails. */
  readonly checkMs?: number;
}

/** Runs all checks at the same time. One that throws or takes too long is one that fails. */
export async function lookAtHealth({
  checks,
  waits,
  checkMs = CHECK_MS,
}: Health): Promise<Readiness> {
  const found = await Promise.all(
    checks.map(async ({ name, means, run }) => {
      const running = run().catch((error) => [describe(error, means)]);
      const wrong = await atMost(checkMs, running, () => [`no answer in ${checkMs} ms`]);
      return wrong.map((what): Failing => ({ check: name, what }));
    }),
  );
  const failing = found.flat();
  const longest = waits()
    .slice(0, MOST_WAITS)
    .map(({ name, forMs, deadlineMs }) => ({ name, forMs: Math.round(forMs), deadlineMs }));
  return { isReady: failing.length === 0, failing, waits: longest };
}

/** SECURITY: of an error only its code: what it says may quote what it was about. */
function describe(error: unknown, means = 'fails'): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? `${means} (${code})` : means;
}

/** Adds `/live`, which says that the process answers at all, and `/ready`, which says whether it does its work and names what fails. */
export function addHealthRoutes(app: FastifyInstance, health: Health): void {
  const look = keep(KEPT_MS, () => lookAtHealth(health));
  const hidden = { schema: { hide: true }, config: { rateLimit: false as const } };
  app.get('/live', hidden, () => ({ isLive: true }));
  app.get('/ready', hidden, async (_request, reply) => {
    const readiness = await look.get();
    return reply.code(readiness.isReady ? 200 : 503).send(readiness);
  });
}
