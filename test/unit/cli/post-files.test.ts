import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { postFiles } from '../../../src/cli/post-files.ts';
import { formatPostFile } from '../../../src/client/order-record.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { DeskUnreachable } from '../../../src/relayer/operate/desk-socket.ts';
import { openAccountDesk } from '../../../src/relayer/operate/open-account-desk.ts';
import { WaitLate } from '../../../src/relayer/vitals.ts';

vi.mock('../../../src/relayer/operate/open-account-desk.ts', () => ({ openAccountDesk: vi.fn() }));
vi.mock('../../../src/config/load.ts', () => ({ loadConfig: vi.fn() }));

const folder = mkdtempSync(join(tmpdir(), 'veilspan-post-'));
const files = ['one.json', 'two.json'].map((name) => join(folder, name));
const OPTIONS = { config: 'relayer.json', via: 'polkadot' };

/** What the next looks for a post fail with. */
let looks: Error[] = [];
beforeEach(() => {
  for (const file of files) writeFileSync(file, formatPostFile(new Uint8Array(832)));
  vi.mocked(loadConfig).mockReturnValue({ chains: [{ name: 'polkadot' }] } as never);
  looks = [];
  const ask = async (question: string) => {
    if (question === 'post') return { subject: 'post', nonce: 3 };
    const failure = looks.shift();
    if (failure !== undefined) throw failure;
    return { state: 'included', block: 9 };
  };
  vi.mocked(openAccountDesk).mockResolvedValue({ ask, close: async () => undefined } as never);
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
  expect(JSON.parse(`${json}`)).toEqual({ chain: 'polkadot', count: 2, block: 9 });
});

it('looks again for a post that was not found out about in time, and for no other reason', async () => {
  looks = [new WaitLate({ waitedFor: 'a post on polkadot to be looked for', deadlineMs: 1 })];
  expect(await said(OPTIONS)).toEqual(['posted 2 orders in block 9 of polkadot']);
  looks = [new DeskUnreachable({ path: 'journal.sock', what: 'the connection was closed' })];
  await expect(postFiles(files, OPTIONS)).rejects.toMatchObject({ code: 'DESK_UNREACHABLE' });
});
