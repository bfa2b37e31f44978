import type { AssetId } from '../../src/protocol/asset.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import type { PoolRules } from './market.ts';

/** How somebody uses the bridge. */
export type Mode = 'transparent' | 'direct' | 'pooled' | 'account';
/** How often which way is chosen. */
export type ModeShares = readonly (readonly [Mode, number])[];

/** To how many fresh addresses somebody has pooled legs paid; or all of them to one, as `--same-address` does. */
export type Addresses = number | 'same';
/** How often which is chosen. */
export type AddressShares = readonly (readonly [Addresses, number])[];

/** A deposit as the public sees it. */
export interface DepositSeen {
  /** Place in the list of all deposits. */
  readonly id: number;
  readonly chainId: bigint;
  readonly index: bigint;
  readonly sec: number;
  /** The round that consumes it. */
  readonly round: number;
  readonly sender: Hex;
  readonly asset: AssetId;
  /** Fee included. */
  readonly amount: number;
  readonly isSealed: boolean;
  /** Less the fee, and less what an account costs and keeps: which, follows from the sender's deposits before. */
  readonly wanted: number;
}

/** A payout as the public sees it. */
export interface PayoutSeen {
  /** Place in the list of all payouts. */
  readonly id: number;
  readonly chainId: bigint;
  readonly round: number;
  readonly asset: AssetId;
  readonly recipient: Hex;
  /** What is paid, the rate taken off. */
  readonly amount: number;
  readonly tag: Hex;
}

/** A post as the adversary sees it. */
export interface PostSeen {
  readonly sec: number;
  readonly round: number;
  /** Whose it is, if it came through the adversary's relayer from where it has seen a depositor: an address. */
  readonly from: Hex | undefined;
}

/** All that an adversary has, beside the laws. */
export interface PublicView {
  readonly pools: PoolRules;
  /** Of all deposits. */
  readonly modeShares: ModeShares;
  /** Of pooled deposits. */
  readonly addressShares: AddressShares;
  readonly rounds: number;
  readonly deposits: readonly DepositSeen[];
  readonly payouts: readonly PayoutSeen[];
  readonly posts: readonly PostSeen[];
  /** Who has paid for the gas of an address, where the public can see it. */
  readonly gasPayers: ReadonlyMap<Hex, Hex>;
}

/** What gives somebody away, whatever the bridge does. */
export interface Habits {
  /** Is paid at the address that pays in. */
  readonly reusesAddress: boolean;
  /** Has the gas of the recipient paid by the address that pays in. */
  readonly sharesGasPayer: boolean;
  /** Sends what came back to where it came from. */
  readonly makesRoundTrips: boolean;
  /** Is known to the adversary's relayer by where its traffic comes from. */
  readonly isKnownToRelayer: boolean;
}

/** A leg of somebody's order and what became of it: the truth. */
export interface LegTruth {
  /** A withdrawal, also of what stayed of a pooled deposit, is `account`. */
  readonly mode: Mode;
  readonly isAttacker: boolean;
  /** Of pooled deposits, and of what stayed of them. */
  readonly addresses: Addresses;
  /** Withdrawn of what stayed of a pooled deposit. */
  readonly isRest: boolean;
  /** Who paid in. */
  readonly sender: Hex;
  readonly habits: Habits;
  /** Paid at an address that was paid before. */
  readonly isRecipientUsed: boolean;
  readonly asset: AssetId;
  readonly chainId: bigint;
  /** Rate included. */
  readonly amount: number;
  /** Legs of its order. */
  readonly siblings: number;
  readonly root: Hex;
  /** When it was asked for. */
  readonly sentSec: number;
  readonly enterRound: number;
  readonly notBefore: number;
  readonly patience: number;
  /** The round that released it; undefined if none has. */
  exitRound: number | undefined;
}

/** What happened, with the truth beside it. */
export interface History extends PublicView {
  readonly legs: readonly LegTruth[];
  /** The truth of every payout; undefined of what only fills gateways, and of refunds. */
  readonly truths: readonly (LegTruth | undefined)[];
  /** Orders that asked for more than there was. */
  readonly refusals: number;
}
