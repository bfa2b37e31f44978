import { describe, expect, it } from 'vitest';
import type { SubstrateConnection } from '../../../../src/chains/substrate/connection.ts';
import { hopOver } from '../../../../src/chains/substrate/prove-finality.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';

const HASH = `0x${'ab'.repeat(32)}`;
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
          : [{ toHex: () => `${HASH}${from}` }, { toU8a: () => JUSTIFICATION }],
    },
  };
  const sendOfBlock = async (_: string, [hash]: readonly unknown[]) => headerOf(`${hash}`);
  // CAST: of a connection it has what is used here.
  const node = { name: 'polkadot', api, sendOfBlock } as unknown as SubstrateConnection;
  return { node, asked };
}

const headerOf = (hash: string) => ({
  number: { toNumber: () => Number(hash.slice(HASH.length)) },
  toU8a: () => Uint8Array.of(9),
});

const FAR = { fromNumber: 100, toNumber: 5000 };

describe('many blocks of a GRANDPA chain', () => {
  it('are gone over to the end of the set that has finalized the first of them', async () => {
    const { node, asked } = nodeOf(async () => ({ end: 2400 }));
    expect(await hopOver(node, FAR)).toEqual({
      number: 2400,
      header: Uint8Array.of(9),
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
