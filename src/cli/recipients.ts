import { type Command, InvalidArgumentError } from 'commander';
import { MAX_LEGS } from '../protocol/order.ts';
import type { Hex } from '../shared/bytes.ts';
import { CommandLineError } from './command-line-error.ts';
import { parseAddress } from './parse-options.ts';

/** Whom a command is to pay. */
export interface RecipientOptions {
  /** In the order they were given, none twice. */
  readonly to: readonly [Hex, ...Hex[]];
  readonly sameAddress?: boolean;
}

/** Adds the options that say who is paid. */
export function addRecipientOptions(command: Command): Command {
  return command
    .requiredOption(
      '--to <address>',
      'who is paid at the destination, 20 bytes; again for each further address (by pools, up to six): each is paid one canonical amount, the largest first, and the rest stays in your account',
      collectAddress,
    )
    .option(
      '--same-address',
      'pay all canonical amounts to the addresses given: they add up to what is paid in, and link the two ends',
    );
}

/** One more address. */
export function collectAddress(text: string, former: readonly Hex[] = []): RecipientOptions['to'] {
  const address = parseAddress(text);
  if (former.includes(address)) throw new InvalidArgumentError('this address is given twice.');
  if (former.length === MAX_LEGS) {
    throw new InvalidArgumentError(`one order pays at most ${MAX_LEGS} addresses.`);
  }
  const [first, ...others] = former;
  return first === undefined ? [address] : [first, ...others, address];
}

/** @throws {CommandLineError} several addresses, or one that may be paid several times, for what is one payout */
export function checkRecipients(
  way: 'transparent' | 'direct' | 'pooled',
  { to, sameAddress }: RecipientOptions,
): void {
  if (way === 'pooled') return;
  if (to.length > 1) throw new CommandLineError(`--${way} pays one address: give --to once`);
  if (sameAddress) throw new CommandLineError(`--${way} is one payout: leave out --same-address`);
}
