import type { Command } from 'commander';
import { loadConfig } from '../../config/load.ts';
import { relayerConfigSchema } from '../../config/relayer.ts';
import { addConfigOptions } from '../config-options.ts';
import { stopSignal } from '../until-stopped.ts';
import { waitForFile } from '../wait-for-file.ts';

/** `veilspan relayer run`: the untrusted carrier. */
export function addRelayerCommand(program: Command): void {
  const command = program
    .command('relayer')
    .description('Carries messages between the chains and the enclaves. It can delay, never steal.')
    .command('run')
    .summary('carries messages between the chains and the enclaves')
    .description(
      'Watches the chains, proves what it sees to the enclaves, submits commits and release batches, and ' +
        'keeps a journal of all of it. Kill it whenever you like: it goes on where it stopped.',
    );
  addConfigOptions(command).action(run);
}

async function run(options: { config: string; wait?: boolean }): Promise<void> {
  const signal = stopSignal();
  if (options.wait) await waitForFile(options.config, signal);
  const config = loadConfig(relayerConfigSchema, options.config, process.env, 'VEILSPAN_RELAYER');
  const { runRelayer } = await import('../../relayer/main.ts');
  await runRelayer(config, signal);
}
