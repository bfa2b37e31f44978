/** Where a message or a release is. SPEC: DESIGN §4.6. */
export type TransferState =
  | 'observed'
  | 'finalised'
  | 'verified'
  | 'committed'
  | 'anchored'
  | 'released'
  | 'confirmed'
  | 'held'
  | 'quarantined'
  | 'claimable'
  | 'claimed';

/** Why a state was entered. */
export type StateReason =
  | 'deposit-included'
  | 'deposit-final'
  | 'replayed-to-proven-head'
  | 'commit-included'
  | 'commit-final'
  | 'payout-included'
  | 'payout-final'
  | 'claim-included'
  | 'gateway-paused'
  | 'gateway-refused'
  | DeferReason;

/** Why a gateway put a release aside. KEEP IN SYNC: IGateway.DeferReason */
export const DEFER_REASONS = [
  'none',
  'unknown-asset',
  'asset-paused',
  'supply-exceeded',
  'cap-exceeded',
  'window-exceeded',
  'payout-failed',
] as const;
export type DeferReason = (typeof DEFER_REASONS)[number];

/** What a state change is about: `message 31337/0`, `release 420420499/7`, `commit 3`. */
export type Subject =
  | `message ${bigint}/${bigint}`
  | `release ${bigint}/${bigint}`
  | `batch ${bigint}/${bigint}`
  | `commit ${bigint}`;

/** Names a gateway's message. */
export function messageSubject(chainId: bigint, index: bigint): Subject {
  return `message ${chainId}/${index}`;
}

/** Names a gateway's release. */
export function releaseSubject(chainId: bigint, index: bigint): Subject {
  return `release ${chainId}/${index}`;
}
