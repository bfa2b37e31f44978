import { type Command, InvalidArgumentError } from 'commander';
import { parseUnits } from '../client/units.ts';
import type { ClientChain, ClientConfig, ClientToken } from '../config/client.ts';
import type { CrowdFactor } from '../protocol/order.ts';
import type { Hex } from '../shared/bytes.ts';
import { isHex } from '../shared/hex-schema.ts';
import { CommandLineError } from './command-line-error.ts';

/** What every command of a user takes. */
export interface UserOptions {
  readonly config: string;
  readonly accountIndex: number;
  readonly accountScheme: 'sr25519' | 'ed25519';
  readonly yes?: boolean;
}

/** Adds the options that say which configuration, and which account of the key. */
export function addUserOptions(command: Command): Command {
  return command
    .requiredOption(
      '-c, --config <file>',
      'client configuration (docs/config.md; the devnet writes one)',
    )
    .option('--account-index <n>', 'which of the accounts of your key', parseIndex, 0)
    .option('--account-scheme <name>', 'of a SURI: sr25519 or ed25519', parseScheme, 'sr25519');
}

/** Adds the options of what is to be paid. */
export function addAmountOptions(command: Command): Command {
  return command
    .requiredOption('--asset <symbol>', 'what to send, by its symbol in the configuration')
    .requiredOption('--amount <decimal>', 'how much to send; fees come on top');
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
export function parseCrowd(text: string): CrowdFactor {
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
