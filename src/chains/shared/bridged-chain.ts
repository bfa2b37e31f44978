import type { StateProof } from '../../protocol/state-proof.ts';
import type { Hex } from '../../shared/bytes.ts';
import { BridgeError, type Disposition } from '../../shared/errors.ts';
import type { CallBudget } from './call-budget.ts';
import type { EndpointHealth } from './endpoints.ts';
import type { FeeCeilings } from './fee-ceilings.ts';
import type { TransactionRefusal } from './transaction-refusal.ts';

/** A block by number and hash; the hash decides. */
export interface BlockRef {
  readonly number: number;
  /** 32 bytes. */
  readonly hash: Hex;
}

/** What a contract logged. A hint: only a storage proof shows that it is true. */
export interface ContractLog {
  /** 20 bytes. */
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly blockNumber: number;
  readonly blockHash: Hex;
  /** Position among everything that the block logged. */
  readonly logIndex: number;
  readonly transactionHash: Hex;
}

/** Logs of some contracts in a closed range of blocks. */
export interface LogFilter {
  readonly addresses: readonly Hex[];
  readonly fromBlock: number;
  readonly toBlock: number;
}

/** An account that can sign on one chain. Its secret is not in it. */
export interface ChainSigner {
  /** 20 bytes. */
  readonly address: Hex;
  /** Where coins for it are sent to, as the chain's wallets write it; left out, to its address. */
  readonly payTo?: string;
}

/** A call of a contract, or with `to` null the creation of one. */
export interface ChainCall {
  readonly to: Hex | null;
  readonly data: Hex;
  /** In 18 decimals on every chain. */
  readonly valueWei: bigint;
}

/** A call with what it may use. */
export interface BudgetedCall extends ChainCall {
  readonly budget: CallBudget;
}

/** What whoever keeps the account's books decides of a transaction; what is left out the chain decides. */
export interface SigningTerms {
  /** Its nonce. Left out, the account's next. */
  readonly nonce?: number;
  /** A raw transaction of the same account and nonce that no block takes: the new one offers enough to stand in its place. */
  readonly outbids?: Hex;
  /** What the call may use. Left out, it is tried on the newest state. */
  readonly budget?: CallBudget;
  /** Left out, {@link DEFAULT_CEILINGS}. */
  readonly ceilings?: FeeCeilings;
}

/** A transaction that may be broadcast any number of times; the chain takes it once. */
export interface SentCall {
  /** 32 bytes, known before the broadcast. */
  readonly hash: Hex;
  readonly nonce: number;
  readonly raw: Hex;
  /** Head when it was signed: it cannot be in this block or before it. */
  readonly signedAt: number;
}

/** What a transaction is found by. */
export type SentPlace = Pick<SentCall, 'hash' | 'signedAt'>;

/** A transaction that has just been signed. */
export interface SignedCall extends SentCall {
  /** The most that it can cost the account beside what the call sends and what the chain gives back, 18 decimals. */
  readonly costWei: bigint;
  /** What it does, where the runtime of another day may not be able to read that out of what was signed. */
  readonly call?: BudgetedCall | undefined;
}

/** A signed transaction, as far as it can be signed anew from it. */
export type Renewable = Pick<SignedCall, 'nonce' | 'raw' | 'call'>;

/** Whom a transaction is handed to: the node that does best, and the next if it does not take it, or all there are. */
export type Reach = 'one node' | 'every node';

/** Why a transaction is signed anew: a node's words, or `late`, that blocks go by without it. */
export type RenewalReason = TransactionRefusal | 'late';

/** A transaction that a block includes and that succeeded. */
export interface Receipt {
  readonly transactionHash: Hex;
  readonly blockNumber: number;
  readonly blockHash: Hex;
  /** The contract that was created. */
  readonly contractAddress?: Hex;
  /** What the signer paid for gas, where the chain's receipts say it. */
  readonly gasFeeWei?: bigint;
  readonly logs: readonly ContractLog[];
}

/** A contract, with the id of its child trie where contracts have one and it is known. */
export interface ProvenContract {
  readonly address: Hex;
  readonly trieId?: Hex;
}

/** What the bridge needs of a chain. Everything in it may be a lie of the node's until it is proven. */
export interface BridgedChain {
  /** What the configuration calls it. */
  readonly name: string;
  readonly chainId: bigint;
  head(): Promise<BlockRef>;
  /**
   * Has `tell` hear whenever a node says of its own accord that there is a new block, or one that is final now. A hint: a node may lie, or
   * say nothing, and of which blocks there are it is asked.
   */
  onHead(tell: () => void): void;
  /** The newest block whose finality can be proven; the genesis block before any. */
  finalizedHead(): Promise<BlockRef>;
  /** Hash of the block that the node has at this height now, 32 bytes; undefined if it has none. Until it is final another may replace it. */
  hashAt(blockNumber: number): Promise<Hex | undefined>;
  /** Runs a call without a transaction. @throws {ChainCallReverted} */
  call(to: Hex, data: Hex, at?: Hex): Promise<Hex>;
  /** One storage word of a contract: 32 bytes, zero if nothing is there. The newest block's unless `at` is given. */
  word(contract: Hex, slot: Hex, at?: Hex): Promise<Hex>;
  /**
   * Each log once, in the chain's order, and none but those that were asked for; there may be more. Of contracts that keep count in
   * their storage of what they log, as the bridge's do: others may have logs that are not found.
   */
  logs(filter: LogFilter): Promise<ContractLog[]>;
  /**
   * Says that what a node told of logs was not true: others are asked before it from now on, for a while.
   *
   * @returns host of the node, if there is one to blame
   */
  distrust(why: string): string | undefined;
  /** As {@link distrust}, of the node that has given a proof by `stateProof` which does not prove what it must. */
  distrustProof(proof: StateProof, why: string): string | undefined;
  /** The chain's nodes, in the order of the configuration. */
  endpoints(): readonly EndpointHealth[];
  /** JSON-RPC calls that were made so far, by method. */
  calls(): ReadonlyMap<string, number>;
  balanceWei(address: Hex): Promise<bigint>;
  /** The account of `secret`; nothing is asked and nothing sent for that. @throws {ChainError} CHAIN_SIGNER_INVALID */
  signer(secret: string): Promise<ChainSigner>;
  /**
   * What an account has to have in a block before it can call a contract, once in its life; undefined if there is nothing. It is no call of
   * a contract: the chain takes a call with the same `to` and `data`, wherever it comes from, for the setup.
   */
  setupOf(signer: ChainSigner): Promise<ChainCall | undefined>;
  /** Transactions of the account that blocks include. */
  nonceOf(signer: ChainSigner): Promise<number>;
  /** Tries a call of the account on the newest state. @returns what it needs, with a margin @throws {ChainCallReverted} */
  budget(signer: ChainSigner, call: ChainCall): Promise<CallBudget>;
  /**
   * Prices and signs a call.
   *
   * @throws {ChainCallReverted} it has no budget yet and is refused when tried
   * @throws {ChainError} CHAIN_FEE_ABOVE_CEILING, CHAIN_CALL_UNBUILDABLE
   */
  sign(signer: ChainSigner, call: ChainCall, terms?: SigningTerms): Promise<SignedCall>;
  /**
   * Signs what a transaction does anew, at its nonce, with the fees and the runtime of now. More than before is offered only where
   * the market asks for it, or the node.
   *
   * @returns undefined if it is `late` and nothing that could be offered for it is better
   * @throws {ChainError} CHAIN_FEE_ABOVE_CEILING, CHAIN_TRANSACTION_UNREADABLE, CHAIN_CALL_UNBUILDABLE
   */
  renew(
    signer: ChainSigner,
    signed: Renewable,
    terms: { readonly why: RenewalReason; readonly ceilings?: FeeCeilings },
  ): Promise<SignedCall | undefined>;
  /**
   * Hands a transaction to the node; one that the chain knows already is no error.
   *
   * @throws {ChainError} CHAIN_TRANSACTION_REFUSED the node says no, and `meta.refusal` what that means @throws {ChainError}
   *   CHAIN_TIMEOUT, CHAIN_UNAVAILABLE: it may have been taken or not
   * @param reach `one node` unless given; a node that has taken it may have nobody to pass it on to
   */
  broadcast(signed: SentCall, reach?: Reach): Promise<void>;
  /** The receipt once a block includes the transaction. @throws {ChainCallReverted} it failed there */
  receiptOf(sent: SentPlace): Promise<Receipt | undefined>;
  /**
   * Signs, broadcasts and waits until a block includes it; before it what the account is set up with, if it is not.
   *
   * @throws {ChainCallReverted} @throws {ChainError} CHAIN_TRANSACTION_LOST, CHAIN_STALLED
   */
  submit(signer: ChainSigner, call: ChainCall): Promise<Receipt>;
  /**
   * The block of this chain that a light client shows to be final which holds block `held`, by hash: that block itself
   * or, on a parachain, the head that it makes final. Its number comes from a header that hashes to what is final.
   */
  blockShownBy(held: Hex): Promise<BlockRef>;
  /** When the block with this hash was made, in whole seconds of Unix time; 0 of a genesis block that does not say. */
  blockTimeSec(block: Hex): Promise<bigint>;
  /** Proof of one storage word of a contract, and of the time, at the block that `held` shows. */
  stateProof(contract: ProvenContract, slot: Hex, held: Hex): Promise<StateProof>;
  /** Id of a contract's child trie, 32 bytes; undefined on kinds of chains that have none. */
  contractTrieId(address: Hex): Promise<Hex | undefined>;
  close(): Promise<void>;
}

/** The contract refused the call; the revert data says why. */
export class ChainCallReverted extends BridgeError<{
  chain: string;
  data: Hex;
  reason: string;
}> {
  readonly code = 'CHAIN_CALL_REVERTED';
  readonly disposition = 'reject';
  constructor(meta: { chain: string; data: Hex; reason: string }) {
    super(`A contract on ${meta.chain} refused the call: ${meta.reason}.`, meta);
  }
}

export type ChainErrorCode =
  /** No answer, or an answer in the way of one: another attempt may get it. */
  | 'CHAIN_UNAVAILABLE'
  /** The answer did not come in time: what was asked may have been done all the same. */
  | 'CHAIN_TIMEOUT'
  /** The node answered something that no honest node does. */
  | 'CHAIN_ANSWER_MALFORMED'
  /** What the node left out, or has not got yet, shows elsewhere. */
  | 'CHAIN_ANSWER_INCOMPLETE'
  /** The node does not have what proves a sync committee that a light client needs. */
  | 'CHAIN_PERIOD_MISSING'
  /** The chain is another than the configured one. */
  | 'CHAIN_MISMATCH'
  /** An enclave's light client is of another kind than the configured one. */
  | 'CHAIN_CLIENT_MISMATCH'
  /** The node refused the transaction. */
  | 'CHAIN_TRANSACTION_REFUSED'
  /** A block, or a node, takes it only for more than is to be offered. */
  | 'CHAIN_FEE_ABOVE_CEILING'
  /** The chain has gone on without it for as many blocks as a transaction may take. */
  | 'CHAIN_TRANSACTION_LOST'
  /** Nobody can say any more what it does: the runtime that it was signed for is gone. */
  | 'CHAIN_TRANSACTION_UNREADABLE'
  /** The runtime of now takes other arguments for the call. */
  | 'CHAIN_CALL_UNBUILDABLE'
  /** No new block for so long that waiting for one says nothing any more. */
  | 'CHAIN_STALLED'
  /** There is no such kind of chain. */
  | 'CHAIN_KIND_UNKNOWN'
  /** The amount has more decimals than the chain keeps. */
  | 'CHAIN_VALUE_HAS_DUST'
  /** The signer was made by another chain, or its secret cannot be read. */
  | 'CHAIN_SIGNER_INVALID';

const DISPOSITIONS: Record<ChainErrorCode, Disposition> = {
  CHAIN_UNAVAILABLE: 'retry',
  CHAIN_TIMEOUT: 'retry',
  CHAIN_ANSWER_MALFORMED: 'retry',
  CHAIN_ANSWER_INCOMPLETE: 'retry',
  CHAIN_PERIOD_MISSING: 'retry',
  CHAIN_MISMATCH: 'halt',
  CHAIN_CLIENT_MISMATCH: 'halt',
  CHAIN_TRANSACTION_REFUSED: 'retry',
  CHAIN_FEE_ABOVE_CEILING: 'retry',
  CHAIN_TRANSACTION_LOST: 'retry',
  CHAIN_TRANSACTION_UNREADABLE: 'retry',
  CHAIN_CALL_UNBUILDABLE: 'retry',
  CHAIN_STALLED: 'retry',
  CHAIN_KIND_UNKNOWN: 'reject',
  CHAIN_VALUE_HAS_DUST: 'reject',
  CHAIN_SIGNER_INVALID: 'reject',
};

interface ChainErrorMeta {
  chain: string;
  what: string;
  /** Of CHAIN_TRANSACTION_REFUSED. */
  refusal?: TransactionRefusal;
}

/** A chain that cannot be reached, cannot be believed or does not take what is given to it. */
export class ChainError extends BridgeError<ChainErrorMeta> {
  readonly code: ChainErrorCode;
  readonly disposition: Disposition;
  constructor(code: ChainErrorCode, meta: ChainErrorMeta, options?: { cause?: unknown }) {
    super(`${meta.chain}: ${meta.what}${meta.what.endsWith('?') ? '' : '.'}`, meta, options);
    this.code = code;
    this.disposition = DISPOSITIONS[code];
  }
}

/** What a node means that has refused a transaction; undefined if that is not what `error` says. */
export function refusalIn(error: unknown): TransactionRefusal | undefined {
  const isRefusal = error instanceof ChainError && error.code === 'CHAIN_TRANSACTION_REFUSED';
  return isRefusal ? (error.meta.refusal ?? 'unknown') : undefined;
}
