import { setTimeout as delay } from 'node:timers/promises';
import type { EnclaveStatus } from '../protocol/enclave-commands.ts';
import { createEnclaveClient } from './enclave-client.ts';

const RETRY_MS = 300;

/** An enclave's status, over a connection of its own. */
export async function statusOf(address: string): Promise<EnclaveStatus> {
  const client = createEnclaveClient({ address });
  try {
    return await client.ask('status', {});
  } finally {
    client.close();
  }
}

/** The first status of an enclave that may not run yet. @throws the signal's reason when it aborts */
export async function firstStatus(address: string, signal: AbortSignal): Promise<EnclaveStatus> {
  for (;;) {
    try {
      return await statusOf(address);
    } catch {
      // Not started yet; nothing else can be wrong that waiting would not show.
      await delay(RETRY_MS, undefined, { signal });
    }
  }
}

/** How many messages of each chain an enclave has proven, by chain id. */
export async function ingestedBy(address: string): Promise<Map<bigint, bigint>> {
  const { ingested } = await statusOf(address);
  return new Map(ingested.map(({ chainId, position }) => [chainId, position.count]));
}
