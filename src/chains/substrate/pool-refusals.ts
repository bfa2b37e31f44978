import type { RefusalRow } from '../shared/transaction-refusal.ts';

/**
 * How Substrate nodes refuse an extrinsic: `code: message: data`. The code says what of the pool, of 1010 and 1011 the data
 * says what of the runtime.
 *
 * SOURCES: polkadot-sdk substrate/client/rpc-api/src/author/error.rs, substrate/primitives/runtime/src/transaction_validity.rs.
 */
export const SUBSTRATE_REFUSALS: readonly RefusalRow[] = [
  [/^1013\b/, 'known'],
  [/^1014\b/, 'outbid'],
  [/^1012\b/, 'banned'],
  [/^1016\b/, 'pool-full'],
  [/^1021\b/, 'nonce-ahead'],
  // InvalidTransaction::Stale, Future, Payment; AncientBirthBlock; BadProof, which a new runtime makes of an old signature
  [/^1010\b.*(?:outdated|stale)/i, 'nonce-used'],
  [/^1010\b.*valid in the future/i, 'nonce-ahead'],
  [/^1010\b.*pay some fees/i, 'unfunded'],
  [/^1010\b.*(?:ancient birth block|bad signature)/i, 'expired'],
  [/^1010\b.*exhaust the block limits/i, 'impossible'],
  [
    /^1010\b.*(?:call is not expected|dispatch is mandatory|labelled as mandatory|signing address|authorize any origin)/i,
    'impossible',
  ],
  // UnknownTransaction::CannotLookup: the block that the era begins with is not the node's.
  [/^1011\b/, 'expired'],
  [/^1018\b|^1020\b/, 'not-ready'],
  // An extrinsic that this runtime cannot read was made for another one.
  [/^1001\b|^1002\b|^1040\b/, 'expired'],
  [/^1015\b|^1019\b/, 'impossible'],
];
