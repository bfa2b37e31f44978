/** Bytes of a sealed question at most. */
export const MAX_QUERY_BYTES = 1024;
/** Bytes of a sealed answer at most. */
export const MAX_ANSWER_BYTES = 64 * 1024;
