import { describe, expect, it } from 'vitest';
import {
  decodeLightClientStore,
  encodeLightClientStore,
} from '../../../../src/light-client/ethereum/store-codec.ts';
import { makeSigners, makeStore, WORLD } from '../../../support/ethereum-world.ts';
import { refusal } from '../../../support/refusal.ts';

const { committee } = makeSigners(1);
const { committee: next } = makeSigners(2);
const known = makeStore(88, committee, { next });
const unknown = makeStore(88, committee);
const gloas = makeStore(328, committee);

/** Length of a store of the minimal preset: head, and 33 keys for each committee. */
const HEAD = 2 + 112 + 32 + 48;
const COMMITTEE = 33 * 48;

function refuse(bytes: Uint8Array): object {
  const { code, meta } = refusal(() => decodeLightClientStore(bytes, WORLD));
  return { code, ...meta };
}

describe('the encoding of a store', () => {
  it.each([
    ['with the next committee', known, HEAD + 2 * COMMITTEE],
    ['without it', unknown, HEAD + COMMITTEE],
    ['of Gloas, which states nothing of its block', gloas, HEAD - 48 + COMMITTEE],
  ])('is one to one %s', (_, store, length) => {
    const bytes = encodeLightClientStore(store);
    expect(bytes).toHaveLength(length);
    const decoded = decodeLightClientStore(bytes, WORLD);
    expect(decoded).toEqual(store);
    expect(encodeLightClientStore(decoded)).toEqual(bytes);
  });

  it('is different for every change of every byte that it decodes', () => {
    const bytes = encodeLightClientStore(unknown);
    // From the second byte of the slot on, past its highest byte.
    for (let at = 3; at < bytes.length; at += 7) {
      const changed = bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(encodeLightClientStore(decodeLightClientStore(changed, WORLD))).toEqual(changed);
    }
  });

  it('refuses another version, flag or length, and a slot that no number holds', () => {
    const bytes = encodeLightClientStore(known);
    const change = (at: number, value: number) => bytes.map((byte, i) => (i === at ? value : byte));
    expect(refuse(change(0, 1))).toMatchObject({
      code: 'ETHEREUM_STORE_MALFORMED',
      subject: 'version',
      got: '1',
    });
    expect(refuse(change(1, 4))).toMatchObject({ subject: 'flags', got: '4' });
    for (const flags of [0, 1, 2]) {
      expect(refuse(change(1, flags))).toMatchObject({ subject: 'length' });
    }
    expect(refuse(bytes.subarray(0, -1))).toMatchObject({ subject: 'length' });
    expect(refuse(Uint8Array.of(...bytes, 0))).toMatchObject({ subject: 'length' });
    expect(refuse(new Uint8Array())).toMatchObject({ subject: 'version' });
    expect(refuse(Uint8Array.of(2))).toMatchObject({ subject: 'flags' });
    expect(refuse(change(9, 0xff))).toMatchObject({ subject: 'slot' });
  });

  it('takes the highest slot that a number holds, and no higher', () => {
    const withSlot = (slot: bigint) => {
      const bytes = Uint8Array.from(encodeLightClientStore(known));
      new DataView(bytes.buffer).setBigUint64(2, slot, true);
      return bytes;
    };
    const { finalizedHeader } = decodeLightClientStore(withSlot(2n ** 53n - 1n), WORLD);
    expect(finalizedHeader.beacon.slot).toBe(Number.MAX_SAFE_INTEGER);
    expect(refuse(withSlot(2n ** 53n))).toMatchObject({ subject: 'slot', got: `${2n ** 53n}` });
  });

  it('refuses a store of the other preset', () => {
    const mainnet = { ...WORLD, preset: 'mainnet' as const };
    const { code } = refusal(() => decodeLightClientStore(encodeLightClientStore(known), mainnet));
    expect(code).toBe('ETHEREUM_STORE_MALFORMED');
  });
});
