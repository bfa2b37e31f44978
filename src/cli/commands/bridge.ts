import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError } from 'commander';
import { chooseChains } from '../../client/choose-chains.ts';
import type { Deposit, DepositRequest, EnvelopeContent } from '../../client/deposit.ts';
import { formatUnits, parseUnits } from '../../client/units.ts';
import {
  type ClientChain,
  type ClientConfig,
  type ClientToken,
  clientConfigSchema,
} from '../../config/client.ts';
import { loadConfig } from '../../config/load.ts';
import { type Hex, toHex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import { isHex } from '../../shared/hex-schema.ts';

interface Options {
  readonly config: string;
  readonly from: string;
  readonly destination?: string;
  readonly asset: string;
  readonly amount: string;
  readonly to: Hex;
  readonly transparent?: boolean;
  readonly refundTo?: Hex;
}

/** `veilspan bridge`: a user's deposit. */
export function addBridgeCommand(program: Command): void {
  program
    .command('bridge')
    .summary("a user's deposit, sealed or transparent")
    .description(
      'Pays an asset into a gateway, to be paid out on another chain. The recipient is sealed to the ' +
        'enclaves unless you ask for a transparent transfer. Signs with the key in VEILSPAN_SIGNER: a ' +
        'private key on Ethereum, a SURI such as //Alice on a Polkadot chain.',
    )
    .requiredOption(
      '-c, --config <file>',
      'client configuration (docs/config.md; the devnet writes one)',
    )
    .requiredOption('--from <chain>', 'where you pay in, by its name in the configuration')
    .option(
      '--destination <chain>',
      'where it is paid out; may be left out if the configuration has two chains',
    )
    .requiredOption('--asset <symbol>', 'what to send, by its symbol in the configuration')
    .requiredOption('--amount <decimal>', 'how much, fee included')
    .requiredOption('--to <address>', 'who is paid at the destination, 20 bytes', parseAddress)
    .option('--transparent', 'write the recipient in the open')
    .option(
      '--refund-to <address>',
      'who is paid back, where you pay in, if it cannot be done (default: who pays)',
      parseAddress,
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const client = loadConfig(clientConfigSchema, options.config, process.env, 'VEILSPAN_CLIENT');
  const secret = process.env['VEILSPAN_SIGNER'];
  if (!secret) throw new BridgeCommandError('set VEILSPAN_SIGNER to the key that pays');
  const { source, destination } = chooseChains(client, options.from, options.destination);
  const { token, amount } = assetOf(client, options);
  // What the destination has no token of would only come back, less the fee.
  tokenOn(token, destination);
  const tagSecret = new Uint8Array(randomBytes(32));
  const request: DepositRequest = {
    asset: token.asset,
    token: tokenOn(token, source),
    amount,
    destination: destination.chainId,
    ...(options.refundTo && { refundTo: options.refundTo }),
    content: contentOf(options, tagSecret),
  };
  const { connect } = await import('../../client/connect.ts');
  const { makeDeposit } = await import('../../client/deposit.ts');
  const connections = await connect(client);
  try {
    const chain = connections.chains.get(source.chainId);
    if (!chain) throw new BridgeCommandError(`there is no connection to ${source.name}`);
    const { gateway, registry } = source;
    const side = { chain, signer: await chain.signer(secret), gateway, registry };
    const deposit = await makeDeposit(side, request);
    print(deposit, source, token);
    if (!options.transparent) printTagSecret(tagSecret);
  } finally {
    await connections.close();
  }
}

function print({ transfer, fee, receipt }: Deposit, { name }: ClientChain, token: ClientToken) {
  console.log(`transfer ${transfer.chainId}:${transfer.index}`);
  console.log(`in block ${receipt.blockNumber} of ${name}, transaction ${receipt.transactionHash}`);
  console.log(`fee ${formatUnits(fee, token.decimals)} ${token.symbol}`);
}

function printTagSecret(tagSecret: Uint8Array): void {
  console.log(`tag secret ${toHex(tagSecret)}`);
  console.log(
    '  keep it: only with it can the payout be found; whoever has it can link the two ends',
  );
}

function assetOf(
  client: ClientConfig,
  { asset, amount: text }: Options,
): { token: ClientToken; amount: bigint } {
  const token = client.tokens.find(({ symbol }) => symbol === asset);
  if (!token) {
    const known = client.tokens.map(({ symbol }) => symbol).join(', ') || 'none';
    throw new BridgeCommandError(`asset ${asset} is not in the configuration; it has ${known}`);
  }
  const amount = parseUnits(text, token.decimals);
  if (!amount) throw new BridgeCommandError(`amount "${text}" is not a positive decimal number`);
  return { token, amount };
}

function tokenOn({ symbol, addresses }: ClientToken, { name, chainId }: ClientChain): Hex {
  const address = addresses[`${chainId}`];
  if (address !== undefined) return address;
  throw new BridgeCommandError(`the configuration has no token of ${symbol} on ${name}`);
}

function contentOf(options: Options, tagSecret: Uint8Array): EnvelopeContent {
  if (options.transparent) return { kind: 'transparent', recipient: options.to };
  return {
    kind: 'sealed',
    rng: { bytes: (length) => new Uint8Array(randomBytes(length)) },
    order: {
      // The last payout takes all that is left after the fee.
      payouts: [{ recipient: options.to, amount: 0n }],
      delaySec: 0,
      leastAnonymitySet: 0,
      // A refund goes to the deposit's `refundTo`.
      refundAddress: `0x${'00'.repeat(20)}`,
      tagSecret,
      memo: new Uint8Array(),
    },
  };
}

function parseAddress(text: string): Hex {
  const address = text.toLowerCase();
  if (isHex(address, 20)) return address;
  throw new InvalidArgumentError('expected 0x and 40 hex digits.');
}

export class BridgeCommandError extends BridgeError<{ what: string }> {
  readonly code = 'CONFIG_COMMAND_LINE';
  readonly disposition = 'reject';
  constructor(what: string) {
    super(`Nothing was sent: ${what}.`, { what });
  }
}
