import type { ChainPosition } from '../../protocol/message.ts';
import type { Bridge, Side } from '../bridge.ts';
import { finalControl, finalControlCount, forgetControl } from '../journal/control-messages.ts';
import {
  ANY_BLOCK,
  finalMessageCount,
  finalMessages,
  forgetMessages,
} from '../journal/messages.ts';
import { readAgain } from './read-again.ts';

// What agreed with a node's counts and still was not what the chain has: an enclave has refused it under a proof.

const REFUSED = {
  why: 'an enclave has refused what it told of',
  said: 'the journal is not what the chain has; reading again',
};

/**
 * Forgets messages behind a proven position, which did not replay to the proven head, and reads their blocks again: from
 * another node, if there is one.
 */
export async function rewind(bridge: Bridge, side: Side, proven: ChainPosition): Promise<void> {
  const { database } = bridge;
  const { chainId } = side.chain;
  await side.recording.run(async () => {
    if ((await finalMessageCount(database, chainId)) < proven.count) return;
    const before = { chainId, fromIndex: proven.count - 1n, toBlock: ANY_BLOCK, limit: 1 };
    const [last] = proven.count === 0n ? [] : await finalMessages(database, before);
    await readAgain(bridge, side, {
      ...REFUSED,
      resumeAt: () => last?.blockNumber ?? side.fromBlock,
      stand: { sentHead: proven.head },
      forget: (tx) => forgetMessages(tx, chainId, proven.count),
    });
  });
}

/** As {@link rewind}, of the anchor's own outbox. */
export async function rewindControl(bridge: Bridge, proven: ChainPosition): Promise<void> {
  const { database } = bridge;
  const { side } = bridge.anchor;
  await side.recording.run(async () => {
    if ((await finalControlCount(database)) < proven.count) return;
    const before = { fromIndex: proven.count - 1n, toBlock: ANY_BLOCK, limit: 1 };
    const [last] = proven.count === 0n ? [] : await finalControl(database, before);
    await readAgain(bridge, side, {
      ...REFUSED,
      resumeAt: () => last?.blockNumber ?? side.fromBlock,
      stand: { controlHead: proven.head },
      forget: (tx) => forgetControl(tx, proven.count),
    });
  });
}
