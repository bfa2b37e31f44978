import type { Command } from 'commander';

/** `veilspan status`: where a transfer is, read off the chains. */
export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .summary('where a transfer is, or the payouts of an order, and what comes next')
    .description(
      'Tells where a transfer is and what comes next, read straight off the chains: nobody is asked and ' +
        'nobody learns who looked. A transfer id shows the way to the commit, and a transparent payout; the ' +
        'file of an order (--save) shows each of its payouts, also those that still wait. Without either, the ' +
        'tag secret in VEILSPAN_TAG_SECRET finds the payouts of a sealed order; it is not taken as an argument, ' +
        'since others can read those. What an account holds: veilspan account show.',
    )
    .argument('[transfer id | order file]', '<chain id>:<index>, or a file that --save wrote')
    .requiredOption(
      '-c, --config <file>',
      'client configuration (docs/config.md; the devnet writes one)',
    )
    .action(async (text: string | undefined, options: { config: string }) => {
      const { showStatus } = await import('../show-status.ts');
      const { subjectOf } = await import('../status-subject.ts');
      process.exitCode = await showStatus(subjectOf(text, process.env), options.config);
    });
}
