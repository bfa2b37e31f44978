import { AbiCoder } from 'ethers';
import { describe, expect, it } from 'vitest';
import { addressWord, bytes32Word, uintWord } from '../../../src/codec/abi.ts';
import { type Hex, toHex } from '../../../src/shared/bytes.ts';
import { refusal } from '../../support/refusal.ts';

const coder = AbiCoder.defaultAbiCoder();
const address: Hex = `0x${'ab'.repeat(19)}cd`;
const word: Hex = `0x${'12'.repeat(31)}34`;

describe('words of the Solidity ABI', () => {
  it.each([0n, 1n, 255n, 2n ** 64n, 2n ** 256n - 1n])('hold the integer %i', (value) => {
    expect(toHex(uintWord(value))).toBe(coder.encode(['uint256'], [value]));
  });

  it('hold an address and 32 bytes', () => {
    expect(toHex(addressWord(address))).toBe(coder.encode(['address'], [address]));
    expect(toHex(bytes32Word(word))).toBe(coder.encode(['bytes32'], [word]));
  });

  it.each([
    ['a negative integer', () => uintWord(-1n)],
    ['an integer of 257 bits', () => uintWord(2n ** 256n)],
    ['an address of 19 bytes', () => addressWord(`0x${'ab'.repeat(19)}`)],
    ['an address of 32 bytes', () => addressWord(word)],
    ['31 bytes', () => bytes32Word(`0x${'12'.repeat(31)}`)],
    ['33 bytes', () => bytes32Word(`0x${'12'.repeat(33)}`)],
  ])('refuse %s', (_, encode) => {
    expect(refusal(encode).code).toBe('HEX_MALFORMED');
  });
});
