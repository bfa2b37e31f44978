import { z } from 'zod';
import { createAdminRoutes } from './admin-api.ts';
import { createBeaconRoutes } from './beacon-api.ts';
import { DevBeaconChain } from './beacon-chain.ts';
import { SYNC_COMMITTEE_SIZE } from './beacon-config.ts';
import { createExecutionClient } from './execution-client.ts';
import { serveRoutes, serverUrl } from './http-routes.ts';
import { runSlots } from './slot-clock.ts';

/** What `startBeacon` passes as the only argument, as JSON. */
const settingsSchema = z.strictObject({
  rpcUrl: z.url(),
  host: z.string().min(1),
  port: z.int().min(0).max(65_535),
  genesisTimeSec: z.int().min(0),
  slotMs: z.int().min(1),
  startSlot: z.int().min(0),
  absentees: z.int().min(0).max(SYNC_COMMITTEE_SIZE),
  gloasEpoch: z.int().min(1).optional(),
});

async function main(signal: AbortSignal): Promise<void> {
  const settings = settingsSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
  const execution = createExecutionClient(settings.rpcUrl);
  const chain = await DevBeaconChain.create(settings, execution);
  while (chain.slot < settings.startSlot && !signal.aborted) await chain.produceSlot();
  if (signal.aborted) return;
  const chainId = await execution.fetchChainId();
  const tellParent = (forwardSec: number) => process.send?.({ forwardSec });
  const routes = [...createBeaconRoutes(chain, chainId), ...createAdminRoutes(chain, tellParent)];
  const server = await serveRoutes(routes, settings.port, settings.host);
  process.send?.({ beaconUrl: serverUrl(server) });
  await runSlots(chain, signal);
}

const stopping = new AbortController();
// The channel closes when the parent ends, whichever way it ends.
process.on('disconnect', () => stopping.abort());
process.on('SIGTERM', () => stopping.abort());
// The terminal sends an interrupt to the whole group; the parent closes us in its own order.
process.on('SIGINT', () => undefined);

try {
  await main(stopping.signal);
} catch (error) {
  process.stderr.write(`dev beacon: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
// The server would keep the process alive.
process.exit();
