// What an enclave takes at most, and whoever asks it must therefore keep to. Both sides import them from here.

/** Chains that a bridge joins, and light clients that follow them. */
export const MAX_CHAINS = 16;

/** Transitions that an enclave keeps proposed on its ledger, of which the anchor takes one: several relayers may ask at once. */
export const MAX_PROPOSALS = 16;

/** Chunks of one snapshot: two GiB. */
export const MAX_SNAPSHOT_CHUNKS = 256;

/**
 * Bytes of messages that an enclave holds per chain, each counted by `messageBytes`. Every chain has this room to itself, so that none
 * can take another's: {@link MAX_CHAINS} come to half a GiB, which is below any heap that node gives itself. All that one
 * transition may consume fits and a portion behind it, all of the longest messages (33 MB): wherever portions begin and end, an
 * enclave can take what the next transition consumes.
 */
export const MAX_INBOX_BYTES = 32 * 1024 * 1024;

/**
 * What a message takes beside its envelope: numbers, addresses, hashes and what the opened envelope says, as objects. Measured
 * for an order of four payouts with the longest memo: 2,450 bytes.
 */
const MESSAGE_OVERHEAD_BYTES = 2560;

/** What a message counts for in {@link MAX_INBOX_BYTES}. */
export function messageBytes({ envelope }: { readonly envelope: Uint8Array }): number {
  return MESSAGE_OVERHEAD_BYTES + envelope.length;
}

/**
 * Portions of one run that an enclave remembers the ends of. A longer run counts too: what lies behind the last of them
 * is only to be proven once more.
 */
export const MAX_RUN_PORTIONS = 1024;

/** Bytes of a sealed question at most. */
export const MAX_QUERY_BYTES = 1024;

/** Bytes of a sealed answer at most. */
export const MAX_ANSWER_BYTES = 64 * 1024;
