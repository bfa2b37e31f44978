// What an enclave takes at most, and whoever asks it must therefore keep to. Both sides import them from here.

/** Chains that a bridge joins, and light clients that follow them. */
export const MAX_CHAINS = 16;

/** Transitions that an enclave keeps proposed on its ledger, of which the anchor takes one: several relayers may ask at once. */
export const MAX_PROPOSALS = 16;

/** Chunks of one snapshot: two GiB. */
export const MAX_SNAPSHOT_CHUNKS = 256;

/**
 * Bytes of messages that an enclave holds per chain, each counted by `messageBytes`: 120,000 of the longest. Every chain has this room
 * to itself, so that none can take another's. What does not fit comes as commits make room: a round needs all its messages of a chain
 * at once, so this is what a chain may send within one round.
 * A post has the full length, which is what makes so many dearer than blocks of 60 million gas have room for.
 */
export const MAX_INBOX_BYTES = 512 * 1024 * 1024;

/**
 * What a message takes beside its envelope, as objects: numbers, addresses and hashes, measured 930 bytes, and once its round is
 * computed what the envelope says, measured 2,510 bytes for six legs and the longest memo.
 */
const MESSAGE_OVERHEAD_BYTES = 3584;

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
