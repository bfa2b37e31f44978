import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
const done = body({ id: 1, ok: true, result: {} });
const refused = body({ id: 1, ok: false, error: {} });
const portion = (fromIndex: number, messages: string, proof: string | null) =>
  body({
    id: 1,
    command: 'ingest',
    params: { chainId: '5', fromIndex: `${fromIndex}`, messages: [...messages], proof },
  });
const ingested = () =>
  lines()
    .slice(1)
    .map(({ params }) => [Number(params.fromIndex), params.messages.join(''), params.proof]);

describe('the record of proofs', () => {
  it('begins with the configuration and has every accepted proof, and nothing else', () => {
    const note = openProofRecord(path, { measured, isNew: true });
    const params = { client: 'a', updates: [] };
    note(body({ id: 1, command: 'advance', params }), body({ id: 1, ok: true, result: {} }));
    note(body({ id: 2, command: 'advance', params: 1 }), body({ id: 2, ok: false, error: {} }));
    note(body({ id: 3, command: 'reveal', params: {} }), body({ id: 3, ok: true, result: {} }));
    expect(lines()).toEqual([{ measured }, { command: 'advance', params }]);
  });

  it('has each proven message once, however often an enclave that was started again is shown it', () => {
    openProofRecord(path, { measured, isNew: true })(portion(0, 'ab', 'p'), done);
    const again = openProofRecord(path, { measured, isNew: false });
    again(portion(0, 'ab', 'q'), done);
    again(portion(0, 'abc', 'q'), done);
    again(portion(3, '', 'r'), done);
    again(portion(3, 'd', 's'), done);
    expect(ingested()).toEqual([
      [0, 'ab', 'p'],
      [2, 'c', 'q'],
      [3, 'd', 's'],
    ]);
  });

  it('has every portion of a run, and of what is proven already nothing more', () => {
    const note = openProofRecord(path, { measured, isNew: true });
    note(portion(0, 'ab', null), done);
    note(portion(2, 'x', 'p'), refused);
    // A run that was given up stays on record; the next one begins where the proof had reached.
    note(portion(0, 'abc', null), done);
    note(portion(3, 'd', null), done);
    note(portion(4, '', 'p'), done);
    // No room for the bodies: they come once more. Then the enclave starts anew, in the middle of a portion.
    note(portion(3, 'd', null), done);
    note(portion(1, 'bcde', null), done);
    note(portion(5, 'f', 'q'), done);
    expect(ingested()).toEqual([
      [0, 'ab', null],
      [0, 'abc', null],
      [3, 'd', null],
      [4, '', 'p'],
      [4, 'e', null],
      [5, 'f', 'q'],
    ]);
  });

  it('has control messages once, and a portion that shows only a time not at all', () => {
    const note = openProofRecord(path, { measured, isNew: true });
    const control = (fromIndex: number, messages: string) =>
      body({
        id: 1,
        command: 'ingestControl',
        params: { fromIndex: `${fromIndex}`, messages: [...messages], proof: 'p' },
      });
    note(control(0, 'ab'), done);
    note(control(2, ''), done);
    note(portion(0, '', 'p'), done);
    openProofRecord(path, { measured, isNew: false })(control(0, 'abc'), done);
    expect(lines().map(({ command, params }) => [command, params?.messages])).toEqual([
      [undefined, undefined],
      ['ingestControl', ['a', 'b']],
      ['ingestControl', ['c']],
    ]);
  });

  it('says from where outboxes go on once a snapshot is taken, chunk by chunk', () => {
    const note = openProofRecord(path, { measured, isNew: true });
    const chunk = (proof: string | null) =>
      body({ id: 1, command: 'restoreSnapshot', params: { bytes: '0x00', proof } });
    const at = (count: number) => ({ position: { count: `${count}`, head: '0x01' } });
    const result = {
      measurement: '0x',
      ingested: [{ chainId: '5', ...at(7), paid: '0' }],
      control: at(2),
    };
    note(chunk(null), body({ id: 1, ok: true, result }));
    note(chunk('p'), refused);
    expect(lines()).toHaveLength(1);
    note(chunk('p'), body({ id: 1, ok: true, result }));
    const restored = { ingested: [{ chainId: '5', ...at(7) }], control: at(2) };
    expect(lines()[1]).toEqual({ restored });
    openProofRecord(path, { measured, isNew: false })(portion(6, 'gh', 'q'), done);
    expect(lines()[2]?.params).toMatchObject({ fromIndex: '7', messages: ['h'] });
  });

  it('goes on after a line that was cut off, of which nothing stays', () => {
    openProofRecord(path, { measured, isNew: true })(portion(0, 'äb', 'p'), done);
    appendFileSync(path, '{"command":"ingest","par');
    openProofRecord(path, { measured, isNew: false })(portion(0, 'äbc', 'q'), done);
    expect(ingested()).toEqual([
      [0, 'äb', 'p'],
      [2, 'c', 'q'],
    ]);
  });

  it('begins anew where not even the configuration was written down', () => {
    appendFileSync(path, '{"meas');
    openProofRecord(path, { measured, isNew: false });
    expect(lines()).toEqual([{ measured }]);
  });

  it('reads a record longer than what is read of it at once', () => {
    const many = 'm'.repeat(1 << 20);
    const note = openProofRecord(path, { measured, isNew: true });
    note(portion(0, 'a', 'p'), done);
    note(body({ id: 1, command: 'advance', params: { client: 'a', updates: [many] } }), done);
    note(portion(1, 'b', 'p'), done);
    openProofRecord(path, { measured, isNew: false })(portion(0, 'abc', 'q'), done);
    expect(lines().at(-1)?.params).toMatchObject({ fromIndex: '2', messages: ['c'] });
  });

  it('moves the record of an earlier enclave aside', () => {
    openProofRecord(path, { measured: { epoch: 0 }, isNew: true });
    openProofRecord(path, { measured, isNew: true });
    expect(lines()).toEqual([{ measured }]);
    expect(lines(`${path}.old`)).toEqual([{ measured: { epoch: 0 } }]);
    expect(existsSync(path)).toBe(true);
  });
});
