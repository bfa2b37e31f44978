import { addressWord, uintWord } from '../codec/abi.ts';
import { keccak256 } from '../crypto/hashes.ts';
import { concatBytes, fromHex, type Hex, toBigEndian, toHex, utf8 } from '../shared/bytes.ts';

// SPEC: docs/protocol.md §11. A shielded balance of a wallet's own key; it exists in the ledger only.

/**
 * How an account's orders are signed, by the byte that names it: EIP-712 for secp256k1 (the "public key" is the address, which is
 * what a wallet shows, padded on the left), raw ed25519, sr25519 over `<Bytes>…</Bytes>` as Polkadot wallets sign it.
 */
export const SIGNATURE_SCHEMES = { secp256k1: 1, ed25519: 2, sr25519: 3 } as const;
/** The name of a scheme. */
export type SignatureScheme = keyof typeof SIGNATURE_SCHEMES;

const SCHEME_NAMES: readonly (SignatureScheme | undefined)[] = [
  undefined,
  'secp256k1',
  'ed25519',
  'sr25519',
];

/** The scheme that a byte names; undefined for one that names none. */
export function schemeOf(byte = 0): SignatureScheme | undefined {
  return SCHEME_NAMES[byte];
}

/** Who owns an account. */
export interface AccountOwner {
  readonly scheme: SignatureScheme;
  /** 32 bytes: an ed25519 or sr25519 public key, or an Ethereum address padded on the left. */
  readonly publicKey: Hex;
  /** One key may have many accounts, 32 bits. */
  readonly index: number;
}

const ACCOUNT_LABEL = utf8('veilspan/account/v1');
const ROOT_LABEL = utf8('veilspan/root/v1');

/** The account of an owner, 32 bytes: keccak256(label ‖ scheme u8 ‖ public key 32 ‖ index u32). */
export function accountId({ scheme, publicKey, index }: AccountOwner): Hex {
  const schemeByte = Uint8Array.of(SIGNATURE_SCHEMES[scheme]);
  const key = fromHex(publicKey, 32);
  return toHex(
    keccak256(concatBytes(ACCOUNT_LABEL, schemeByte, key, toBigEndian(BigInt(index), 4))),
  );
}

/** The root of what a depositor opens, 32 bytes: keccak256(label ‖ chainId word ‖ sender word). */
export function depositorRoot(chainId: bigint, sender: Hex): Hex {
  return toHex(keccak256(concatBytes(ROOT_LABEL, uintWord(chainId), addressWord(sender))));
}
