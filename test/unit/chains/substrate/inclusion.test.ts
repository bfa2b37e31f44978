import { describe, expect, it } from 'vitest';
import type { BlockRecord, SubstrateBlocks } from '../../../../src/chains/substrate/blocks.ts';
import { createInclusionSearch } from '../../../../src/chains/substrate/inclusion.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

const WANTED: Hex = '0xaa';
const signed = { hash: WANTED, nonce: 0, raw: '0x' as Hex, signedAt: 2 };

/** A chain of the given blocks; `read` tells which were looked into. */
function chainOf(initial: readonly BlockRecord[]) {
  let blocks = initial;
  const read: Hex[] = [];
  const chain = {
    head: async () => blocks.at(-1) as BlockRecord,
    hashOf: async (number: number) => blocks.find((block) => block.number === number)?.hash,
    record: async (hash: Hex) => {
      read.push(hash);
      return blocks.find((block) => block.hash === hash) as BlockRecord;
    },
  } as Partial<SubstrateBlocks> as SubstrateBlocks;
  return {
    chain,
    read,
    set: (next: readonly BlockRecord[]) => {
      blocks = next;
    },
  };
}

const block = (number: number, fork = 'a', ...hashes: Hex[]): BlockRecord => ({
  number,
  hash: `0x${number}${fork}`,
  extrinsics: hashes.map((hash) => ({ hash })),
  logs: [],
});

describe('the search for an extrinsic', () => {
  it('begins after the block it was signed at and reads each block once', async () => {
    const { chain, read, set } = chainOf([block(1, 'a', WANTED), block(2), block(3), block(4)]);
    const search = createInclusionSearch(chain);
    expect(await search(signed)).toBeUndefined();
    set([block(3), block(4), block(5, 'a', '0xbb', WANTED)]);
    const found = await search(signed);
    expect(found?.block.number).toBe(5);
    expect(found?.extrinsic.hash).toBe(WANTED);
    expect(read).toEqual(['0x3a', '0x4a', '0x5a']);
  });

  it('begins again when a fork has replaced the block it ended at', async () => {
    const { chain, set } = chainOf([block(3), block(4)]);
    const search = createInclusionSearch(chain);
    expect(await search(signed)).toBeUndefined();
    set([block(3, 'b', WANTED), block(4, 'b'), block(5, 'b')]);
    expect((await search(signed))?.block.hash).toBe('0x3b');
  });

  it('looks into no block that can not have it, however long ago it was signed', async () => {
    const { chain, read } = chainOf(Array.from({ length: 300 }, (_, i) => block(i + 1)));
    const search = createInclusionSearch(chain);
    expect(await search(signed)).toBeUndefined();
    expect([read.length, read.at(-1)]).toEqual([64, '0x66a']);
    expect(await search(signed)).toBeUndefined();
    expect(read).toHaveLength(64);
  });

  it('ends quietly where the chain is shorter than its head said', async () => {
    const { chain } = chainOf([block(3), block(9)]);
    expect(await createInclusionSearch(chain)(signed)).toBeUndefined();
  });
});
