import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { enclaveConfigSchema } from '../../config/enclave.ts';
import { loadConfig } from '../../config/load.ts';
import type { MeasuredConfigJson } from '../../enclave/platform/host.ts';
import { addConfigOptions } from '../config-options.ts';
import { EXIT } from '../exit-codes.ts';
import { aborted, stopSignal } from '../until-stopped.ts';
import { waitForFile } from '../wait-for-file.ts';

/** `veilspan enclave`: the process that verifies, keeps the ledger and signs. */
export function addEnclaveCommand(program: Command): void {
  const command = program
    .command('enclave')
    .summary('the process that verifies, keeps the ledger and signs')
    .description(
      'Runs an enclave behind its host. It keeps the keys, checks the finality and the proofs of both ' +
        'chains, runs the confidential ledger and signs commits and releases. Emulated: it is closed in by ' +
        "Node's permission model, and its evidence says that no hardware stands behind it.",
    );
  addConfigOptions(command).action(run);
}

async function run(options: { config: string; wait?: boolean }): Promise<void> {
  const signal = stopSignal();
  if (options.wait) await waitForFile(options.config, signal);
  const config = loadConfig(enclaveConfigSchema, options.config, process.env, 'VEILSPAN_ENCLAVE');
  const { startEnclaveHost } = await import('../../enclave/platform/host.ts');
  const { requireRecentCheckpoints } = await import('../checkpoint-age.ts');
  const nowSec = BigInt(Math.floor(Date.now() / 1000));
  requireRecentCheckpoints(config.measured, config.folder, nowSec);
  const host = await startEnclaveHost({
    folder: config.folder,
    measuredConfig: config.measured as MeasuredConfigJson,
    ...listenOn(config.listen),
    ...(config.record === undefined ? {} : { record: config.record }),
  });
  console.log(
    `enclave ${host.enclavePid} answers at ${host.address} (emulated: no hardware protects it)`,
  );
  if (host.isNew) console.log(NEW_ENCLAVE);
  await aborted(signal);
  await Promise.race([host.close(), delay(CLOSE_MS)]);
  process.exit(EXIT.ok);
}

/** Less than the ten seconds that supervisors wait before they kill. */
const CLOSE_MS = 8000;

const NEW_ENCLAVE =
  'its folder was empty: it is a new enclave with keys of its own, which sign for the bridge once they are admitted. ' +
  'If there was one before, stop this one and put its folder back: what was sealed there cannot be made again';

function listenOn(listen: string): { port: number } | { socketPath: string } {
  return /^[0-9]{1,5}$/.test(listen) ? { port: Number(listen) } : { socketPath: listen };
}
