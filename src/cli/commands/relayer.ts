import type { Command } from 'commander';
import { loadConfig } from '../../config/load.ts';
import { relayerConfigSchema } from '../../config/relayer.ts';
import type { OperatorOptions } from '../ask-relayer.ts';
import { addConfigOptions } from '../config-options.ts';
import { EXIT } from '../exit-codes.ts';
import { stopSignal } from '../until-stopped.ts';
import { waitForFile } from '../wait-for-file.ts';
import { addOperatorCommands } from './relayer-operate.ts';

/** `veilspan relayer`: the untrusted carrier. */
export function addRelayerCommand(program: Command): void {
  const relayer = program
    .command('relayer')
    .description(
      'Carries messages between the chains and the enclaves. It can delay, never steal.',
    );
  const command = relayer
    .command('run')
    .summary('carries messages between the chains and the enclaves')
    .description(
      'Watches the chains, proves what it sees to the enclaves, submits commits and release batches, and ' +
        'keeps a journal of all of it. Kill it whenever you like: it goes on where it stopped.',
    );
  addConfigOptions(command)
    .option(
      '--dry-run',
      'open everything, say what there is to do and what it would cost, and do nothing',
    )
    .option('--json', 'of a dry run: print JSON (docs/cli.md)')
    .action(run);
  relayer
    .command('post')
    .summary("posts a user's sealed order with the relayer's own key")
    .description(
      "Posts sealed orders (`--out` of `veilspan account withdraw` and `account send`) at a gateway, with the relayer's key on that chain. The " +
        'orders say to which account the reward goes; nothing else of them can be read.',
    )
    .argument('<file...>', 'sealed orders')
    .requiredOption('-c, --config <file>', 'configuration of the relayer (docs/config.md)')
    .requiredOption('--via <chain>', 'the chain whose gateway takes them, by its name')
    .option('--json', 'print JSON (docs/cli.md)')
    .action(async (files: string[], options: OperatorOptions & { via: string }) => {
      const { postFiles } = await import('../post-files.ts');
      await postFiles(files, options);
    });
  addOperatorCommands(relayer);
}

interface RunOptions {
  readonly config: string;
  readonly wait?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

async function run(options: RunOptions): Promise<void> {
  const signal = stopSignal();
  if (options.wait) await waitForFile(options.config, signal);
  if (options.dryRun) {
    const { dryRun } = await import('../dry-run.ts');
    // What was too late to be seen has been told, and is not waited for.
    process.exit(await dryRun(options, signal));
  }
  const config = loadConfig(relayerConfigSchema, options.config, process.env, 'VEILSPAN_RELAYER');
  const { spareMemory } = await import('../spare-memory.ts');
  spareMemory();
  const { runRelayer } = await import('../../relayer/main.ts');
  const { attendRelayer } = await import('../attend-relayer.ts');
  await runRelayer(config, signal, (running) => attendRelayer(config, running));
  // What hung when it was stopped is left behind, and must not keep the process.
  process.exit(EXIT.ok);
}
