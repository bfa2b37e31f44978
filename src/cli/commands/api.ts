import type { Command } from 'commander';
import { apiConfigSchema } from '../../config/api.ts';
import { loadConfig } from '../../config/load.ts';
import { addConfigOptions } from '../config-options.ts';
import { EXIT } from '../exit-codes.ts';
import { stopSignal } from '../until-stopped.ts';
import { waitForFile } from '../wait-for-file.ts';

/** `veilspan api`: tells anyone where transfers are. */
export function addApiCommand(program: Command): void {
  const command = program
    .command('api')
    .summary('tells anyone where transfers are, over HTTP')
    .description(
      "Serves the status API over a relayer's Postgres, which it only reads: transfers, payouts, chains, rounds, state changes as " +
        'they come. It holds no key and says nothing that the chains do not show. docs/status-api.md has all of it.',
    );
  addConfigOptions(command).action(run);
}

async function run(options: { config: string; wait?: boolean }): Promise<void> {
  const signal = stopSignal();
  if (options.wait) await waitForFile(options.config, signal);
  const config = loadConfig(apiConfigSchema, options.config, process.env, 'VEILSPAN_API');
  const { runApi } = await import('../../status/main.ts');
  await runApi(config, signal);
  // A node that hung when it was stopped is left behind, and must not keep the process.
  process.exit(EXIT.ok);
}
