import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { postFiles } from '../../../src/cli/post-files.ts';
import { connect } from '../../../src/client/connect.ts';
import { formatPostFile } from '../../../src/client/order-record.ts';
import { postOrders } from '../../../src/client/post.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { Secret } from '../../../src/config/secret.ts';
import type { Hex } from '../../../src/shared/bytes.ts';

vi.mock('../../../src/client/connect.ts', () => ({ connect: vi.fn() }));
vi.mock('../../../src/client/post.ts', () => ({ postOrders: vi.fn() }));
vi.mock('../../../src/config/load.ts', () => ({ loadConfig: vi.fn() }));

const HASH: Hex = `0x${'ab'.repeat(32)}`;
const folder = mkdtempSync(join(tmpdir(), 'veilspan-post-'));
const files = ['one.json', 'two.json'].map((name) => join(folder, name));
const OPTIONS = { config: 'relayer.json', via: 'polkadot' };

beforeEach(() => {
  for (const file of files) writeFileSync(file, formatPostFile(new Uint8Array(832)));
  const entry = { name: 'polkadot', chainId: 7n, signer: new Secret('key') };
  vi.mocked(loadConfig).mockReturnValue({ chains: [entry] } as never);
  const chain = { signer: async () => ({}) };
  const connections = { chains: new Map([[7n, chain]]), close: async () => undefined };
  vi.mocked(connect).mockResolvedValue(connections as never);
  vi.mocked(postOrders).mockResolvedValue({ blockNumber: 9, transactionHash: HASH } as never);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The lines that posting prints. */
async function said(options: Parameters<typeof postFiles>[1]): Promise<unknown[]> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await postFiles(files, options);
  const lines = log.mock.calls.map(([line]) => line);
  log.mockRestore();
  return lines;
}

it('says where orders were posted, in words or as JSON', async () => {
  expect(await said(OPTIONS)).toEqual(['posted 2 orders in block 9 of polkadot']);
  const [json, ...more] = await said({ ...OPTIONS, json: true });
  expect(more).toEqual([]);
  expect(JSON.parse(`${json}`)).toEqual({
    chain: 'polkadot',
    count: 2,
    block: 9,
    transaction: HASH,
  });
});
