import type { Command } from 'commander';

/** Of a process that runs until it is stopped: where its configuration is, and whether it may still be to come. */
export function addConfigOptions(command: Command): Command {
  return command
    .requiredOption(
      '-c, --config <file>',
      'its configuration (docs/config.md; the devnet writes one)',
    )
    .option('--wait', 'wait for the configuration file to be written');
}
