import { describe, expect, it } from 'vitest';
import type { SubstrateConnection } from '../../../../src/chains/substrate/connection.ts';
import { hopOver } from '../../../../src/chains/substrate/prove-finality.ts';
import { blake2b256 } from '../../../../src/crypto/hashes.ts';
import { toHex, utf8 } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';

const JUSTIFICATION = Uint8Array.of(1, 2, 3);

/** A node that answers so where a set ends, and what it was asked for. */
function nodeOf(answer: (number: number) => Promise<{ readonly end: number } | null>) {
  const asked: number[] = [];
  const api = {
    rpc: {
      grandpa: {
        proveFinality: async (number: number) => {
          asked.push(number);
          const found = await answer(number);
          return { isNone: found === null, unwrap: () => ({ toU8a: () => found?.end }) };
        },
      },
    },
    registry: {
      createType: (type: string, from: unknown) =>
        type === 'Header'
          ? from
          : [{ toHex: () => hashOf(Number(from)) }, { toU8a: () => JUSTIFICATION }],
    },
  };
  const sendOfBlock = async (_: string, [hash]: readonly unknown[]) =>
    headerOf(ENDS.find((end) => hashOf(end) === hash) ?? 0);
  // CAST: of a connection it has what is used here.
  const node = { name: 'polkadot', api, sendOfBlock } as unknown as SubstrateConnection;
  return { node, asked };
}

/** Where the sets of these tests end. */
const ENDS = [100, 110, 2400, 5001];
const bytesOf = (end: number) => utf8(`the header of block ${end}`);
const hashOf = (end: number) => toHex(blake2b256(bytesOf(end)));
const headerOf = (end: number) => ({
  number: { toNumber: () => end },
  toU8a: () => bytesOf(end),
});

const FAR = { fromNumber: 100, toNumber: 5000 };

describe('many blocks of a GRANDPA chain', () => {
  it('are gone over to the end of the set that has finalized the first of them', async () => {
    const { node, asked } = nodeOf(async () => ({ end: 2400 }));
    expect(await hopOver(node, FAR)).toEqual({
      number: 2400,
      header: bytesOf(2400),
      justification: JUSTIFICATION,
    });
    expect(asked).toEqual([101]);
  });

  it('are not gone over where they are few', async () => {
    const { node, asked } = nodeOf(async () => ({ end: 110 }));
    expect(await hopOver(node, { fromNumber: 100, toNumber: 116 })).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it.each([
    ['has no justification', async () => null],
    ['leads back', async () => ({ end: 100 })],
    ['leads beyond what is final', async () => ({ end: 5001 })],
    [
      'knows no sets before it began',
      () => Promise.reject(Object.assign(new Error('not covered'), { code: 4 })),
    ],
  ])('are looked into one by one with a node that %s', async (_, answer) => {
    expect(await hopOver(nodeOf(answer).node, FAR)).toBeUndefined();
  });

  it('are asked for again where the connection is lost', async () => {
    const { node } = nodeOf(() => Promise.reject(new Error('the connection is lost')));
    expect(await asyncRefusal(hopOver(node, FAR))).toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
  });
});
