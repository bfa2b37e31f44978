import { type Command, Option } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { loadDevnet } from '../load-devnet.ts';

interface Options {
  readonly polkadot: 'typescript' | 'native';
  readonly topology: 'solo' | 'parachain';
  readonly parachains: number;
  readonly folder?: string;
}

/** `veilspan demo`: the whole bridge on this machine. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .summary('the whole bridge on this machine, in two and a half minutes')
    .description(
      'Starts the chains, an enclave and a relayer on this machine and carries ten transfers over real ' +
        'proofs: by pools, direct and transparent, there and back, one out of an account by an order that the ' +
        'relayer posts, one refunded, one put aside and claimed, one that finds no pool and goes back into its ' +
        'account. Ends with a table of balances, on the chains and inside the ledger, and fails if one of them ' +
        'is off by one wei. Takes about two and a half minutes. With two parachains it carries two transfers more.',
    )
    .addOption(
      new Option(
        '--polkadot <kind>',
        'the Polkadot side: the chain in this process, or three native nodes',
      )
        .choices(['typescript', 'native'])
        .default('typescript'),
    )
    .addOption(
      new Option(
        '--topology <kind>',
        'the contracts are on a chain that finalizes itself, or on a parachain of a relay chain',
      )
        .choices(['solo', 'parachain'])
        .default('solo'),
    )
    .option(
      '--parachains <count>',
      'with --topology parachain: how many chains of the Polkadot side have a gateway, 1 or 2',
      Number,
      1,
    )
    .option(
      '-f, --folder <folder>',
      'where logs, journal and evidence go (default: a temporary folder)',
    )
    .action(async (options: Options) => {
      const { runDemo } = await loadDevnet(() => import('@veilspan/devnet/demo'));
      process.exitCode = EXIT[await runDemo(options)];
    });
}
