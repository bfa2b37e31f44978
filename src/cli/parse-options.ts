import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ClientChain, ClientConfig, ClientToken } from '../config/client.ts';
import type { CrowdFactor } from '../protocol/order.ts';
import type { Hex } from '../shared/bytes.ts';
import { isHex } from '../shared/hex-schema.ts';
import { parseUnits } from '../shared/units.ts';
import { CommandLineError } from './command-line-error.ts';

/** What every command of a user takes. */
export interface UserOptions {
  readonly config: string;
  readonly accountIndex: number;
  readonly accountScheme: 'sr25519' | 'ed25519';
  readonly yes?: boolean;
}

/** What `--account-scheme` says. */
export const ABOUT_SCHEME =
  'how the account signs if your key is a SURI such as //Alice; a key of Ethereum has one way only';

/** Adds the options that say which configuration, and which account of the key. */
export function addUserOptions(command: Command): Command {
  return command
    .requiredOption(
      '-c, --config <file>',
      'client configuration (docs/config.md; the devnet writes one)',
    )
    .option('--account-index <n>', 'which of the accounts of your key', parseIndex, 0)
    .option(
      '--account-scheme <name>',
      `${ABOUT_SCHEME}: sr25519 or ed25519`,
      parseScheme,
      'sr25519',
    );
}

/** Adds the options of what is to be paid. @param about what the command does with either */
export function addAmountOptions(
  command: Command,
  about: { readonly asset: string; readonly amount: string },
): Command {
  return command
    .requiredOption('--asset <symbol>', `${about.asset}, by its symbol in the configuration`)
    .requiredOption('--amount <decimal>', about.amount);
}

/** Adds the options of what leaves by pools. */
export function addPoolOptions(command: Command): Command {
  return command
    .option(
      '--crowd <1|2|4>',
      'leave among so many times the least number of different depositors, which is pools.leastRoots in the configuration (8 if it is left out)',
      parseCrowd,
      1,
    )
    .addOption(
      new Option(
        '--after-patience <what>',
        'what becomes of a payout that found no pool to leave with in time: it returns to your account, or waits on',
      )
        .choices(['return', 'wait'])
        .default('return'),
    );
}

/** An address, 20 bytes. */
export function parseAddress(text: string): Hex {
  const address = text.toLowerCase();
  if (isHex(address, 20)) return address;
  throw new InvalidArgumentError('expected 0x and 40 hex digits.');
}

/** An account inside the ledger, 32 bytes. */
export function parseAccount(text: string): Hex {
  const account = text.toLowerCase();
  if (isHex(account, 32)) return account;
  throw new InvalidArgumentError('expected 0x and 64 hex digits.');
}

/** How many times the floor of different depositors a payout wants to leave among. */
function parseCrowd(text: string): CrowdFactor {
  const found = ([1, 2, 4] as const).find((factor) => `${factor}` === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError('expected 1, 2 or 4.');
}

/** Which of a key's accounts. */
export function parseIndex(text: string): number {
  const index = /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
  if (index !== undefined) return index;
  throw new InvalidArgumentError('expected a number of up to nine digits.');
}

function parseScheme(text: string): UserOptions['accountScheme'] {
  if (text === 'sr25519' || text === 'ed25519') return text;
  throw new InvalidArgumentError('expected sr25519 or ed25519.');
}

/** An asset that the configuration names, and so much of it in its smallest unit. @throws {CommandLineError} */
export function amountOf(
  client: Pick<ClientConfig, 'tokens'>,
  { asset, amount: text }: { readonly asset: string; readonly amount: string },
): { readonly token: ClientToken; readonly amount: bigint } {
  const token = tokenNamed(client, asset);
  const amount = parseUnits(text, token.decimals);
  if (!amount) throw new CommandLineError(`amount "${text}" is not a positive decimal number`);
  return { token, amount };
}

/** An asset by the configuration's symbol. @throws {CommandLineError} */
export function tokenNamed({ tokens }: Pick<ClientConfig, 'tokens'>, asset: string): ClientToken {
  const token = tokens.find(({ symbol }) => symbol === asset);
  if (token) return token;
  const known = tokens.map(({ symbol }) => symbol).join(', ') || 'none';
  throw new CommandLineError(`asset ${asset} is not in the configuration; it has ${known}`);
}

/** An asset's token on a chain. @throws {CommandLineError} the configuration has none */
export function tokenOn({ symbol, addresses }: ClientToken, { name, chainId }: ClientChain): Hex {
  const address = addresses[`${chainId}`];
  if (address !== undefined) return address;
  throw new CommandLineError(`the configuration has no token of ${symbol} on ${name}`);
}
