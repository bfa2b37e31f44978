import { AbiCoder, keccak256, toBeHex, ZeroHash } from 'ethers';
import { describe, expect, it } from 'vitest';
import { VECTOR_CONTROLS } from '../../../scripts/lib/typed-data.ts';
import {
  appendControl,
  CONTROL_KINDS,
  type ControlContent,
  controlLeaf,
  decodeControl,
  encodeControl,
  MAX_CONTROL_PAYLOAD_BYTES,
  MAX_RUNG,
} from '../../../src/protocol/control.ts';
import { concatBytes, fromHex, type Hex, toHex } from '../../../src/shared/bytes.ts';

const ASSET: Hex = `0x${'a5'.repeat(32)}`;
const SOURCE = { chainId: 7n, address: `0x${'b2'.repeat(20)}` as Hex };
const MOST = 2n ** 128n - 1n;
const abi = AbiCoder.defaultAbiCoder();

/** As Solidity's `abi.encode` has them; numbers wider than they should be are for the tests of what is refused. */
function payloadOf(types: string, values: readonly unknown[]): Uint8Array {
  return fromHex(abi.encode(types.split(' '), values));
}

const REGISTRATION = 'bytes32 uint256 uint256[] uint256 uint256';

function registration(poolUnit: bigint, rungs: readonly bigint[], amounts = [1n, 2n]): Uint8Array {
  return payloadOf(REGISTRATION, [ASSET, poolUnit, rungs, ...amounts]);
}

function decode(kind: keyof typeof CONTROL_KINDS, payload: Uint8Array) {
  return decodeControl(CONTROL_KINDS[kind], payload);
}

const CONTENTS: readonly (readonly [content: ControlContent, types: string, values: unknown[]])[] =
  [
    [
      {
        kind: 'registerAsset',
        asset: ASSET,
        poolUnit: 5n,
        rungs: [0, 4, 8],
        entryFee: 6n,
        leastBalance: 7n,
      },
      'bytes32 uint128 uint8[] uint128 uint128',
      [ASSET, 5n, [0, 4, 8], 6n, 7n],
    ],
    [
      { kind: 'setRate', asset: ASSET, chainId: 8n, rate: MOST },
      'bytes32 uint64 uint128',
      [ASSET, 8n, MOST],
    ],
    [{ kind: 'setReward', asset: ASSET, reward: 0n }, 'bytes32 uint128', [ASSET, 0n]],
    [{ kind: 'suspend', chainId: 2n ** 64n - 1n }, 'uint64', [2n ** 64n - 1n]],
    [{ kind: 'resume', chainId: 1n }, 'uint64', [1n]],
    [{ kind: 'startEpoch', epoch: 9n }, 'uint64', [9n]],
    [{ kind: 'nameSuccessor', measurement: ASSET }, 'bytes32', [ASSET]],
  ];

describe('what governance says', () => {
  it.each(CONTENTS)('is encoded as Solidity does: $kind', (content, types, values) => {
    const encoded = encodeControl(content);
    expect(encoded.kind).toBe(CONTROL_KINDS[content.kind]);
    expect(toHex(encoded.payload)).toBe(abi.encode(types.split(' '), values));
    expect(decodeControl(encoded.kind, encoded.payload)).toEqual(content);
  });

  it('is nothing that this program knows if its kind is another', () => {
    for (const kind of [0, 8, 255]) {
      expect(decodeControl(kind, payloadOf('uint64', [1n]))).toBeUndefined();
    }
  });

  it.each(CONTENTS)('is refused with a byte or a word too many or too few: $kind', (content) => {
    const { kind, payload } = encodeControl(content);
    expect(decodeControl(kind, payload.subarray(1))).toBeUndefined();
    expect(decodeControl(kind, payload.subarray(0, -32))).toBeUndefined();
    expect(decodeControl(kind, concatBytes(payload, new Uint8Array(32)))).toBeUndefined();
    expect(decodeControl(kind, new Uint8Array())).toBeUndefined();
    expect(decodeControl(kind, new Uint8Array(payload.length))).toBeUndefined();
    expect(decodeControl(kind, new Uint8Array(MAX_CONTROL_PAYLOAD_BYTES + 32))).toBeUndefined();
  });

  it('is refused if a number is wider than its type', () => {
    const wide = 2n ** 64n;
    expect(decode('suspend', payloadOf('uint256', [wide]))).toBeUndefined();
    expect(decode('resume', payloadOf('uint256', [wide]))).toBeUndefined();
    expect(decode('startEpoch', payloadOf('uint256', [wide]))).toBeUndefined();
    const rate = 'bytes32 uint256 uint256';
    expect(decode('setRate', payloadOf(rate, [ASSET, wide, 1n]))).toBeUndefined();
    expect(decode('setRate', payloadOf(rate, [ASSET, 1n, MOST + 1n]))).toBeUndefined();
    expect(decode('setRate', payloadOf(rate, [ASSET, 0n, 1n]))).toBeUndefined();
    const reward = payloadOf('bytes32 uint256', [ASSET, MOST + 1n]);
    expect(decode('setReward', reward)).toBeUndefined();
  });
});

describe('a registration', () => {
  it('is refused without a pool unit, or with an amount beyond 128 bits', () => {
    expect(decode('registerAsset', registration(0n, [0n]))).toBeUndefined();
    expect(decode('registerAsset', registration(MOST + 1n, [0n]))).toBeUndefined();
    expect(decode('registerAsset', registration(1n, [0n], [MOST + 1n, 0n]))).toBeUndefined();
    expect(decode('registerAsset', registration(1n, [0n], [0n, MOST + 1n]))).toBeUndefined();
    expect(decode('registerAsset', registration(MOST, [0n], [MOST, MOST]))).toBeDefined();
  });

  it('has one to seven ascending rungs', () => {
    const upTo = (count: number) => Array.from({ length: count }, (_, i) => BigInt(i));
    expect(decode('registerAsset', registration(1n, upTo(0)))).toBeUndefined();
    expect(decode('registerAsset', registration(1n, upTo(7)))).toBeDefined();
    expect(decode('registerAsset', registration(1n, upTo(8)))).toBeUndefined();
    expect(decode('registerAsset', registration(1n, [1n, 1n]))).toBeUndefined();
    expect(decode('registerAsset', registration(1n, [2n, 1n]))).toBeUndefined();
  });

  it('has no rung that no amount fits', () => {
    const highest = BigInt(MAX_RUNG);
    expect(decode('registerAsset', registration(1n, [highest]))).toBeDefined();
    expect(decode('registerAsset', registration(1n, [highest + 1n]))).toBeUndefined();
    expect(decode('registerAsset', registration(1n, [2n ** 255n]))).toBeUndefined();
    // 5 × 10^2 of it.
    expect(decode('registerAsset', registration(MOST / 500n, [8n]))).toBeDefined();
    expect(decode('registerAsset', registration(MOST / 500n + 1n, [8n]))).toBeUndefined();
  });

  it('begins its rungs where Solidity does, and says how many there are', () => {
    const words = () => registration(1n, [1n, 2n]);
    for (const word of [2, 5]) {
      const payload = words();
      payload[32 * word + 31]! += 1;
      expect(decode('registerAsset', payload)).toBeUndefined();
    }
    expect(decode('registerAsset', words())).toBeDefined();
  });
});

describe('a control message', () => {
  const [first, second] = VECTOR_CONTROLS as [
    (typeof VECTOR_CONTROLS)[0],
    (typeof VECTOR_CONTROLS)[0],
  ];

  it('has the leaf that its ABI encoding hashes to', () => {
    for (const message of VECTOR_CONTROLS) {
      const encoded = abi.encode(
        'uint8 uint256 address uint64 uint64 uint64 uint8 bytes32'.split(' '),
        [
          1,
          SOURCE.chainId,
          SOURCE.address,
          message.index,
          message.sentAtSec,
          message.round,
          message.kind,
          keccak256(message.payload),
        ],
      );
      expect(toHex(controlLeaf(SOURCE, message))).toBe(keccak256(encoded));
    }
  });

  it('is chained after all before it', () => {
    const empty = { count: 0n, head: ZeroHash as Hex };
    const after = appendControl(appendControl(empty, SOURCE, first), SOURCE, second);
    const one = keccak256(
      abi.encode(['bytes32', 'bytes32'], [ZeroHash, controlLeaf(SOURCE, first)]),
    );
    const two = keccak256(abi.encode(['bytes32', 'bytes32'], [one, controlLeaf(SOURCE, second)]));
    expect(after).toEqual({ count: 2n, head: two });
  });

  it('has another leaf if anything about it is another', () => {
    const variants = [
      first,
      { ...first, index: 9n },
      { ...first, sentAtSec: first.sentAtSec + 1n },
      { ...first, round: first.round + 1n },
      { ...first, kind: 2 },
      { ...first, payload: first.payload.subarray(1) },
    ].map((message) => toHex(controlLeaf(SOURCE, message)));
    const elsewhere = [
      { ...SOURCE, chainId: 8n },
      { ...SOURCE, address: toBeHex(1, 20) as Hex },
    ].map((source) => toHex(controlLeaf(source, first)));
    expect(new Set([...variants, ...elsewhere]).size).toBe(8);
  });
});
