import type { ContractLog } from '../../src/chains/shared/bridged-chain.ts';
import { keccak256 } from '../../src/crypto/hashes.ts';
import type { ChainKind } from '../../src/protocol/chain-kind.ts';
import type { ControlBody } from '../../src/protocol/control.ts';
import type { MessageBody } from '../../src/protocol/message.ts';
import type { StateProof } from '../../src/protocol/state-proof.ts';
import { fromHex, type Hex, toHex, utf8 } from '../../src/shared/bytes.ts';
import { contractState, timestampNow } from '../support/contract-state.ts';
import {
  ANCHOR_TRIE,
  type EthereumFacts,
  ethereumHeader,
  ethereumState,
  GATEWAY_TRIE,
} from '../support/enclave-world.ts';
import {
  type Contracts,
  callContracts,
  type Deployment,
  freshContracts,
  type Outcome,
  Reverted,
  takeClaims,
  takeControl,
  takeMessage,
  wordsOf,
} from './contracts.ts';

/** A transaction of a relayer's. */
export interface Transaction {
  readonly hash: Hex;
  readonly from: Hex;
  readonly nonce: number;
  readonly to: Hex;
  readonly data: Hex;
  /** What it pays beyond the least, so that it can stand in another's place. */
  readonly tip: number;
}

/** What neither users nor relayers do: governance at the anchor, whoever may pause a gateway, and who claims. */
export type Decree =
  | { readonly kind: 'control'; readonly body: ControlBody }
  | { readonly kind: 'gateway'; readonly to: Partial<Pick<Contracts, 'isPaused' | 'isDeferring'>> }
  | { readonly kind: 'claims' };

/** What a transaction came to in its block. */
export interface Inclusion {
  readonly transaction: Transaction;
  /** Undefined if it was carried out. */
  readonly revertData: Hex | undefined;
}

/** A block, with the state after it. */
export interface Block {
  readonly number: number;
  readonly hash: Hex;
  readonly timeSec: bigint;
  readonly contracts: Contracts;
  readonly logs: readonly ContractLog[];
  readonly included: readonly Inclusion[];
  /** By account. */
  readonly nonces: ReadonlyMap<Hex, number>;
  /** What users sent. */
  readonly bodies: readonly MessageBody[];
  readonly decrees: readonly Decree[];
}

export interface ChainOptions {
  readonly name: string;
  readonly kind: ChainKind;
  readonly deployment: Deployment;
  readonly genesisState: Hex;
  /** Blocks from one that is made to its being final. */
  readonly finalityBlocks: number;
  readonly startSec: bigint;
}

/** Transactions in one block at most. */
const ROOM = 8;

/** A chain that makes a block whenever it is told to. Of its blocks all but the newest few are final. */
export class SimulatedChain {
  readonly options: ChainOptions;
  readonly mempool = new Map<Hex, Transaction>();
  readonly waiting: MessageBody[] = [];
  readonly decrees: Decree[] = [];
  blocks: Block[];
  /** The newest block that anyone was told to be final; it stays so. */
  #final = 0;

  constructor(options: ChainOptions) {
    this.options = options;
    const { genesisState, startSec } = options;
    const contracts = freshContracts(genesisState);
    const empty = { logs: [], included: [], nonces: new Map(), bodies: [], decrees: [] };
    this.blocks = [this.#seal({ number: 0, timeSec: startSec, contracts, ...empty })];
  }

  get head(): Block {
    return this.at(this.blocks.length - 1);
  }

  get final(): Block {
    const number = this.blocks.length - 1 - this.options.finalityBlocks;
    this.#final = Math.max(this.#final, number);
    return this.at(this.#final);
  }

  /** @throws {RangeError} no such block */
  at(number: number): Block {
    const block = this.blocks[number];
    if (block === undefined) throw new RangeError(`${this.options.name} has no block ${number}`);
    return block;
  }

  /** The block with this hash, of those that the chain consists of now. */
  byHash(hash: Hex): Block | undefined {
    return this.blocks.findLast((block) => block.hash === hash);
  }

  /** Makes a block of what waits. */
  grow(timeSec: bigint): void {
    const { deployment } = this.options;
    const parent = this.head;
    const number = parent.number + 1;
    let contracts = parent.contracts;
    const emitted: Outcome['logs'][number][] = [];
    const take = (outcome: Outcome) => {
      contracts = outcome.contracts;
      emitted.push(...outcome.logs);
    };
    const decrees = this.decrees.splice(0);
    for (const decree of decrees) take(takeDecree(contracts, { decree, timeSec }, deployment));
    const bodies = this.waiting.splice(0).map((body) => ({ ...body, sentAtSec: timeSec }));
    for (const body of bodies) take(takeMessage(contracts, body, deployment));
    const nonces = new Map(parent.nonces);
    const included: Inclusion[] = [];
    for (let next = this.#next(nonces); next && included.length < ROOM; next = this.#next(nonces)) {
      this.mempool.delete(next.hash);
      nonces.set(next.from, next.nonce + 1);
      try {
        take(callContracts(contracts, { ...next, timeSec }, deployment));
        included.push({ transaction: next, revertData: undefined });
      } catch (error) {
        if (!(error instanceof Reverted)) throw error;
        included.push({ transaction: next, revertData: error.data });
      }
    }
    const logs = emitted.map((log, logIndex) => ({ ...log, logIndex, blockNumber: number }));
    const block = { number, timeSec, contracts, logs, included, nonces, bodies, decrees };
    this.blocks.push(this.#seal(block));
    this.#dropPassed();
  }

  /** Replaces the newest blocks, none of them final, by empty ones: what was in them waits again, or is gone. */
  reorganise(depth: number, timeSec: bigint, keep: (transaction: Transaction) => boolean): void {
    const { number } = this.final;
    const kept = Math.max(number, this.head.number - depth);
    const gone = this.blocks.splice(kept + 1);
    this.waiting.unshift(...gone.flatMap(({ bodies }) => bodies));
    for (const { transaction } of gone.flatMap(({ included }) => included)) {
      if (keep(transaction)) this.mempool.set(transaction.hash, transaction);
    }
    const decrees = [...gone.flatMap((block) => block.decrees), ...this.decrees.splice(0)];
    const waiting = this.waiting.splice(0);
    const pool = [...this.mempool];
    this.mempool.clear();
    for (const _ of gone) this.grow(timeSec);
    this.waiting.push(...waiting);
    this.decrees.push(...decrees);
    for (const [hash, transaction] of pool) this.mempool.set(hash, transaction);
  }

  /** What became of a transaction; undefined if no block has it. */
  inclusionOf(hash: Hex): { readonly block: Block; readonly inclusion: Inclusion } | undefined {
    for (const block of this.blocks.toReversed()) {
      const inclusion = block.included.find(({ transaction }) => transaction.hash === hash);
      if (inclusion !== undefined) return { block, inclusion };
    }
    return undefined;
  }

  /** Proof of one word under a block. */
  prove(block: Block, address: Hex, slot: Hex): StateProof {
    const { kind, deployment } = this.options;
    if (kind === 'ethereum') {
      const proof = factsOf(block.contracts, deployment).prove(address, slot);
      return { ...proof, header: headerOf(block, deployment) };
    }
    const trieId = address === deployment.gateway ? GATEWAY_TRIE : ANCHOR_TRIE;
    const nodes = substrateState(block).proveTimed(trieId, [slot]);
    return { kind: 'substrate', blockHash: block.hash, nodes };
  }

  /** State root of a block of a Substrate chain. */
  stateRoot(block: Block): Hex {
    return substrateState(block).stateRoot;
  }

  #next(nonces: ReadonlyMap<Hex, number>): Transaction | undefined {
    return [...this.mempool.values()].find(({ from, nonce }) => nonce === (nonces.get(from) ?? 0));
  }

  #dropPassed(): void {
    for (const { hash, from, nonce } of this.mempool.values()) {
      if (nonce < (this.head.nonces.get(from) ?? 0)) this.mempool.delete(hash);
    }
  }

  #seal(block: Unsealed): Block {
    const { kind, deployment, name } = this.options;
    const parent = this.blocks?.[block.number - 1]?.hash ?? '0x';
    const { sent, stateId, released } = block.contracts;
    const said = [name, parent, block.number, block.timeSec, sent.head, stateId, released.head];
    const own = toHex(keccak256(utf8(said.join(' '))));
    const header = kind === 'ethereum' ? headerOf(block, deployment) : undefined;
    const hash = header === undefined ? own : toHex(keccak256(header));
    const logs = block.logs.map((log) => ({ ...log, blockHash: hash, transactionHash: hash }));
    return { ...block, hash, logs };
  }
}

interface Decreed {
  readonly decree: Decree;
  readonly timeSec: bigint;
}

function takeDecree(contracts: Contracts, { decree, timeSec }: Decreed, at: Deployment): Outcome {
  switch (decree.kind) {
    case 'control':
      return takeControl(contracts, { ...decree.body, sentAtSec: timeSec }, at);
    case 'gateway':
      return { contracts: { ...contracts, ...decree.to }, logs: [] };
    case 'claims':
      return takeClaims(contracts, at);
  }
}

type Unsealed = Omit<Block, 'hash' | 'logs'> & {
  readonly logs: readonly Omit<ContractLog, 'blockHash' | 'transactionHash'>[];
};

const facts = new WeakMap<Contracts, EthereumFacts>();

function factsOf(contracts: Contracts, { gateway }: Deployment): EthereumFacts {
  const known = facts.get(contracts);
  if (known !== undefined) return known;
  const made = ethereumState(new Map([[gateway, wordsOf(contracts).gateway]]));
  facts.set(contracts, made);
  return made;
}

function headerOf(block: Pick<Block, 'number' | 'timeSec' | 'contracts'>, at: Deployment) {
  const { stateRoot } = factsOf(block.contracts, at);
  return ethereumHeader(fromHex(stateRoot), BigInt(block.number), block.timeSec);
}

type SubstrateState = ReturnType<typeof contractState>;

const substrateStates = new WeakMap<Block, SubstrateState>();

function substrateState(block: Block): SubstrateState {
  const known = substrateStates.get(block);
  if (known !== undefined) return known;
  const { gateway, anchor } = wordsOf(block.contracts);
  const bytes = (words: ReadonlyMap<Hex, Hex>) =>
    new Map(
      [...words]
        .filter(([, word]) => BigInt(word) !== 0n)
        .map(([at, word]) => [at, fromHex(word)] as const),
    );
  const tries = new Map([
    [GATEWAY_TRIE, bytes(gateway)],
    [ANCHOR_TRIE, bytes(anchor)],
  ]);
  const made = contractState(tries, timestampNow(block.timeSec * 1000n));
  substrateStates.set(block, made);
  return made;
}
