import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import { type ChainPosition, EMPTY_HEAD } from '../../protocol/message.ts';
import type { Bridge, EnclaveLine, Side } from '../bridge.ts';
import { controlIn, finalControlCount, forgetControl } from '../journal/control-messages.ts';
import { cursorBefore, loadChainCursor } from '../journal/cursors.ts';
import type { Database } from '../journal/database.ts';
import type { IndexSpan } from '../journal/index-span.ts';
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

type Reconciled = Pick<Bridge, 'database' | 'log' | 'anchor' | 'enclaves' | 'board' | 'quorum'>;

/** Heads of outboxes that nothing was read of. */
const BEFORE = cursorBefore(0);

/** An outbox as the journal has it. */
export interface JournaledOutbox {
  /** For whoever reads an alarm. */
  readonly name: string;
  /** What an enclave says that it has taken of it; undefined if it does not know it. */
  positionIn(status: EnclaveStatus): ChainPosition | undefined;
  /** Where it stands by all that the journal has of it, which the contract has hashed to as well. */
  standing(): Promise<ChainPosition>;
  /** Where it stands after the journal's first `count` messages, from an earlier place on. */
  replay(from: ChainPosition, count: bigint): Promise<ChainPosition>;
  /** Forgets the messages behind a place, and has their blocks read again: from another node, if there is one. */
  rewindTo(stand: ChainPosition): Promise<void>;
}

/** A gateway's outbox. */
export function messagesOf(bridge: Pick<Bridge, 'database' | 'log'>, side: Side): JournaledOutbox {
  const { database } = bridge;
  const { chainId, name } = side.chain;
  return journaled(bridge, side, {
    name: `the outbox of ${name}`,
    head: 'sentHead',
    positionIn: (status) => outboxOf(status, chainId)?.position,
    count: () => finalMessageCount(database, chainId),
    rows: (span) => messagesIn(database, { chainId, ...span }, 1),
    replay: (from, endIndex) => replaySent(database, side, from, { endIndex, toBlock: ANY_BLOCK }),
    forget: (tx, fromIndex) => forgetMessages(tx, chainId, fromIndex),
  });
}

/** The anchor's own outbox. */
export function controlOf(bridge: Pick<Bridge, 'database' | 'log' | 'anchor'>): JournaledOutbox {
  const { database } = bridge;
  const { side, address } = bridge.anchor;
  const source = { chainId: side.chain.chainId, address };
  return journaled(bridge, side, {
    name: 'the word of governance',
    head: 'controlHead',
    positionIn: ({ control }) => control.position,
    count: () => finalControlCount(database),
    rows: (span) => controlIn(database, span, 1),
    replay: (from, endIndex) =>
      replaySaid(database, source, from, { endIndex, toBlock: ANY_BLOCK }),
    forget: forgetControl,
  });
}

/** What the two differ in. */
interface OutboxParts extends Pick<JournaledOutbox, 'name' | 'positionIn' | 'replay'> {
  /** What the chain's cursor calls the head of it. */
  readonly head: 'sentHead' | 'controlHead';
  count(): Promise<bigint>;
  rows(span: IndexSpan): Promise<readonly { readonly blockNumber: number }[]>;
  forget(tx: Database, fromIndex: bigint): Promise<void>;
}

function journaled(
  bridge: Pick<Bridge, 'database' | 'log'>,
  side: Side,
  { head, count, rows, forget, ...outbox }: OutboxParts,
): JournaledOutbox {
  const { chainId } = side.chain;
  return {
    ...outbox,
    standing: async () => {
      const cursor = (await loadChainCursor(bridge.database, chainId)) ?? BEFORE;
      return { count: await count(), head: cursor[head] };
    },
    rewindTo: (stand) =>
      side.recording.run(async () => {
        if ((await count()) < stand.count) return;
        const [last] = stand.count === 0n ? [] : await rows(lastBefore(stand));
        await readAgain(bridge, side, {
          ...REFUSED,
          resumeAt: () => last?.blockNumber ?? side.fromBlock,
          stand: { [head]: stand.head },
          forget: (tx) => forget(tx, stand.count),
        });
      }),
  };
}

function lastBefore({ count }: ChainPosition): IndexSpan {
  return { fromIndex: count - 1n, endIndex: count, toBlock: ANY_BLOCK };
}

/** Reads an outbox again, from where enough enclaves have taken what the journal has; not at all while too few say where they stand. */
export async function rewind(bridge: Reconciled, outbox: JournaledOutbox): Promise<void> {
  const stand = standOf(await compareWith(bridge, outbox));
  if (stand !== undefined) await outbox.rewindTo(stand);
}

/** An enclave that has refused messages of an outbox, and where it says that it stands. */
export interface Refusal {
  readonly line: Pick<EnclaveLine, 'name'>;
  readonly position: ChainPosition;
  /** Once it says stop, nothing is read again. */
  readonly signal: AbortSignal;
}

/**
 * Does what an enclave's refusal is a reason for. Where enough others have taken all that the journal has, or enough have come by the journal and
 * it stands where that never was, it is the enclave that is wrong, and an alarm says so; otherwise the outbox is read again as by {@link rewind}.
 */
export async function takeRefusal(
  bridge: Reconciled,
  outbox: JournaledOutbox,
  { line: { name: enclave }, position, signal }: Refusal,
): Promise<void> {
  const compared = await compareWith(bridge, outbox);
  signal.throwIfAborted();
  const { agreeing, others, needed, final } = compared;
  // The journal is being read.
  if (final < position.count) return;
  const isElsewhere = others.some(({ name }) => name === enclave) && agreeing.length >= needed;
  const besides = agreeing.filter(({ name }) => name !== enclave).at(-needed)?.position;
  if (isElsewhere || besides?.count === final) {
    const what = `it refuses at message ${position.count} what enough others have taken`;
    bridge.quorum.dissents({ enclave, what }, outbox.name);
    return;
  }
  const stand = standOf(compared);
  if (stand !== undefined) await outbox.rewindTo(stand);
}

interface Told {
  readonly name: string;
  readonly position: ChainPosition;
}

/** Enclaves by whether they stand at a place where the journal was as well, those furthest behind first; one that the journal lacks messages of is in neither. */
interface Compared {
  readonly agreeing: readonly Told[];
  readonly others: readonly Told[];
  /** As many as have to sign, or all where there are fewer. */
  readonly needed: number;
  /** How many messages of the outbox the journal has. */
  readonly final: bigint;
}

const BEGINNING: ChainPosition = { count: 0n, head: EMPTY_HEAD };

/** Where enough have come by the journal; its beginning where enough stand elsewhere. */
function standOf({ agreeing, others, needed }: Compared): ChainPosition | undefined {
  return agreeing.at(-needed)?.position ?? (others.length >= needed ? BEGINNING : undefined);
}

async function compareWith(bridge: Reconciled, outbox: JournaledOutbox): Promise<Compared> {
  const { side, address } = bridge.anchor;
  const { threshold } = await bridge.quorum.rulesOf({ chain: side.chain, address });
  const standing = await outbox.standing();
  const told = (await bridge.board.standings()).flatMap(({ line, status }): Told[] => {
    const position = outbox.positionIn(status);
    return position && position.count <= standing.count ? [{ name: line.name, position }] : [];
  });
  const agreeing: Told[] = [];
  const others: Told[] = [];
  let at = BEGINNING;
  for (const one of told.toSorted((a, b) => Number(a.position.count - b.position.count))) {
    const { count, head } = one.position;
    at = count === standing.count ? standing : await outbox.replay(at, count);
    (at.head === head ? agreeing : others).push(one);
  }
  const needed = Math.min(threshold, bridge.enclaves.length);
  return { agreeing, others, needed, final: standing.count };
}
