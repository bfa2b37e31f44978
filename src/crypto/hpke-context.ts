/** Bytes of a public key, and of the encapsulated key in front of a ciphertext. */
export const HPKE_KEY_BYTES = 32;
/** Bytes that a ciphertext is longer than its plaintext. */
export const HPKE_TAG_BYTES = 16;

/** What a ciphertext is bound to besides its key. */
export interface HpkeContext {
  /** Enters the key schedule; not changed afterwards, and best the same array each time: what follows from it is kept by it. */
  readonly info: Uint8Array;
  /** Authenticated, not part of the ciphertext. */
  readonly aad: Uint8Array;
}

/** Whom a ciphertext is for, and what the ephemeral pair is derived from. */
export interface HpkeSealingKeys {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 32 unpredictable bytes, used once. */
  readonly ephemeralIkm: Uint8Array;
}
