import type { Justifications } from '@polkadot/types/interfaces';
import { toHex } from '../../shared/bytes.ts';
import { type BlockRef, ChainError } from '../shared/bridged-chain.ts';
import type { SubstrateBlocks } from './blocks.ts';
import { ask, type SubstrateConnection } from './connection.ts';
import { type FinalityFragment, hopOver, provenFrom, type Range } from './prove-finality.ts';
import { fetchBlock, fetchHeader } from './read-block.ts';

const GRANDPA_ENGINE = 'FRNK';
const SCHEDULED_CHANGE = 1;
const FORCED_CHANGE = 2;
/** How far below the newest final block one with a justification is looked for. */
const WALK_BACK_BLOCKS = 64;
const CONCURRENT_HEADERS = 16;
/** Blocks of which it is remembered whether they change the authority set: those of some days. */
const KEPT_DIGESTS = 65_536;

/** Collects GRANDPA finality. */
export interface FragmentSource {
  /**
   * Fragments that take a light client from `fromNumber` to `toNumber`, in order: every block between them that
   * changes the authority set, then the newest one up to `toNumber` that a justification shows to be final.
   */
  fragments(fromNumber: number, toNumber: number): Promise<FinalityFragment[]>;
  /** Of what nodes have told so far nothing is used any more. */
  forget(): void;
}

/** Creates a source of finality proofs. It listens for justifications, which nodes keep for few blocks. */
export function createFragmentSource(
  node: SubstrateConnection,
  blocks: SubstrateBlocks,
): FragmentSource {
  const { heard, requireSubscribed } = listen(node);
  // Final blocks never change, so each header's digest is read once.
  const changesSet = new Map<number, boolean>();
  const isChange = async (number: number): Promise<boolean> => {
    const known = changesSet.get(number);
    if (known !== undefined) return known;
    const found = await announcesChange(node, blocks, number);
    changesSet.set(number, found);
    const [oldest] = changesSet.keys();
    if (changesSet.size > KEPT_DIGESTS && oldest !== undefined) changesSet.delete(oldest);
    return found;
  };
  const nextChange = async ({ fromNumber, toNumber }: Range) => {
    for (let from = fromNumber + 1; from <= toNumber; from += CONCURRENT_HEADERS) {
      const length = Math.min(CONCURRENT_HEADERS, toNumber - from + 1);
      const numbers = Array.from({ length }, (_, i) => from + i);
      const changes = await Promise.all(numbers.map(isChange));
      const number = numbers.find((_, i) => changes[i]);
      if (number !== undefined) return await requireFragment(node, blocks, number);
    }
    return undefined;
  };
  return {
    forget: () => {
      heard.length = 0;
      changesSet.clear();
    },
    fragments: async (fromNumber, toNumber) => {
      requireSubscribed();
      const fragments: FinalityFragment[] = [];
      for (let at = fromNumber; ; ) {
        const range = { fromNumber: at, toNumber };
        const next = (await hopOver(node, range)) ?? (await nextChange(range));
        if (next === undefined) break;
        fragments.push(next);
        at = next.number;
      }
      const last =
        (await newestHeard(node, heard, { fromNumber, toNumber })) ??
        (await newestKept(node, blocks, { fromNumber, toNumber }));
      const isLater = last !== undefined && last.number > (fragments.at(-1)?.number ?? fromNumber);
      return isLater ? [...fragments, last] : fragments;
    },
  };
}

/** A justification and the block that its commit targets. */
interface Heard extends BlockRef {
  readonly justification: Uint8Array;
}

const HEARD_LIMIT = 256;
/** GrandpaJustification: round u64 ‖ target hash ‖ target number u32 LE ‖ … */
const TARGET_AT = 8;
const TARGET_END = TARGET_AT + 32 + 4;

interface Listening {
  readonly heard: Heard[];
  /** Tries again next time. @throws {ChainError} CHAIN_UNAVAILABLE: the node does not tell of justifications */
  requireSubscribed(): void;
}

/** Keeps the newest justifications that the node tells of. */
function listen({ name, api }: SubstrateConnection): Listening {
  const heard: Heard[] = [];
  const keep = (justification: Uint8Array) => {
    if (justification.length < TARGET_END) return;
    const target = justification.subarray(TARGET_AT, TARGET_END);
    const number = new DataView(target.buffer, target.byteOffset).getUint32(32, true);
    heard.push({ number, hash: toHex(target.subarray(0, 32)), justification });
    if (heard.length > HEARD_LIMIT) heard.shift();
  };
  let failure: unknown;
  const subscribe = () => {
    failure = undefined;
    const subscribed = api.rpc.grandpa.subscribeJustifications((one) => keep(one.toU8a(true)));
    // Not waited for: it settles with the first justification, which a chain whose finality stalls does not give.
    ask(name, 'grandpa_subscribeJustifications', subscribed).catch((error: unknown) => {
      failure = error;
    });
  };
  const requireSubscribed = () => {
    const reason = failure;
    if (reason === undefined) return;
    subscribe();
    throw reason;
  };
  subscribe();
  return { heard, requireSubscribed };
}

async function newestHeard(
  node: SubstrateConnection,
  heard: readonly Heard[],
  { fromNumber, toNumber }: Range,
): Promise<FinalityFragment | undefined> {
  const isWanted = ({ number }: Heard) => number > fromNumber && number <= toNumber;
  const newest = heard.findLast(isWanted);
  if (newest === undefined) return undefined;
  const header = await fetchHeader(node, newest.hash);
  const { number, justification } = newest;
  return { number, header: header.toU8a(), justification };
}

async function announcesChange(
  node: SubstrateConnection,
  blocks: SubstrateBlocks,
  number: number,
): Promise<boolean> {
  const hash = await blocks.hashOf(number);
  if (hash === undefined) {
    // Without a hash the node would answer with its best header, and a set change would be missed for good.
    const what = `no block ${number}, which was said to be final; the node may lag, ask again`;
    throw new ChainError('CHAIN_UNAVAILABLE', { chain: node.name, what });
  }
  const { digest } = await fetchHeader(node, hash);
  return digest.logs.some((log) => {
    if (!log.isConsensus) return false;
    const [engine, payload] = log.asConsensus;
    const kind = payload.toU8a(true)[0];
    return (
      engine.toString() === GRANDPA_ENGINE && (kind === SCHEDULED_CHANGE || kind === FORCED_CHANGE)
    );
  });
}

async function requireFragment(
  node: SubstrateConnection,
  blocks: SubstrateBlocks,
  number: number,
): Promise<FinalityFragment> {
  const fragment = (await fragmentOf(node, blocks, number)) ?? (await proveFinality(node, number));
  if (fragment !== undefined) return fragment;
  const what = `no justification for block ${number}, which changes the authority set; ask a node that keeps it`;
  throw new ChainError('CHAIN_UNAVAILABLE', { chain: node.name, what });
}

async function newestKept(
  node: SubstrateConnection,
  blocks: SubstrateBlocks,
  { fromNumber, toNumber }: Range,
): Promise<FinalityFragment | undefined> {
  const lowest = Math.max(fromNumber + 1, toNumber - WALK_BACK_BLOCKS);
  for (let number = toNumber; number >= lowest; number--) {
    const fragment = await fragmentOf(node, blocks, number);
    if (fragment !== undefined) return fragment;
  }
  return undefined;
}

/** The justification that the node keeps with the block, if it does. */
async function fragmentOf(
  node: SubstrateConnection,
  blocks: SubstrateBlocks,
  number: number,
): Promise<FinalityFragment | undefined> {
  const hash = await blocks.hashOf(number);
  if (hash === undefined) return undefined;
  const { header, justifications } = await fetchBlock(node, hash);
  const justification = justifications.isSome && grandpaOf(justifications.unwrap());
  return justification ? { number, header: header.toU8a(), justification } : undefined;
}

function grandpaOf(justifications: Justifications): Uint8Array | undefined {
  const found = justifications.find(([engine]) => engine.toString() === GRANDPA_ENGINE);
  return found?.[1].toU8a(true);
}

/** A justification for the last block of a past set. */
async function proveFinality(
  node: SubstrateConnection,
  number: number,
): Promise<FinalityFragment | undefined> {
  const proven = await provenFrom(node, number);
  return proven?.number === number ? proven : undefined;
}
