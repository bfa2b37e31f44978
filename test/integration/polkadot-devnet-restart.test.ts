import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Hex } from '../../src/shared/bytes.ts';
import { asyncRefusal } from '../support/async-refusal.ts';
import {
  ask,
  finalizedHeight,
  type HeaderJson,
  heightOf,
  startManualChain,
} from '../support/polkadot-devnet.ts';

const TIMESTAMP_NOW = '0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb';

describe('the Polkadot devnet with a data folder', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'veilspan-devnet-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('resumes with the same head, finality, states and justifications', async () => {
    const options = { dataDir, setChangeIntervalBlocks: 2 };
    const first = await startManualChain(options);
    for (let i = 0; i < 5; i++) await first.produceBlock();
    const [head, third] = [
      await ask(first, 'chain_getHeader'),
      await ask<Hex>(first, 'chain_getBlockHash', 3),
    ];
    const block = await ask(first, 'chain_getBlock', third);
    const now = await ask(first, 'state_getStorage', TIMESTAMP_NOW, third);
    const round = await ask(first, 'grandpa_roundState');
    await first.close();

    const second = await startManualChain(options);
    expect(await ask(second, 'chain_getHeader')).toEqual(head);
    expect(await finalizedHeight(second)).toBe(4);
    expect(await ask(second, 'chain_getBlock', third)).toEqual(block);
    expect(await ask(second, 'state_getStorage', TIMESTAMP_NOW, third)).toBe(now);
    expect(await ask(second, 'grandpa_roundState')).toEqual(round);
    const hash = await second.produceBlock();
    expect((await ask<HeaderJson>(second, 'chain_getHeader', hash)).number).toBe('0x6');
    expect(await finalizedHeight(second)).toBe(5);
    await second.close();
  });

  it('cuts off a line that a killed process left half written', async () => {
    const first = await startManualChain({ dataDir });
    for (let i = 0; i < 2; i++) await first.produceBlock();
    await first.close();
    appendFileSync(join(dataDir, 'chain.jsonl'), '{"kind":"block","header":"0x12');
    const second = await startManualChain({ dataDir });
    expect(await heightOf(second)).toBe(2);
    await second.produceBlock();
    await second.close();
    for (const line of readFileSync(join(dataDir, 'chain.jsonl'), 'utf8').trim().split('\n')) {
      JSON.parse(line);
    }
  });

  it('refuses a folder that something else has written into', async () => {
    await (await startManualChain({ dataDir })).close();
    appendFileSync(join(dataDir, 'chain.jsonl'), 'not a block\n');
    const refused = await asyncRefusal(startManualChain({ dataDir }));
    expect([refused.code, refused.meta]).toEqual([
      'DEVNET_DATA_DIR_CORRUPT',
      { found: 'not a block' },
    ]);
  });

  it('refuses the folder of another chain', async () => {
    await (await startManualChain({ dataDir })).close();
    const refused = await asyncRefusal(startManualChain({ dataDir, preset: 'development' }));
    expect(refused.code).toBe('DEVNET_DATA_DIR_FOREIGN');
  });
});
