import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parsePostFile } from '../client/order-record.ts';
import type { DeskAnswers } from '../relayer/operate/desk.ts';
import type { Desk } from '../relayer/operate/desk-socket.ts';
import { openAccountDesk } from '../relayer/operate/open-account-desk.ts';
import { toHex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import { type OperatorOptions, printAnswer, relayerConfigOf } from './ask-relayer.ts';
import { CommandLineError } from './command-line-error.ts';

/**
 * Posts the sealed orders in these files with a relayer's key: the relayer that runs does it, or whoever has its journal.
 *
 * @throws {CommandLineError} the relayer has no such chain, or no block has taken the orders @throws {BridgeError} as `openAccountDesk`
 */
export async function postFiles(
  files: readonly string[],
  options: OperatorOptions & { readonly via: string },
): Promise<void> {
  const { via } = options;
  const config = relayerConfigOf(options);
  const isKnown = config.chains.some(({ name }) => name === via);
  if (!isKnown) throw new CommandLineError(`the relayer has no chain ${via}`);
  const envelopes = files.map((each) => toHex(parsePostFile(readFileSync(each, 'utf8'))));
  const desk = await openAccountDesk(config);
  try {
    const block = await untilIncluded(desk, via, envelopes);
    const count = envelopes.length;
    const orders = count === 1 ? '1 order' : `${count} orders`;
    printAnswer(options, { chain: via, count, block }, () => [
      `posted ${orders} in block ${block} of ${via}`,
    ]);
  } finally {
    await desk.close();
  }
}

const LOOK_MS = 1000;

async function untilIncluded(
  desk: Pick<Desk, 'ask'>,
  chain: string,
  envelopes: readonly `0x${string}`[],
): Promise<number> {
  const handed = await desk.ask('post', { chain, envelopes: [...envelopes] });
  for (;;) {
    const { state, block } = await look(desk, chain, handed);
    if (block !== null) return block;
    if (state === 'failed') throw new CommandLineError(`the gateway on ${chain} refused the post`);
    if (state === 'lost') {
      throw new CommandLineError(`another transaction has nonce ${handed.nonce} on ${chain}`);
    }
    await delay(LOOK_MS);
  }
}

/** What was not found out in time is looked for again: the post goes on meanwhile. */
async function look(
  desk: Pick<Desk, 'ask'>,
  chain: string,
  handed: DeskAnswers['post'],
): Promise<DeskAnswers['posted']> {
  try {
    return await desk.ask('posted', { chain, ...handed });
  } catch (error) {
    const isLate = error instanceof BridgeError && error.code === 'RELAYER_WAIT_LATE';
    if (!isLate) throw error;
    return { state: 'open', block: null };
  }
}
