import type { Command } from 'commander';
import type { StatusOptions } from '../show-status.ts';
import type { NamedSubject } from '../status-subject.ts';

type Options = StatusOptions & Pick<NamedSubject, 'deposit' | 'tag'>;

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
    .option('--deposit <hash>', 'the transaction of a deposit, instead of its id')
    .option('--tag <hash>', 'the tag of a payout, as its event shows it to everybody')
    .option(
      '--api <url>',
      'ask this status API instead of the chains; it learns what you look for, and is told public names only',
    )
    .option('--watch', 'go on, and print what changes, until nothing more follows by itself')
    .option('--json', 'print JSON (docs/cli.md), a line for each view')
    .action(async (text: string | undefined, options: Options) => {
      const { showStatus } = await import('../show-status.ts');
      const { subjectOf } = await import('../status-subject.ts');
      const { deposit, tag } = options;
      process.exitCode = await showStatus(subjectOf({ text, deposit, tag }, process.env), options);
    });
}
