import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRng } from '../../../../src/enclave/platform/rng.ts';
import { openSealedStore } from '../../../../src/enclave/platform/sealed-store.ts';
import { type Hex, utf8 } from '../../../../src/shared/bytes.ts';

const MEASUREMENT: Hex = `0x${'11'.repeat(32)}`;
const OTHER: Hex = `0x${'22'.repeat(32)}`;
const SECRET = utf8('a secret that must not be readable');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veilspan-seal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (measurement = MEASUREMENT) => openSealedStore(folder, measurement, systemRng);
const withCode = (code: string, meta: object) =>
  expect.objectContaining({ code, meta, disposition: 'halt' });

describe('sealed storage', () => {
  it('gives back what was saved, also to the next process', () => {
    open().save('state', SECRET);
    expect(open().load('state')).toEqual(SECRET);
    expect(open().list()).toEqual(['state']);
  });

  it('knows no record that was not saved, or was removed', () => {
    const store = open();
    store.save('state', SECRET);
    store.remove('state');
    store.remove('state');
    expect(store.load('state')).toBeUndefined();
  });

  it('leaves no plaintext and no half-written file in the folder', () => {
    open().save('state', SECRET);
    const files = readdirSync(folder).sort();
    expect(files).toEqual(['device.seed', 'owner', 'state.sealed']);
    const bytes = files.map((file) => readFileSync(join(folder, file), 'latin1')).join('');
    expect(bytes).not.toContain('secret');
  });

  it('draws another nonce for every record', () => {
    open().save('state', SECRET);
    const first = readFileSync(join(folder, 'state.sealed'));
    open().save('state', SECRET);
    expect(readFileSync(join(folder, 'state.sealed'))).not.toEqual(first);
  });

  it('refuses a record of another measurement and names both', () => {
    open().save('state', SECRET);
    expect(() => open(OTHER).load('state')).toThrow(
      withCode('ENCLAVE_SEAL_FOREIGN', { record: 'state', expected: OTHER, got: MEASUREMENT }),
    );
  });

  it('refuses a record in which any part was changed or cut off', () => {
    open().save('state', SECRET);
    const path = join(folder, 'state.sealed');
    const sealed = readFileSync(path);
    for (const at of [0, 4, 37, 61, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(path, changed);
      expect(() => open().load('state')).toThrow(
        withCode('ENCLAVE_SEAL_BROKEN', { record: 'state' }),
      );
    }
    for (const length of [0, 5, 36, 61, sealed.length - 1]) {
      writeFileSync(path, sealed.subarray(0, length));
      expect(() => open().load('state')).toThrow(
        withCode('ENCLAVE_SEAL_BROKEN', { record: 'state' }),
      );
    }
  });

  it('lets no process write to a folder that the next one has opened', () => {
    const first = open();
    first.save('state', SECRET);
    const second = open();
    expect(() => first.save('state', utf8('late'))).toThrow(
      withCode('ENCLAVE_SEAL_TAKEN', { record: 'state' }),
    );
    second.save('state', utf8('newer'));
    expect(open().load('state')).toEqual(utf8('newer'));
  });

  it('lets no process write to a folder whose owner nobody knows any more', () => {
    const store = open();
    rmSync(join(folder, 'owner'));
    expect(() => store.save('state', SECRET)).toThrow(
      withCode('ENCLAVE_SEAL_TAKEN', { record: 'state' }),
    );
    expect(store.list()).toEqual([]);
  });

  it.each([0, 31, 33])('refuses a device seed of %i bytes', (length) => {
    writeFileSync(join(folder, 'device.seed'), new Uint8Array(length));
    expect(() => open()).toThrow(withCode('ENCLAVE_SEAL_BROKEN', { record: 'device.seed' }));
  });

  it('refuses a record under another name', () => {
    open().save('state', SECRET);
    writeFileSync(join(folder, 'keys.sealed'), readFileSync(join(folder, 'state.sealed')));
    expect(() => open().load('keys')).toThrow(withCode('ENCLAVE_SEAL_BROKEN', { record: 'keys' }));
  });

  it('refuses to open on another device, and never draws a new seed over old records', () => {
    open().save('state', SECRET);
    writeFileSync(join(folder, 'device.seed'), new Uint8Array(32));
    expect(() => open().load('state')).toThrow(
      withCode('ENCLAVE_SEAL_BROKEN', { record: 'state' }),
    );
    rmSync(join(folder, 'device.seed'));
    expect(() => open()).toThrow(withCode('ENCLAVE_SEAL_BROKEN', { record: 'device.seed' }));
  });
});
