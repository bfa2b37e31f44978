import type { Hex } from '../shared/bytes.ts';
import type { AccountOwner } from './account.ts';
import type { AssetId } from './asset.ts';

// What users ask for. Encodings: deposit-order.ts, posted-order.ts; what becomes of an order: docs/protocol.md.

/** Legs of one order at most; a sealed order always has this many entries, the rest dummies. */
export const MAX_LEGS = 6;
/** Bytes of a memo at most. */
export const MAX_MEMO_BYTES = 128;
/** How far ahead `notBefore` may be at most, in seconds: what waits, dummies too, takes room for as long. */
export const MAX_PARKING_SEC = 30n * 86_400n;
/** Bytes of a tag secret. */
export const TAG_SECRET_BYTES = 32;

/** `transfer` pays an account inside the ledger, in the round that consumes the order. */
export const LEG_MODES = { direct: 1, pooled: 2, transfer: 3 } as const;
export type LegMode = keyof typeof LEG_MODES;

/** How many different roots a pooled leg wants to leave among: this many times the measured floor. */
export const CROWD_FACTORS = [1, 2, 4] as const;
export type CrowdFactor = (typeof CROWD_FACTORS)[number];

/** One payment of an order. */
export interface Leg {
  readonly mode: LegMode;
  /** Chain that pays; 0 for a transfer. */
  readonly chainId: bigint;
  /** 32 bytes: an address padded on the left, or the account that a transfer credits. */
  readonly recipient: Hex;
  /** In the asset's smallest unit, below 2^128; canonical if pooled. The rate is deducted when it leaves. */
  readonly amount: bigint;
  /** Of pooled legs; 1 for others. */
  readonly crowd: CrowdFactor;
}

/** What both kinds of sealed orders say. */
export interface OrderTerms {
  /** 0 … 6. None: all stays in the account. */
  readonly legs: readonly Leg[];
  /** The first round in which pooled legs may leave; 0 for at once. */
  readonly notBefore: bigint;
  /** The last round in which pooled legs may leave. */
  readonly patience: bigint;
  /** What becomes of a pooled leg after `patience`: back into the account, or it waits on as if it had no end. */
  readonly afterPatience: 'return' | 'wait';
  /** 32 unpredictable bytes that no other order has: the legs' tags come from it. */
  readonly tagSecret: Uint8Array;
  /** At most 128 bytes for the account's own use; never shown on a chain. */
  readonly memo: Uint8Array;
}

/** The sealed order of a deposit: it spends what the deposit brings, and nothing else. */
export interface DepositOrder extends OrderTerms {
  /** Credited with what the legs leave, 32 bytes. */
  readonly account: Hex;
}

/** An order without a deposit: it spends what the account has. All or nothing. */
export interface PostedOrder extends OrderTerms {
  readonly owner: AccountOwner;
  /** One executes once; a 64-wide window. */
  readonly nonce: bigint;
  readonly asset: AssetId;
  /** The last round that may consume it; at most 24 hours of rounds after that round. */
  readonly expiry: bigint;
  /** The most that posting may cost, in the asset's smallest unit. */
  readonly maxFee: bigint;
  /** Who is paid for posting, 32 bytes. */
  readonly posterAccount: Hex;
}
