import { readFileSync } from 'node:fs';
import { connect } from '../client/connect.ts';
import { parsePostFile } from '../client/order-record.ts';
import { postOrders } from '../client/post.ts';
import { loadConfig } from '../config/load.ts';
import { relayerConfigSchema } from '../config/relayer.ts';
import { CommandLineError } from './command-line-error.ts';

/** Posts the sealed orders in these files with a relayer's key. @throws {CommandLineError} the relayer has no such chain */
export async function postFiles(
  files: readonly string[],
  { config: file, via }: { readonly config: string; readonly via: string },
): Promise<void> {
  const config = loadConfig(relayerConfigSchema, file, process.env, 'VEILSPAN_RELAYER');
  const on = config.chains.find(({ name }) => name === via);
  if (!on) throw new CommandLineError(`the relayer has no chain ${via}`);
  const envelopes = files.map((each) => parsePostFile(readFileSync(each, 'utf8')));
  const connections = await connect(config);
  try {
    const chain = connections.chains.get(on.chainId);
    if (!chain) throw new CommandLineError(`there is no connection to ${via}`);
    const signer = await chain.signer(on.signer.reveal());
    const { gateway } = on;
    const receipt = await postOrders({ chain, signer, gateway }, envelopes);
    const orders = envelopes.length === 1 ? '1 order' : `${envelopes.length} orders`;
    console.log(`posted ${orders} in block ${receipt.blockNumber} of ${via}`);
  } finally {
    await connections.close();
  }
}
