import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DepositRequest, EnvelopeContent } from '../../client/deposit.ts';
import { formatUnits, parseUnits } from '../../client/units.ts';
import { type ClientConfig, clientConfigSchema } from '../../config/client.ts';
import { loadConfig } from '../../config/load.ts';
import { NATIVE_TOKEN } from '../../protocol/asset.ts';
import { type Hex, toHex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';

interface Options {
  readonly config: string;
  readonly from: 'ethereum' | 'polkadot';
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
      'Pays an asset into a gateway, to be paid out on the other chain. The recipient is sealed to the ' +
        'enclaves unless you ask for a transparent transfer. Signs with the key in VEILSPAN_SIGNER: a ' +
        'private key on Ethereum, a SURI such as //Alice on the Polkadot side.',
    )
    .requiredOption(
      '-c, --config <file>',
      'client configuration (docs/config.md; the devnet writes one)',
    )
    .addOption(
      new Option('--from <chain>', 'where you pay in')
        .choices(['ethereum', 'polkadot'])
        .makeOptionMandatory(),
    )
    .requiredOption('--asset <symbol>', 'what to send, by its symbol in the configuration')
    .requiredOption('--amount <decimal>', 'how much, fee included')
    .requiredOption('--to <address>', 'who is paid on the other chain, 20 bytes', parseAddress)
    .option('--transparent', 'write the recipient in the open')
    .option('--refund-to <address>', 'who is paid here if it cannot be done', parseAddress)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const client = loadConfig(clientConfigSchema, options.config, process.env, 'VEILSPAN_CLIENT');
  const secret = process.env['VEILSPAN_SIGNER'];
  if (!secret) throw new BridgeCommandError('set VEILSPAN_SIGNER to the key that pays');
  const { token, amount } = assetOf(client, options);
  const tagSecret = new Uint8Array(randomBytes(32));
  const { connect } = await import('../../client/connect.ts');
  const { makeDeposit } = await import('../../client/deposit.ts');
  const chains = await connect(client);
  try {
    const chain = chains[options.from];
    const destination = chains[options.from === 'ethereum' ? 'polkadot' : 'ethereum'].chainId;
    const { gateway, registry } = client[options.from];
    const source = { chain, signer: await chain.signer(secret), gateway, registry };
    const request: DepositRequest = {
      asset: token.asset,
      token: token[options.from],
      amount,
      destination,
      content: contentOf(options, tagSecret),
    };
    const { transfer, fee, receipt } = await makeDeposit(source, request);
    console.log(`transfer ${transfer.chainId}:${transfer.index}`);
    console.log(
      `in block ${receipt.blockNumber} of ${chain.name}, transaction ${receipt.transactionHash}`,
    );
    console.log(`fee ${formatUnits(fee, token.decimals)} ${token.symbol}`);
    if (!options.transparent) {
      console.log(`tag secret ${toHex(tagSecret)}`);
      console.log(
        '  keep it: only with it can the payout be found; whoever has it can link the two ends',
      );
    }
  } finally {
    await chains.close();
  }
}

function assetOf(
  client: ClientConfig,
  { asset, amount: text }: Options,
): { token: ClientConfig['tokens'][number]; amount: bigint } {
  const token = client.tokens.find(({ symbol }) => symbol === asset);
  if (!token) {
    const known = client.tokens.map(({ symbol }) => symbol).join(', ') || 'none';
    throw new BridgeCommandError(`asset ${asset} is not in the configuration; it has ${known}`);
  }
  const amount = parseUnits(text, token.decimals);
  if (!amount) throw new BridgeCommandError(`amount "${text}" is not a positive decimal number`);
  return { token, amount };
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
      refundAddress: options.refundTo ?? NATIVE_TOKEN,
      tagSecret,
      memo: new Uint8Array(),
    },
  };
}

function parseAddress(text: string): Hex {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) {
    throw new InvalidArgumentError('expected 0x and 40 hex digits.');
  }
  return text.toLowerCase() as Hex;
}

export class BridgeCommandError extends BridgeError<{ what: string }> {
  readonly code = 'CONFIG_COMMAND_LINE';
  readonly disposition = 'reject';
  constructor(what: string) {
    super(`Nothing was sent: ${what}.`, { what });
  }
}
