import type { AssetId } from '../protocol/asset.ts';
import type { ControlContent } from '../protocol/control.ts';
import type { ChainPosition } from '../protocol/message.ts';
import type { CrowdFactor } from '../protocol/order.ts';
import type { ReleaseBatch } from '../protocol/release.ts';
import type { Hex } from '../shared/bytes.ts';
import type { AuthMap } from './auth-map.ts';

/** How far the ledger has come with a chain. */
export interface LedgerChain {
  readonly chainId: bigint;
  /** 20 bytes. */
  readonly gateway: Hex;
  /** Messages consumed from the gateway's outbox. */
  readonly inbox: ChainPosition;
  /** Releases produced for the gateway. */
  readonly released: ChainPosition;
  /** Releases that the gateway is known to have paid: batches before it are no longer kept. A batch's edge. */
  readonly paid: bigint;
  readonly isSuspended: boolean;
}

/** An amount of an asset on one chain. */
export interface ChainAmount {
  readonly chainId: bigint;
  readonly amount: bigint;
}

/** An amount of an asset in an account. */
export interface AssetAmount {
  readonly asset: AssetId;
  readonly amount: bigint;
}

/** An asset: what governance has set, and where it is. `locked` = all of `minted` + all that accounts and legs hold. */
export interface LedgerAsset {
  readonly asset: AssetId;
  /** Undefined until a `registerAsset` holds: deposits of it are refunded. */
  readonly terms: AssetTerms | undefined;
  /** What a release costs, by ascending chain id of the chain that pays it. */
  readonly rates: readonly ChainAmount[];
  readonly reward: bigint;
  /** Held by the gateway of the asset's origin chain. */
  readonly locked: bigint;
  /** Minted on every other chain, by ascending chain id; none of them zero. */
  readonly minted: readonly ChainAmount[];
}

/** See `registerAsset` in src/protocol/control.ts. */
export interface AssetTerms {
  readonly poolUnit: bigint;
  readonly rungs: readonly number[];
  readonly entryFee: bigint;
  readonly leastBalance: bigint;
}

/** A key epoch whose secrets may still be needed. */
export interface KeyEpoch {
  readonly epoch: bigint;
  /** The first round that it keys. */
  readonly firstRound: bigint;
  /** The `enc`s that have opened in it, by their SHA-256. */
  readonly opened: AuthMap<OpenedEntry>;
}

/** That an envelope has opened; the round that it did in. */
export interface OpenedEntry {
  readonly round: bigint;
}

/** A control message that does not hold yet. */
export interface PendingControl {
  /** The round from which on it holds. */
  readonly holdsFrom: bigint;
  readonly content: ControlContent;
}

/** A shielded balance. */
export interface Account {
  /** What opened it: a depositor's root, or that of the account that did, 32 bytes. */
  readonly root: Hex;
  /** The lowest nonce of the 64-wide window. */
  readonly nonceBase: bigint;
  /** Bit i: whether nonce `nonceBase + i` is used. */
  readonly nonceBits: bigint;
  /** By ascending asset id. */
  readonly balances: readonly AssetAmount[];
}

/** What waits to leave: a leg, or a dummy in the place of one. */
export interface LegEntry {
  /** Undefined for a dummy: it lives and leaves by the same law and does nothing. */
  readonly payment: LegPayment | undefined;
  readonly notBefore: bigint;
  readonly patience: bigint;
  readonly afterPatience: 'return' | 'wait';
  /** The next round in which its PRF falls below p. */
  readonly exitRound: bigint;
}

/** What a pooled leg pays, and who it leaves among. */
export interface LegPayment {
  readonly asset: AssetId;
  readonly chainId: bigint;
  /** Canonical; less the rate when it leaves. */
  readonly amount: bigint;
  /** 20 bytes. */
  readonly recipient: Hex;
  /** 32 bytes. */
  readonly tag: Hex;
  /** The account it came from, 32 bytes. */
  readonly account: Hex;
  /** Whose money it is, 32 bytes: the depositor's root if a deposit brought the order, else the account's. */
  readonly root: Hex;
  readonly crowd: CrowdFactor;
}

/** Everything the ledger remembers. Small parts are lists, what grows with its users are maps with authenticated roots. */
export interface LedgerState {
  /** Transitions made; the genesis state has number 0. */
  readonly number: bigint;
  /** The last round consumed; the genesis state has round 0. */
  readonly round: bigint;
  /** Of the last commit, seconds of Unix time; 0 at genesis. */
  readonly asOf: bigint;
  /** By ascending chain id. */
  readonly chains: readonly LedgerChain[];
  /** How far the anchor's own outbox is consumed. */
  readonly control: ChainPosition;
  /** By ascending `holdsFrom`, then in the order they were sent. */
  readonly pending: readonly PendingControl[];
  /** By ascending asset id. */
  readonly assets: readonly LedgerAsset[];
  /** By ascending epoch, never empty; the last whose `firstRound` is reached keys the round. */
  readonly epochs: readonly KeyEpoch[];
  /** What governance has named last; zero if nothing. 32 bytes. */
  readonly successor: Hex;
  /**
   * The account that the last commit names; zero at genesis. 32 bytes.
   *
   * SECURITY: nothing reads it, but the id covers it. Else commits that name accounts which are not open would end in one id, all of
   * them in that of the house account: whoever asks for several would learn who has an account.
   */
  readonly beneficiary: Hex;
  /** By account id. */
  readonly accounts: AuthMap<Account>;
  /** By leg id: see `legId`. */
  readonly legs: AuthMap<LegEntry>;
  /** Batches not known to be paid, by `batchKey(chainId, firstIndex)`. */
  readonly batches: AuthMap<ReleaseBatch>;
}
