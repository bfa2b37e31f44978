import type { Command } from 'commander';
import { parseAddress } from '../parse-options.ts';
import type { ClaimOptions } from '../run-claim.ts';

/** `veilspan claim`: has paid what a gateway has put aside. */
export function addClaimCommand(program: Command): void {
  program
    .command('claim')
    .summary('claims a payout that a gateway has put aside')
    .description(
      'Has a gateway pay what it has put aside, with the key in VEILSPAN_SIGNER, which pays for gas. Anybody can do that for a ' +
        "payout's own recipient; to another address (--to) only the recipient can send it. `veilspan status` tells the index.",
    )
    .argument('<release>', '<chain id>/<release index>')
    .requiredOption(
      '-c, --config <file>',
      'client configuration (docs/config.md; the devnet writes one)',
    )
    .option('--to <address>', 'another address than the recipient’s own', parseAddress)
    .action(async (id: string, options: ClaimOptions) => {
      const { runClaim } = await import('../run-claim.ts');
      process.exitCode = await runClaim(id, options);
    });
}
