import { GATEWAY_ABI } from '../chains/shared/abi.ts';
import { readContract } from '../chains/shared/read-contract.ts';
import { connect } from '../client/connect.ts';
import { clientConfigSchema } from '../config/client.ts';
import { loadConfig } from '../config/load.ts';
import type { Hex } from '../shared/bytes.ts';
import { formatAmount } from '../shared/units.ts';
import { CommandLineError } from './command-line-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** What to claim, and whom it goes to. */
export interface ClaimOptions {
  readonly config: string;
  /** Another address than the release names: only its recipient can say so. */
  readonly to?: Hex;
}

/**
 * Claims what a gateway has put aside, with the key in VEILSPAN_SIGNER: anybody can have it paid to its recipient.
 *
 * @param id `<chain id>/<release index>`
 * @throws {CommandLineError} @throws {ChainError} @throws {ChainCallReverted} the gateway does not pay it now
 */
export async function runClaim(id: string, { config, to }: ClaimOptions): Promise<ExitCode> {
  const client = loadConfig(clientConfigSchema, config, process.env, 'VEILSPAN_CLIENT');
  const [, chainId = '', index = ''] = /^([0-9]{1,20})[:/]([0-9]{1,20})$/.exec(id) ?? [];
  const entry = client.chains.find((chain) => `${chain.chainId}` === chainId);
  if (entry === undefined) {
    throw new CommandLineError('expected <chain id>/<release index> of a chain that is configured');
  }
  const secret = process.env['VEILSPAN_SIGNER'];
  if (!secret) throw new CommandLineError('set VEILSPAN_SIGNER to the key that pays for gas');
  const connections = await connect(client);
  try {
    const chain = connections.chains.get(entry.chainId);
    if (chain === undefined) throw new CommandLineError(`there is no connection to ${entry.name}`);
    const gateway = { chain, address: entry.gateway, abi: GATEWAY_ABI };
    const { asset, amount } = (await readContract(gateway, 'claimOf', [BigInt(index)]))[0];
    if (amount === 0n) {
      console.log('nothing is put aside under this index: it was claimed, or never was');
      return EXIT.notFound;
    }
    const method = to === undefined ? 'claim' : 'claimTo';
    const args = to === undefined ? [BigInt(index)] : [BigInt(index), to];
    const data = GATEWAY_ABI.encodeFunctionData(method, args) as Hex;
    const signer = await chain.signer(secret);
    const receipt = await chain.submit(signer, { to: entry.gateway, data, valueWei: 0n });
    const token = client.tokens.find((each) => each.asset === asset);
    const paid = token ? formatAmount(token, amount) : `${amount}`;
    console.log(`claimed up to ${paid} in block ${receipt.blockNumber} of ${entry.name}`);
    return EXIT.ok;
  } finally {
    await connections.close();
  }
}
