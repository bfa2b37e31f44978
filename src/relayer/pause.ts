import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, but not beyond the end of the relayer. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
