import { addressWord, uintWord } from '../codec/abi.ts';
import { keccak256 } from '../crypto/hashes.ts';
import { concatBytes, type Hex, utf8 } from '../shared/bytes.ts';

const DOMAIN_TYPE =
  'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)';

/** The contract that is to check a signature, and its chain. */
export interface SigningDomain {
  readonly chainId: bigint;
  /** 20 bytes. */
  readonly verifyingContract: Hex;
}

/** `hashStruct` of EIP-712: the type's hash, then each member as one word. 32 bytes. */
export function hashStruct(type: string, ...words: readonly Uint8Array[]): Uint8Array {
  return keccak256(concatBytes(typeHash(type), ...words));
}

/** A handful of types, hashed once each: a large transition hashes thousands of structs. */
const typeHashes = new Map<string, Uint8Array>();

function typeHash(type: string): Uint8Array {
  const hash = typeHashes.get(type) ?? keccak256(utf8(type));
  typeHashes.set(type, hash);
  return hash;
}

/** The encoding of an array of structs: the hash of its members' hashes. 32 bytes. */
export function hashArray(hashes: readonly Uint8Array[]): Uint8Array {
  return keccak256(concatBytes(...hashes));
}

/** The 32 bytes to sign: `0x1901 ‖ domainSeparator ‖ structHash`, name "Veilspan", version "1". */
export function typedDataDigest(domain: SigningDomain, structHash: Uint8Array): Uint8Array {
  const separator = hashStruct(
    DOMAIN_TYPE,
    keccak256(utf8('Veilspan')),
    keccak256(utf8('1')),
    uintWord(domain.chainId),
    addressWord(domain.verifyingContract),
  );
  return keccak256(concatBytes(Uint8Array.of(0x19, 0x01), separator, structHash));
}
