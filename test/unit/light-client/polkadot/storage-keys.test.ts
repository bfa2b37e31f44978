import { describe, expect, it } from 'vitest';
import { blake2AsU8a, xxhashAsU8a } from '#polkadot/util-crypto';
import {
  accountInfoKey,
  childRootKey,
  parachainHeadKey,
  slotKey,
  TIMESTAMP_NOW_KEY,
} from '../../../../src/light-client/polkadot/storage-keys.ts';
import { GATEWAY_SLOTS } from '../../../../src/protocol/contracts.ts';
import { concatBytes, fromHex, toHex } from '../../../../src/shared/bytes.ts';

// The oracle is @polkadot/util-crypto.
function mapPrefix(pallet: string, item: string): Uint8Array {
  return concatBytes(xxhashAsU8a(pallet, 128), xxhashAsU8a(item, 128));
}

describe('storage keys', () => {
  it('of an account: Revive.AccountInfoOf, hasher Identity', () => {
    const address = `0x${'5a'.repeat(20)}` as const;
    const expected = concatBytes(mapPrefix('Revive', 'AccountInfoOf'), fromHex(address));
    expect(accountInfoKey(address)).toEqual(expected);
  });

  it.each([0, 1000, 2 ** 32 - 1])('of the head of parachain %i: Twox64Concat', (paraId) => {
    const id = new Uint8Array(new Uint32Array([paraId]).buffer);
    const expected = concatBytes(mapPrefix('Paras', 'Heads'), xxhashAsU8a(id, 64), id);
    expect(parachainHeadKey(paraId)).toEqual(expected);
  });

  it('of a child root: the well-known prefix and the trie id', () => {
    const trieId = `0x${'1f'.repeat(32)}` as const;
    const expected = concatBytes(
      new TextEncoder().encode(':child_storage:default:'),
      fromHex(trieId),
    );
    expect(childRootKey(trieId)).toEqual(expected);
  });

  it("of a block's time: Timestamp.Now", () => {
    expect(TIMESTAMP_NOW_KEY).toEqual(mapPrefix('Timestamp', 'Now'));
  });

  it('of a slot: its BLAKE2b-256', () => {
    const slot = GATEWAY_SLOTS.sentCount;
    expect(slotKey(slot)).toEqual(blake2AsU8a(fromHex(slot), 256));
    expect(toHex(slotKey(`0x${'00'.repeat(32)}`))).toBe(
      '0x89eb0d6a8a691dae2cd15ed0369931ce0a949ecafa5c3f93f8121833646e15c3',
    );
  });
});
