import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openProofRecord } from '../../../../src/enclave/platform/proof-record.ts';
import { utf8 } from '../../../../src/shared/bytes.ts';

const measured = { epoch: 1 };
let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veilspan-record-'));
  path = join(folder, 'evidence.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const body = (value: unknown) => utf8(JSON.stringify(value));
const lines = (at = path) =>
  readFileSync(at, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const ingest = (...messages: string[]) =>
  body({ id: 1, command: 'ingest', params: { chainId: '5', proof: 'p', messages } });
const upTo = (count: number) =>
  body({ id: 1, ok: true, result: { chainId: '5', position: { count: `${count}`, head: '0x' } } });

describe('the record of proofs', () => {
  it('begins with the configuration and has every accepted proof, and nothing else', () => {
    const note = openProofRecord(path, { measured, isNew: true });
    const params = { client: 'a', updates: [] };
    note(body({ id: 1, command: 'advance', params }), body({ id: 1, ok: true, result: {} }));
    note(body({ id: 2, command: 'advance', params: 1 }), body({ id: 2, ok: false, error: {} }));
    note(body({ id: 3, command: 'reveal', params: {} }), body({ id: 3, ok: true, result: {} }));
    expect(lines()).toEqual([{ measured }, { command: 'advance', params }]);
  });

  it('has each message once, however often an enclave that was started again is shown it', () => {
    openProofRecord(path, { measured, isNew: true })(ingest('a', 'b'), upTo(2));
    const again = openProofRecord(path, { measured, isNew: false });
    again(ingest('a', 'b'), upTo(2));
    again(ingest('a', 'b', 'c'), upTo(3));
    again(ingest('d'), upTo(4));
    const ingested = lines()
      .slice(1)
      .map(({ params }) => params.messages);
    expect(ingested).toEqual([['a', 'b'], ['c'], ['d']]);
  });

  it('moves the record of an earlier enclave aside', () => {
    openProofRecord(path, { measured: { epoch: 0 }, isNew: true });
    openProofRecord(path, { measured, isNew: true });
    expect(lines()).toEqual([{ measured }]);
    expect(lines(`${path}.old`)).toEqual([{ measured: { epoch: 0 } }]);
    expect(existsSync(path)).toBe(true);
  });
});
