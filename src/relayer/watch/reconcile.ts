import type { BlockRef } from '../../chains/shared/bridged-chain.ts';
import { ANCHOR_SLOTS, GATEWAY_SLOTS } from '../../protocol/contracts.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { Bridge, Side } from '../bridge.ts';
import { blockBeforeMissing, finalCommitCount } from '../journal/commits.ts';
import {
  finalControl,
  finalControlCount,
  firstMissingControl,
  forgetControl,
} from '../journal/control-messages.ts';
import { saveCursor } from '../journal/cursors.ts';
import type { Database } from '../journal/database.ts';
import {
  ANY_BLOCK,
  finalMessageCount,
  finalMessages,
  firstMissingIndex,
  forgetMessages,
} from '../journal/messages.ts';

// Logs are hints: a node that left some out is found out by the contracts' own counts, and asked again.

/** Holds what the journal has of a chain, up to a final block, to what its contracts count. */
export async function requireAllSeen(bridge: Bridge, side: Side, final: BlockRef): Promise<void> {
  const { chain, gateway } = side;
  const { database, anchor } = bridge;
  const sent = await countAt(side, gateway, [GATEWAY_SLOTS.sentCount, final.hash]);
  if ((await finalMessageCount(database, chain.chainId)) < sent) {
    // What is counted need not be the first so many.
    await rewind(bridge, side, await firstMissingIndex(database, chain.chainId));
  }
  if (side !== anchor.side) return;
  const said = await countAt(side, anchor.address, [ANCHOR_SLOTS.controlCount, final.hash]);
  if ((await finalControlCount(database)) < said) {
    await rewindControl(bridge, await firstMissingControl(database));
  }
  const committed = await countAt(side, anchor.address, [ANCHOR_SLOTS.number, final.hash]);
  if ((await finalCommitCount(database)) < committed) await rewindCommits(bridge);
}

/** A count is in the low 8 bytes of its slot; what shares that, if anything ever does, is above them. */
async function countAt(
  { chain }: Side,
  contract: Hex,
  [slot, block]: readonly [slot: Hex, block: Hex],
): Promise<bigint> {
  return BigInt.asUintN(64, BigInt(await chain.word(contract, slot, block)));
}

/** Forgets messages that did not replay to the proven head, and reads their blocks again. */
export async function rewind(bridge: Bridge, side: Side, fromIndex: bigint): Promise<void> {
  const { chainId } = side.chain;
  await side.recording.run(async () => {
    const before = { chainId, fromIndex: fromIndex - 1n, toBlock: ANY_BLOCK, limit: 1 };
    const [last] = fromIndex === 0n ? [] : await finalMessages(bridge.database, before);
    const resumeAt = last?.blockNumber ?? side.fromBlock;
    await readAgain(bridge, side, {
      resumeAt,
      forget: (tx) => forgetMessages(tx, chainId, fromIndex),
    });
  });
}

/** As {@link rewind}, of the anchor's own outbox. */
export async function rewindControl(bridge: Bridge, fromIndex: bigint): Promise<void> {
  const { side } = bridge.anchor;
  await side.recording.run(async () => {
    const before = { fromIndex: fromIndex - 1n, toBlock: ANY_BLOCK, limit: 1 };
    const [last] = fromIndex === 0n ? [] : await finalControl(bridge.database, before);
    const resumeAt = last?.blockNumber ?? side.fromBlock;
    await readAgain(bridge, side, { resumeAt, forget: (tx) => forgetControl(tx, fromIndex) });
  });
}

/** Nothing is forgotten: what is known of commits is only added to. */
async function rewindCommits(bridge: Bridge): Promise<void> {
  const { side } = bridge.anchor;
  await side.recording.run(async () => {
    const resumeAt = (await blockBeforeMissing(bridge.database)) ?? side.fromBlock;
    await readAgain(bridge, side, { resumeAt, forget: async () => {} });
  });
}

interface Rereading {
  readonly resumeAt: number;
  forget(tx: Database): Promise<void>;
}

async function readAgain(
  { database, log }: Bridge,
  { chain }: Side,
  { resumeAt, forget }: Rereading,
): Promise<void> {
  await database.transaction(async (tx) => {
    await forget(tx);
    await saveCursor(tx, chain.chainId, resumeAt - 1);
  });
  log.warn({ chain: chain.name, resumeAt }, 'the journal is not what the chain has; reading again');
}
