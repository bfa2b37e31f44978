import { format } from 'node:util';
import type { Logger } from 'pino';

const LOUD = ['error', 'warn'] as const;
const QUIET = ['log', 'info', 'debug'] as const;

/** @polkadot/api prints every refusal; who asked hears of it too, and says more. */
const REPEATED = 'RPC-CORE:';

/**
 * Has what libraries print by `console` go through the log, whose lines are all of one form.
 *
 * @returns puts the console back
 */
export function sendConsoleToLog(log: Logger): () => void {
  const before = { ...console };
  for (const name of [...LOUD, ...QUIET]) {
    const isLoud = name === 'error' || name === 'warn';
    console[name] = (...args: unknown[]) => {
      const text = format(...args).trim();
      const level = isLoud && !text.includes(REPEATED) ? 'warn' : 'debug';
      log[level]({ printed: text }, 'a library printed');
    };
  }
  return () => void Object.assign(console, before);
}
