// The most that any decoder of this folder takes, checked before work is done. Each stands well above what the real
// networks produce (600 authorities, headers of 24 KB at a set change) and well below what would burden an enclave.

/** Authorities in one set, and precommits in one justification. */
export const MAX_AUTHORITIES = 2048;

/** Headers in a justification's `votes_ancestries`. */
export const MAX_VOTE_ANCESTRIES = 1024;

/** Items in a header's digest. */
export const MAX_DIGEST_ITEMS = 1024;

/** Bytes of one SCALE header: a set change of `MAX_AUTHORITIES` needs 40 bytes each. */
export const MAX_HEADER_BYTES = 256 * 1024;

/** Bytes of one justification. */
export const MAX_JUSTIFICATION_BYTES = 2 * 1024 * 1024;

/** Nodes and hashed values in one read proof. */
export const MAX_PROOF_NODES = 4096;

/** Bytes of one read proof, all nodes together. */
export const MAX_PROOF_BYTES = 4 * 1024 * 1024;

/** Fragments in one warp-sync proof, one per set change. */
export const MAX_WARP_SYNC_FRAGMENTS = 4096;

/** Bytes of one warp-sync proof or finality proof: what the network's nodes allow. */
export const MAX_FINALITY_PROOF_BYTES = 8 * 1024 * 1024;

/** Headers from a parachain's head down to an older block. */
export const MAX_PARENT_HEADERS = 1024;
