// What an enclave takes at most, and whoever asks it must therefore keep to. Both sides import them from here.

/** Messages in one transition: with four payouts each its batches still fit one answer of `reveal`. */
export const MAX_TRANSITION_MESSAGES = 10_000;

/** Transitions proposed on top of the ledger: how far an enclave can catch up between two confirmations. */
export const MAX_PROPOSALS = 1024;
