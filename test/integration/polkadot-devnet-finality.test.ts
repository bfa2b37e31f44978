import { afterEach, describe, expect, it } from 'vitest';
import { deriveGrandpaKey } from '../../devnet/polkadot/authority-keys.ts';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import { encodeHeader } from '../../devnet/polkadot/header.ts';
import { bytesOf } from '../../devnet/polkadot/hex.ts';
import { applyFinality } from '../../src/light-client/polkadot/apply-finality.ts';
import { createAuthoritySet } from '../../src/light-client/polkadot/authority-set.ts';
import { decodeJustification } from '../../src/light-client/polkadot/justification.ts';
import type { PolkadotStore } from '../../src/light-client/polkadot/store.ts';
import { verifyFinality } from '../../src/light-client/polkadot/verify-finality.ts';
import { concatBytes, equalBytes, fromHex, type Hex } from '../../src/shared/bytes.ts';
import { asyncRefusal } from '../support/async-refusal.ts';
import {
  ask,
  askRaw,
  finalizedHeight,
  type HeaderJson,
  heightOf,
  startManualChain,
} from '../support/polkadot-devnet.ts';

type BlockJson = {
  block: { header: HeaderJson; extrinsics: Hex[] };
  justifications: [number[], number[]][] | null;
};

const running: PolkadotDevnet[] = [];

async function start(
  options: Parameters<typeof startManualChain>[0] = {},
): Promise<PolkadotDevnet> {
  const chain = await startManualChain(options);
  running.push(chain);
  return chain;
}

afterEach(async () => {
  for (const chain of running.splice(0)) await chain.close();
});

async function produce(chain: PolkadotDevnet, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await chain.produceBlock();
}

async function blockAt(chain: PolkadotDevnet, number: number): Promise<BlockJson> {
  return ask<BlockJson>(
    chain,
    'chain_getBlock',
    await ask<Hex>(chain, 'chain_getBlockHash', number),
  );
}

function headerBytes({ number, digest, ...rest }: HeaderJson): Uint8Array {
  return encodeHeader({ ...rest, number: Number(number), logs: digest.logs });
}

function storeAtGenesis(
  chain: PolkadotDevnet,
  uris: readonly string[],
  weights: readonly bigint[],
): PolkadotStore {
  const authorities = uris.map((uri, i) => ({
    id: deriveGrandpaKey(uri).publicKey,
    weight: weights[i] ?? 1n,
  }));
  return {
    finalized: { number: 0, hash: chain.genesisHash, stateRoot: chain.genesisHash },
    authoritySet: createAuthoritySet(0n, authorities),
  };
}

/** Follows every justification with the light client; returns the set id at each justified height. */
async function follow(chain: PolkadotDevnet, start: PolkadotStore): Promise<[number, bigint][]> {
  const seen: [number, bigint][] = [];
  let store = start;
  for (let number = 1; number <= (await finalizedHeight(chain)); number++) {
    const { block, justifications } = await blockAt(chain, number);
    if (justifications === null) continue;
    expect(justifications[0]?.[0]).toEqual([0x46, 0x52, 0x4e, 0x4b]);
    const justification = Uint8Array.from(justifications[0]?.[1] ?? []);
    const verified = verifyFinality(store, { header: headerBytes(block.header), justification });
    seen.push([number, store.authoritySet.setId]);
    store = applyFinality(store, verified);
  }
  return seen;
}

async function justificationAt(chain: PolkadotDevnet, number: number) {
  const { justifications } = await blockAt(chain, number);
  return decodeJustification(Uint8Array.from(justifications?.[0]?.[1] ?? []));
}

const three = ['//Alice', '//Bob', '//Charlie'] as const;

describe('the finality of the Polkadot devnet', () => {
  it('hands over at the chosen interval with justifications that the light client follows', async () => {
    const chain = await start({ setChangeIntervalBlocks: 3 });
    await produce(chain, 10);
    expect(await follow(chain, storeAtGenesis(chain, three, []))).toEqual([
      [1, 0n],
      [2, 0n],
      [3, 0n],
      [4, 1n],
      [5, 1n],
      [6, 1n],
      [7, 2n],
      [8, 2n],
      [9, 2n],
    ]);
    const setId = await ask<Hex>(
      chain,
      'state_getStorage',
      '0x5f9cc45b7a00c5899361e1c6099678dc8a2d09463effcc78a22d75b9cb87dffc',
    );
    expect(setId).toBe('0x0300000000000000');
  });

  it('proves the finality of a past set by its last block', async () => {
    const chain = await start({ setChangeIntervalBlocks: 3 });
    await produce(chain, 5);
    const proof = bytesOf(await ask<Hex>(chain, 'grandpa_proveFinality', 1));
    const last = await ask<Hex>(chain, 'chain_getBlockHash', 3);
    const { justifications, block } = await blockAt(chain, 3);
    const justification = Uint8Array.from(justifications?.[0]?.[1] ?? []);
    const unknown = [
      headerBytes((await blockAt(chain, 2)).block.header),
      headerBytes(block.header),
    ];
    const expected = concatBytes(
      fromHex(last),
      encodedBytes(justification),
      Uint8Array.of(8),
      ...unknown,
    );
    expect(equalBytes(proof, expected)).toBe(true);
    const { error } = await askRaw(chain, 'grandpa_proveFinality', [5]);
    expect(error?.code).toBe(4);
  });

  it('stalls without enough weight and goes on when the voters are back', async () => {
    const authorities = [
      { uri: '//Alice', weight: 3 },
      { uri: '//Bob', weight: 2 },
      { uri: '//Charlie', weight: 2 },
    ];
    const chain = await start({ authorities, voterFaults: { '//Charlie': 'absent' } });
    await produce(chain, 3);
    expect(await finalizedHeight(chain)).toBe(2);
    await chain.setVoterFaults({ '//Alice': 'absent' });
    await produce(chain, 2);
    expect(await finalizedHeight(chain)).toBe(2);
    await chain.setVoterFaults({});
    expect(await finalizedHeight(chain)).toBe(4);
    const heights = await follow(chain, storeAtGenesis(chain, three, [3n, 2n, 2n]));
    expect(heights).toEqual([
      [1, 0n],
      [2, 0n],
      [4, 0n],
    ]);
    expect((await justificationAt(chain, 2)).commit.precommits).toHaveLength(2);
    expect((await blockAt(chain, 3)).justifications).toBeNull();
  });

  it('refuses faults of an authority it does not own', async () => {
    const refused = await asyncRefusal(start({ voterFaults: { Bob: 'absent' } }));
    expect([refused.code, refused.meta]).toEqual([
      'DEVNET_OPTION_INVALID',
      { option: 'voterFaults', value: 'Bob' },
    ]);
  });

  it('counts votes on descendants, with their headers as ancestries', async () => {
    const authorities = ['//Alice', '//Bob', '//Charlie', '//Dave'].map((uri) => ({
      uri,
      weight: 1,
    }));
    const voterFaults = { '//Alice': { lateBlocks: 4 }, '//Bob': { lateBlocks: 2 } };
    const chain = await start({ authorities, voterFaults, finalityLagBlocks: 0 });
    await produce(chain, 5);
    expect(await finalizedHeight(chain)).toBe(3);
    const { commit, votesAncestries } = await justificationAt(chain, 3);
    expect(commit.precommits.map(({ targetNumber }) => targetNumber)).toEqual([3, 5, 5]);
    expect(votesAncestries).toHaveLength(2);
    const uris = authorities.map(({ uri }) => uri);
    expect(await follow(chain, storeAtGenesis(chain, uris, []))).toEqual([
      [1, 0n],
      [2, 0n],
      [3, 0n],
    ]);
  });

  it('never votes past a hand-over, even after a long hold', async () => {
    const chain = await start({ setChangeIntervalBlocks: 3 });
    chain.holdFinality();
    await produce(chain, 8);
    expect(await finalizedHeight(chain)).toBe(0);
    await chain.resumeFinality();
    expect(await follow(chain, storeAtGenesis(chain, three, []))).toEqual([
      [3, 0n],
      [6, 1n],
      [7, 2n],
    ]);
  });

  it('re-organises to a longer branch, but not below what is final', async () => {
    const chain = await start();
    await produce(chain, 2);
    chain.holdFinality();
    await produce(chain, 3);
    const abandoned = await ask<Hex>(chain, 'chain_getBlockHash', 4);
    const branch = await chain.fork({ depth: 2 });
    expect(branch).toHaveLength(3);
    expect(await heightOf(chain)).toBe(6);
    expect(await ask(chain, 'chain_getBlockHash', 4)).toBe(branch[0]);
    expect(await heightOf(chain, abandoned)).toBe(4);
    const refused = await asyncRefusal(chain.fork({ depth: 6 }));
    expect([refused.code, refused.meta]).toEqual(['DEVNET_FORK_TOO_DEEP', { depth: 6, most: 5 }]);
    await chain.resumeFinality();
    expect(await finalizedHeight(chain)).toBe(5);
    await follow(chain, storeAtGenesis(chain, three, []));
  });

  it('is the same chain, hash by hash, when run again', async () => {
    const [one, two] = [
      await start({ setChangeIntervalBlocks: 2 }),
      await start({ setChangeIntervalBlocks: 2 }),
    ];
    for (let i = 0; i < 4; i++) expect(await one.produceBlock()).toBe(await two.produceBlock());
    expect(await blockAt(one, 2)).toEqual(await blockAt(two, 2));
  });
});

/** SCALE bytes with their length, between 64 and 16383 of them. */
function encodedBytes(bytes: Uint8Array): Uint8Array {
  const prefix = bytes.length * 4 + 1;
  return concatBytes(Uint8Array.of(prefix & 255, prefix >> 8), bytes);
}
