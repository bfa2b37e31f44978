import { ANCHOR_ABI, GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import type { ContractLog } from '../../src/chains/shared/bridged-chain.ts';
import { publicTags, type TransferTags } from '../../src/protocol/transfer-tags.ts';
import {
  claimedLog,
  commitLog,
  deferredLog,
  depositLog,
  GATEWAY,
  releasedLog,
  skippedLog,
} from './bridge-logs.ts';

/** Something that happens to one of two chains; what cannot happen now does not. */
export interface WorldStep {
  readonly kind:
    | 'deposit'
    | 'commit'
    | 'release'
    | 'claim'
    | 'finalize'
    | 'replay'
    | 'reorganise'
    | 'journal'
    | 'view';
  readonly chain: 0 | 1;
  /** Chooses among what is possible. */
  readonly pick: number;
}

/** Blocks of logs; those up to `finalized` stay. Block 0 is empty and final. */
export interface WorldChain {
  readonly chainId: bigint;
  blocks: ContractLog[][];
  finalized: number;
}

/** Deposits are made on the first chain, commits and payouts on the second; refunds go back to the first. */
export interface TransferWorld {
  readonly chains: readonly [source: WorldChain, anchor: WorldChain];
  /** Messages of the first chain that an enclave has replayed. */
  replayed(): bigint;
  apply(step: WorldStep): void;
}

export const SOURCE_ID = 31_337n;
export const ANCHOR_ID = 420_420_499n;

/** Deposits that a world takes at most. */
export const MAX_MESSAGES = 24;

const TAGS = Array.from({ length: MAX_MESSAGES }, (_, i) =>
  publicTags({ chainId: SOURCE_ID, index: BigInt(i) }, GATEWAY),
);

/** The tags of the source's message `index`. */
export function tagsOfMessage(index: number): Required<TransferTags> {
  const tags = TAGS[index];
  if (tags === undefined) throw new RangeError(`no message ${index}`);
  return tags;
}

/** Creates a world in which nothing has happened. */
export function createTransferWorld(): TransferWorld {
  const source: WorldChain = { chainId: SOURCE_ID, blocks: [[]], finalized: 0 };
  const anchor: WorldChain = { chainId: ANCHOR_ID, blocks: [[]], finalized: 0 };
  const chains = [source, anchor] as const;
  let replayed = 0;

  const deposit = () => {
    const index = deposits(source).length;
    if (index < MAX_MESSAGES) add(source, (block) => depositLog(BigInt(index), block));
  };
  const commit = (pick: number) => {
    const known = commits(anchor);
    const consumed = known.at(-1) ?? 0;
    const ready = finalDeposits(source) - consumed;
    if (ready === 0) return;
    const count = BigInt(consumed + 1 + (pick % ready));
    add(anchor, (block) => commitLog(BigInt(known.length + 1), [[SOURCE_ID, count]], block));
  };
  const release = (at: 0 | 1, pick: number) => {
    const chain = chains[at];
    const index = releaseIndexes(chain).length;
    // Every other message is refunded.
    const message = 2 * index + (at === 0 ? 1 : 0);
    if (message >= (commits(anchor, anchor.finalized).at(-1) ?? 0)) return;
    const { payouts, refund } = tagsOfMessage(message);
    const tag = (at === 0 ? refund : payouts[0]) ?? '0x';
    const of = { index: BigInt(index), tag };
    const paid = (block: number) => releasedLog(of.index, tag, block);
    const deferred = (block: number) => deferredLog(of, block);
    const skipped = (block: number) => skippedLog(of, block);
    // A refund may have nothing behind it; a payout is never left out.
    const choices = [[deferred], [paid], [paid, deferred], at === 0 ? [skipped] : [paid]];
    add(chain, ...(choices[pick % choices.length] ?? []));
  };
  const claim = (chain: WorldChain, pick: number) => {
    const all = chain.blocks.flat();
    const done = new Set(all.filter(isNamed('Claimed')).filter(isWhole).map(indexOf));
    const open = all.filter(isNamed('ReleaseDeferred')).filter((log) => !done.has(indexOf(log)));
    const chosen = open[pick % Math.max(1, open.length)];
    if (chosen === undefined) return;
    const of = { index: indexOf(chosen), tag: chosen.topics[2] ?? '0x' } as const;
    add(chain, (block) => claimedLog({ ...of, left: pick % 2 === 0 ? 0n : 1n }, block));
  };
  const finalize = (chain: WorldChain, pick: number) => {
    const open = chain.blocks.length - 1 - chain.finalized;
    chain.finalized += open === 0 ? 0 : 1 + (pick % open);
  };
  const reorganise = (chain: WorldChain, pick: number) => {
    const open = chain.blocks.length - 1 - chain.finalized;
    const kept = open === 0 ? 0 : pick % open;
    chain.blocks = chain.blocks.slice(0, chain.finalized + 1 + kept);
    // What comes after stands in other blocks than before.
    if (pick % 2 === 0) chain.blocks.push([]);
  };

  return {
    chains,
    replayed: () => BigInt(replayed),
    apply: ({ kind, chain: at, pick }) => {
      const chain = chains[at];
      if (kind === 'deposit') deposit();
      if (kind === 'commit') commit(pick);
      if (kind === 'release') release(at, pick);
      if (kind === 'claim') claim(chain, pick);
      if (kind === 'finalize') finalize(chain, pick);
      if (kind === 'reorganise') reorganise(chain, pick);
      if (kind === 'replay') replayed = finalDeposits(source);
    },
  };
}

function add(chain: WorldChain, ...makers: ((block: number) => ContractLog)[]): void {
  const number = chain.blocks.length;
  chain.blocks.push(makers.map((make) => make(number)));
}

function deposits({ blocks }: WorldChain, upTo = blocks.length): ContractLog[] {
  return blocks
    .slice(0, upTo + 1)
    .flat()
    .filter(isNamed('Deposited'));
}

function finalDeposits(source: WorldChain): number {
  return deposits(source, source.finalized).length;
}

/** What the commits of a chain have consumed, each. */
function commits({ blocks }: WorldChain, upTo = blocks.length): number[] {
  return blocks
    .slice(0, upTo + 1)
    .flat()
    .flatMap(({ topics, data }) => {
      const event = ANCHOR_ABI.parseLog({ topics: [...topics], data });
      return event ? [Number(event.args['inputs'][0].count)] : [];
    });
}

/** The releases that a chain shows, each once. */
function releaseIndexes({ blocks }: WorldChain): bigint[] {
  const shown = blocks
    .flat()
    .filter((log) => ['Released', 'ReleaseDeferred', 'ReleaseSkipped'].includes(nameOf(log)));
  return [...new Set(shown.map(indexOf))];
}

function isNamed(name: string): (log: ContractLog) => boolean {
  return (log) => nameOf(log) === name;
}

function nameOf({ topics, data }: ContractLog): string {
  return GATEWAY_ABI.parseLog({ topics: [...topics], data })?.name ?? '';
}

/** Whether a claim leaves nothing. */
function isWhole({ topics, data }: ContractLog): boolean {
  return GATEWAY_ABI.parseLog({ topics: [...topics], data })?.args['left'] === 0n;
}

function indexOf({ topics }: ContractLog): bigint {
  return BigInt(topics[1] ?? -1);
}
