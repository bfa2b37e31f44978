import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ChainError } from '../chains/shared/bridged-chain.ts';
import { connect } from '../client/connect.ts';
import { parsePostFile } from '../client/order-record.ts';
import { postOrders } from '../client/post.ts';
import { type OperatorOptions, printAnswer, relayerConfigOf } from './ask-relayer.ts';
import { CommandLineError } from './command-line-error.ts';

/** Posts the sealed orders in these files with a relayer's key. @throws {CommandLineError} the relayer has no such chain */
export async function postFiles(
  files: readonly string[],
  options: OperatorOptions & { readonly via: string },
): Promise<void> {
  const { via } = options;
  const config = relayerConfigOf(options);
  const on = config.chains.find(({ name }) => name === via);
  if (!on) throw new CommandLineError(`the relayer has no chain ${via}`);
  const envelopes = files.map((each) => parsePostFile(readFileSync(each, 'utf8')));
  const connections = await connect(config);
  try {
    const chain = connections.chains.get(on.chainId);
    if (!chain) throw new CommandLineError(`there is no connection to ${via}`);
    const signer = await chain.signer(on.signer.reveal());
    const { gateway } = on;
    const side = { chain, signer, gateway };
    const { blockNumber, transactionHash } = await untilTaken(() => postOrders(side, envelopes));
    const count = envelopes.length;
    const answer = { chain: via, count, block: blockNumber, transaction: transactionHash };
    const orders = count === 1 ? '1 order' : `${count} orders`;
    printAnswer(options, answer, () => [`posted ${orders} in block ${blockNumber} of ${via}`]);
  } finally {
    await connections.close();
  }
}

const ATTEMPTS = 10;
const RETRY_MS = 3000;
const LOST: ReadonlySet<string> = new Set(['CHAIN_TRANSACTION_REFUSED', 'CHAIN_TRANSACTION_LOST']);

/** The key is the relayer's: while it runs, its own transactions may be quicker with a nonce. The next attempt takes another one. */
async function untilTaken<T>(post: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await post();
    } catch (error) {
      const isLost = error instanceof ChainError && LOST.has(error.code);
      if (!isLost || attempt === ATTEMPTS) throw error;
      await delay(RETRY_MS);
    }
  }
}
