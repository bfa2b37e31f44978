import { concatBytes, fromHex, type Hex, toBigEndian } from '../shared/bytes.ts';

// The static part of the Solidity ABI: every value is one 32-byte word.
// SPEC: Solidity 0.8 ABI specification, "Formal Specification of the Encoding".

/** `uint8` … `uint256` as a 32-byte big-endian word. @throws {HexError} negative or too large */
export function uintWord(value: bigint): Uint8Array {
  return toBigEndian(value, 32);
}

/** `address` (20 bytes) as a word, padded on the left. @throws {HexError} not 20 bytes */
export function addressWord(address: Hex): Uint8Array {
  return concatBytes(new Uint8Array(12), fromHex(address, 20));
}

/** `bytes32` as a word. @throws {HexError} not 32 bytes */
export function bytes32Word(value: Hex): Uint8Array {
  return fromHex(value, 32);
}
