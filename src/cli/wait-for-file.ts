import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 250;

/** Resolves once `path` is there. @throws the signal's reason when it aborts first */
export async function waitForFile(path: string, signal: AbortSignal): Promise<void> {
  while (!existsSync(path)) await delay(POLL_MS, undefined, { signal });
}
