import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { fromHex } from '../../shared/bytes.ts';
import { isHex } from '../../shared/hex-schema.ts';
import type { Subject } from '../show-status.ts';

/** `veilspan status`: where a transfer is, read off the chains. */
export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .summary('where a transfer is, or the payouts of an order, and what comes next')
    .description(
      'Tells where a transfer is and what comes next, read straight off the chains: nobody is asked and ' +
        'nobody learns who looked. A transfer id shows the way to the commit, and a transparent payout; a tag ' +
        'secret finds the payouts of a sealed order; the file of an order (--save) shows each of its payouts, ' +
        'also those that still wait. What an account holds: veilspan account show.',
    )
    .argument(
      '<transfer id | tag secret | order file>',
      '<chain id>:<index>, 32 bytes of hex, or a file',
      parseSubject,
    )
    .requiredOption(
      '-c, --config <file>',
      'client configuration (docs/config.md; the devnet writes one)',
    )
    .action(async (subject: Subject, options: { config: string }) => {
      const { showStatus } = await import('../show-status.ts');
      process.exitCode = await showStatus(subject, options.config);
    });
}

function parseSubject(text: string): Subject {
  const id = /^([0-9]{1,20}):([0-9]{1,20})$/.exec(text);
  if (id) {
    const ref = { chainId: BigInt(id[1] ?? 0), index: BigInt(id[2] ?? 0) };
    return { kind: 'transfer', ref };
  }
  if (isHex(text.toLowerCase(), 32)) return { kind: 'tagSecret', secret: fromHex(text, 32) };
  if (existsSync(text)) return { kind: 'order', file: text };
  throw new InvalidArgumentError(
    'expected <chain id>:<index>, or 0x and 64 hex digits, or the file of an order.',
  );
}
