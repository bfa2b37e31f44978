import { describe, expect, it } from 'vitest';
import { xxhashAsHex } from '#polkadot/util-crypto';
import { createBlockTimes, fetchTimeProof } from '../../../../src/chains/substrate/block-time.ts';
import type { SubstrateConnection } from '../../../../src/chains/substrate/connection.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';

const BLOCK: Hex = `0x${'ab'.repeat(32)}`;
const KEY = `${xxhashAsHex('Timestamp', 128)}${xxhashAsHex('Now', 128).slice(2)}`;

/** A node that gives this answer to everything, and notes what it is asked. */
function nodeOf(answer: unknown) {
  const asked: unknown[] = [];
  const send = async (method: string, params: readonly unknown[]) => {
    asked.push([method, ...params]);
    return answer;
  };
  return { connection: { name: 'hub', send } as unknown as SubstrateConnection, asked };
}

describe('when a block was made', () => {
  it('is what its own state says, in whole seconds, asked once', async () => {
    // 1,700,000,000,999 ms, little-endian.
    const { connection, asked } = nodeOf('0xe76be5cf8b010000');
    const timeOf = createBlockTimes(connection);
    expect(await timeOf(BLOCK)).toBe(1_700_000_000n);
    expect(await timeOf(BLOCK)).toBe(1_700_000_000n);
    expect(asked).toEqual([['state_getStorage', KEY, BLOCK]]);
  });

  it('is nothing in the genesis block', async () => {
    expect(await createBlockTimes(nodeOf(null).connection)(BLOCK)).toBe(0n);
  });

  it.each(['0x', '0xe76be5cf8b0100', '0xe76be5cf8b01000000'])(
    'is not read from %s',
    async (moment) => {
      const refused = await asyncRefusal(createBlockTimes(nodeOf(moment).connection)(BLOCK));
      expect(refused).toMatchObject({ code: 'CHAIN_ANSWER_MALFORMED', meta: { chain: 'hub' } });
    },
  );

  it('is proven by the nodes of a read proof of that key', async () => {
    const { connection, asked } = nodeOf({ at: BLOCK, proof: ['0xAB', '0x01'] });
    expect(await fetchTimeProof(connection, BLOCK)).toEqual(['0xab', '0x01']);
    expect(asked).toEqual([['state_getReadProof', [KEY], BLOCK]]);
  });
});
