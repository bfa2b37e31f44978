import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import { type ChainPosition, EMPTY_HEAD } from '../../protocol/message.ts';
import type { Bridge, EnclaveLine, Side } from '../bridge.ts';
import { controlIn, finalControlCount, forgetControl } from '../journal/control-messages.ts';
import { ANY_BLOCK, finalMessageCount, forgetMessages, messagesIn } from '../journal/messages.ts';
import { outboxOf } from '../prove/outbox.ts';
import { replaySaid, replaySent } from './outbox-replay.ts';
import { readAgain } from './read-again.ts';

// What agreed with a node's counts and still was not what the chain has: an enclave has refused it under a proof. That is one enclave's word, so
// it sets nothing back that as many have taken as have to sign, and where the journal stands then the journal has hashed itself.

const REFUSED = {
  why: 'an enclave has refused what it told of',
  said: 'the journal is not what the chain has; reading again',
};

type Reconciled = Pick<Bridge, 'database' | 'log' | 'anchor' | 'board' | 'quorum'>;

/** An outbox as the journal has it. */
export interface JournaledOutbox {
  /** For whoever reads an alarm. */
  readonly name: string;
  /** What an enclave says that it has taken of it; undefined if it does not know it. */
  positionIn(status: EnclaveStatus): ChainPosition | undefined;
  finalCount(): Promise<bigint>;
  /** Where it stands after the journal's first `count` messages, from an earlier place on. */
  replay(from: ChainPosition, count: bigint): Promise<ChainPosition>;
  /** Forgets the messages behind a place, and has their blocks read again: from another node, if there is one. */
  rewindTo(stand: ChainPosition): Promise<void>;
}

/** A gateway's outbox. */
export function messagesOf(bridge: Pick<Bridge, 'database' | 'log'>, side: Side): JournaledOutbox {
  const { database } = bridge;
  const { chainId, name } = side.chain;
  const finalCount = () => finalMessageCount(database, chainId);
  return {
    name: `the outbox of ${name}`,
    positionIn: (status) => outboxOf(status, chainId)?.position,
    finalCount,
    replay: (from, endIndex) => replaySent(database, side, from, { endIndex, toBlock: ANY_BLOCK }),
    rewindTo: (stand) =>
      side.recording.run(async () => {
        if ((await finalCount()) < stand.count) return;
        const span = { chainId, ...lastBefore(stand) };
        const [last] = stand.count === 0n ? [] : await messagesIn(database, span, 1);
        await readAgain(bridge, side, {
          ...REFUSED,
          resumeAt: () => last?.blockNumber ?? side.fromBlock,
          stand: { sentHead: stand.head },
          forget: (tx) => forgetMessages(tx, chainId, stand.count),
        });
      }),
  };
}

/** The anchor's own outbox. */
export function controlOf(bridge: Pick<Bridge, 'database' | 'log' | 'anchor'>): JournaledOutbox {
  const { database } = bridge;
  const { side, address } = bridge.anchor;
  const source = { chainId: side.chain.chainId, address };
  return {
    name: 'the word of governance',
    positionIn: ({ control }) => control.position,
    finalCount: () => finalControlCount(database),
    replay: (from, endIndex) =>
      replaySaid(database, source, from, { endIndex, toBlock: ANY_BLOCK }),
    rewindTo: (stand) =>
      side.recording.run(async () => {
        if ((await finalControlCount(database)) < stand.count) return;
        const [last] = stand.count === 0n ? [] : await controlIn(database, lastBefore(stand), 1);
        await readAgain(bridge, side, {
          ...REFUSED,
          resumeAt: () => last?.blockNumber ?? side.fromBlock,
          stand: { controlHead: stand.head },
          forget: (tx) => forgetControl(tx, stand.count),
        });
      }),
  };
}

function lastBefore({ count }: ChainPosition) {
  return { fromIndex: count - 1n, endIndex: count, toBlock: ANY_BLOCK };
}

/** Reads an outbox again, from where as many enclaves have taken what the journal has as have to sign. */
export async function rewind(bridge: Reconciled, outbox: JournaledOutbox): Promise<void> {
  const { stand } = await agreement(bridge, outbox);
  await outbox.rewindTo(stand);
}

/**
 * Does what an enclave's refusal of an outbox's messages is a reason for. If it stands at a place that enough others have passed by what the
 * journal has, it is the enclave that is wrong, and an alarm says so; otherwise the outbox is read again.
 *
 * @param position where it says that it stands
 */
export async function takeRefusal(
  bridge: Reconciled,
  outbox: JournaledOutbox,
  {
    line: { name: enclave },
    position,
  }: { readonly line: EnclaveLine; readonly position: ChainPosition },
): Promise<void> {
  // The journal is being read.
  if ((await outbox.finalCount()) < position.count) return;
  const { stand, agreeing, threshold } = await agreement(bridge, outbox);
  if (agreeing.includes(enclave) || agreeing.length < threshold)
    return await outbox.rewindTo(stand);
  const what = `it stands at message ${position.count} with a head that the chain never had`;
  bridge.quorum.dissents({ enclave, what }, outbox.name);
}

interface Agreement {
  /** As many enclaves as have to sign have come so far by what the journal has; the beginning, if they are fewer. */
  readonly stand: ChainPosition;
  /** Names of those that stand at a place where the journal was as well. */
  readonly agreeing: readonly string[];
  readonly threshold: number;
}

async function agreement(
  { anchor: { side, address }, board, quorum }: Reconciled,
  outbox: JournaledOutbox,
): Promise<Agreement> {
  const { threshold } = await quorum.rulesOf({ chain: side.chain, address });
  const final = await outbox.finalCount();
  const told = (await board.standings()).flatMap(({ line, status }) => {
    const position = outbox.positionIn(status);
    return position && position.count <= final ? [{ name: line.name, position }] : [];
  });
  const beginning = { count: 0n, head: EMPTY_HEAD };
  const agreeing: typeof told = [];
  let at: ChainPosition = beginning;
  for (const one of told.toSorted((a, b) => Number(a.position.count - b.position.count))) {
    at = await outbox.replay(at, one.position.count);
    if (at.head === one.position.head) agreeing.push(one);
  }
  const stand = agreeing.at(-threshold)?.position ?? beginning;
  return { stand, agreeing: agreeing.map(({ name }) => name), threshold };
}
