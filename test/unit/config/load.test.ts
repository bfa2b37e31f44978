import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { devnetConfigSchema } from '../../../devnet/config.ts';
import { clientConfigSchema } from '../../../src/config/client.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { relayerConfigSchema } from '../../../src/config/relayer.ts';
import { refusal } from '../../support/refusal.ts';

const config = (name: string) =>
  join(import.meta.dirname, '../../../config', `${name}.example.json`);
const relayer = (env: Record<string, string>) =>
  loadConfig(relayerConfigSchema, config('relayer'), env, 'VEILSPAN_RELAYER');
const devnet = (source: Record<string, unknown>, env: Record<string, string> = {}) =>
  loadConfig(devnetConfigSchema, source, env, 'VEILSPAN_DEVNET');

describe('a configuration', () => {
  it('takes what is not given from the defaults', () => {
    expect(devnet({})).toMatchObject({ folder: '.veilspan', slotMs: 1000, polkadot: 'typescript' });
  });

  it.each([
    ['an unknown key', { slotsMs: 1000 }, 'slotsMs'],
    ['a value of another type', { slotMs: '1000' }, 'slotMs'],
    ['a value out of range', { slotMs: 99 }, 'slotMs'],
    ['a value that is none of the choices', { polkadot: 'rust' }, 'polkadot'],
    ['an empty text', { folder: '' }, 'folder'],
    ['null for a default', { host: null }, 'host'],
  ])('with %s is refused by its name', (_, source, key) => {
    expect(refusal(() => devnet(source))).toMatchObject({
      code: 'CONFIG_INVALID',
      disposition: 'reject',
      meta: { key },
    });
  });

  it('names an inner key by its whole path', () => {
    const source = { lightClients: [{ id: 'ethereum', kind: 'ethereum', url: 'not a URL' }] };
    const attempt = () => loadConfig(clientConfigSchema, source, {}, 'VEILSPAN_CLIENT');
    expect(refusal(attempt)).toMatchObject({
      code: 'CONFIG_INVALID',
      meta: { key: 'lightClients.0.url' },
    });
  });

  it('that does not exist, or is no JSON object, is refused by its path', () => {
    for (const file of [
      `${config('relayer')}.missing`,
      join(import.meta.dirname, 'load.test.ts'),
    ]) {
      const attempt = () => loadConfig(devnetConfigSchema, file, {}, 'VEILSPAN_DEVNET');
      expect(refusal(attempt)).toMatchObject({ code: 'CONFIG_UNREADABLE', meta: { key: file } });
    }
  });
});

describe('the environment', () => {
  it('is read over the file: texts as they are, inner keys by two underscores', () => {
    const { journal, queue } = relayer({
      VEILSPAN_RELAYER__JOURNAL__POSTGRES_URL: 'postgres://db/journal',
      VEILSPAN_RELAYER__QUEUE__REDIS_URL: 'redis://queue:6379',
    });
    expect(journal.postgresUrl?.reveal()).toBe('postgres://db/journal');
    expect(queue.redisUrl?.reveal()).toBe('redis://queue:6379');
    expect(journal.folder).toBe('.veilspan/relayer');
  });

  it('sets entries of lists by their places', () => {
    const { chains, lightClients } = relayer({
      VEILSPAN_RELAYER__CHAINS__0__URL: 'http://node:1',
      VEILSPAN_RELAYER__CHAINS__1__FROM_BLOCK: '7',
      VEILSPAN_RELAYER__CHAINS__1__ROUTE: '{"paraId":1000}',
      VEILSPAN_RELAYER__LIGHT_CLIENTS__1__URL: 'ws://relay:2',
    });
    expect(chains.map(({ url, route, fromBlock }) => [url, route, fromBlock])).toEqual([
      ['http://node:1', 'direct', 0],
      ['ws://127.0.0.1:9944', { paraId: 1000 }, 7],
    ]);
    expect(lightClients.map(({ url }) => url)).toEqual(['http://127.0.0.1:5052', 'ws://relay:2']);
  });

  it('sets a key inside one that may have several forms', () => {
    const at = 'VEILSPAN_RELAYER__CHAINS__1__ROUTE__PARA_ID';
    expect(relayer({ [at]: '1000' }).chains[1]?.route).toEqual({ paraId: 1000 });
    expect(refusal(() => relayer({ [at]: 'relay' }))).toMatchObject({
      code: 'CONFIG_INVALID',
      meta: { key: at },
    });
  });

  it('adds entries to a list one after the other, and to one that it gives as a whole', () => {
    const added = relayer({
      VEILSPAN_RELAYER__ENCLAVES__2: 'c',
      VEILSPAN_RELAYER__ENCLAVES__1: 'b',
    });
    expect(added.enclaves).toEqual(['.veilspan/enclave.sock', 'b', 'c']);
    const whole = relayer({
      VEILSPAN_RELAYER__ENCLAVES__1: 'z',
      VEILSPAN_RELAYER__ENCLAVES: '["x","y"]',
    });
    expect(whole.enclaves).toEqual(['x', 'z']);
  });

  it.each(['3', '01', 'FIRST', ''])('names no entry of a list by "%s"', (place) => {
    const name = `VEILSPAN_RELAYER__ENCLAVES__${place}`;
    expect(refusal(() => relayer({ [name]: 'a' }))).toMatchObject({
      code: 'CONFIG_INVALID',
      meta: { key: name },
    });
  });

  it('gives numbers and lists as JSON', () => {
    const { pollMs, enclaves } = relayer({
      VEILSPAN_RELAYER__POLL_MS: '250',
      VEILSPAN_RELAYER__ENCLAVES: '["a.sock","b:1"]',
    });
    expect({ pollMs, enclaves }).toEqual({ pollMs: 250, enclaves: ['a.sock', 'b:1'] });
  });

  it('keeps a text of digits a text where the key wants one', () => {
    expect(devnet({}, { VEILSPAN_DEVNET__FOLDER: '1234' }).folder).toBe('1234');
  });

  it.each([
    ['unknown', 'VEILSPAN_RELAYER__JOURNAL__MYSQL_URL', 'mysql://db'],
    ['of the wrong type', 'VEILSPAN_RELAYER__POLL_MS', 'often'],
    ['out of range', 'VEILSPAN_RELAYER__POLL_MS', '49'],
    ['no address', 'VEILSPAN_RELAYER__BENEFICIARY', '0x12'],
  ])('is refused by the name of a variable that is %s', (_, name, text) => {
    expect(refusal(() => relayer({ [name]: text }))).toMatchObject({
      code: 'CONFIG_INVALID',
      meta: { key: name },
    });
  });

  it('of other programs is left alone', () => {
    expect(devnet({}, { VEILSPAN_DEVNETS__SLOT_MS: '1', SLOT_MS: '1' }).slotMs).toBe(1000);
  });
});

describe('a secret', () => {
  it('is printed by nothing that prints a configuration', () => {
    const secret = `0x${'5e'.repeat(32)}`;
    const [chain] = relayer({ VEILSPAN_RELAYER__CHAINS__0__SIGNER: secret }).chains;
    expect(chain?.signer.reveal()).toBe(secret);
    const signer = chain?.signer;
    expect(JSON.stringify({ signer }) + inspect({ signer }) + String(signer)).not.toContain('5e5e');
  });
});

describe('the chains of a configuration', () => {
  const refused = (env: Record<string, string>) => refusal(() => relayer(env)).meta;

  it.each([
    [
      'twice the same chain',
      'CHAINS__1__CHAIN_ID',
      '31337',
      'VEILSPAN_RELAYER__CHAINS__1__CHAIN_ID',
    ],
    ['twice the same name', 'CHAINS__1__NAME', 'ethereum', 'VEILSPAN_RELAYER__CHAINS__1__NAME'],
    ['a light client that is not there', 'LIGHT_CLIENTS__0__ID', 'mainnet', 'chains.0.lightClient'],
    ['a light client of another kind', 'CHAINS__1__KIND', 'ethereum', 'chains.1.lightClient'],
    ['an anchor on none of them', 'ANCHOR__CHAIN_ID', '1', 'VEILSPAN_RELAYER__ANCHOR__CHAIN_ID'],
  ])('are refused with %s', (_, variable, text, key) => {
    expect(refused({ [`VEILSPAN_RELAYER__${variable}`]: text })).toMatchObject({ key });
  });
});

describe('a variable that ends in _FILE', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-secrets-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const fileOf = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it.each(['//Alice', '//Alice\n', '//Alice\r\n'])(
    'sets its key to what the file holds, without the end of the line: %j',
    (text) => {
      const { chains } = relayer({ VEILSPAN_RELAYER__CHAINS__0__SIGNER_FILE: fileOf('a', text) });
      expect(chains[0]?.signer.reveal()).toBe('//Alice');
    },
  );

  it('sets any key, as JSON where the key wants it', () => {
    const config = relayer({ VEILSPAN_RELAYER__POLL_MS_FILE: fileOf('b', '750\n') });
    expect(config.pollMs).toBe(750);
  });

  it('is refused by its own name where there is no such file', () => {
    const name = 'VEILSPAN_RELAYER__JOURNAL__POSTGRES_URL_FILE';
    const attempt = () => relayer({ [name]: join(folder, 'none') });
    expect(refusal(attempt)).toMatchObject({ code: 'CONFIG_UNREADABLE', meta: { key: name } });
  });

  it('is refused beside the variable without it: one of them would not count', () => {
    const key = 'VEILSPAN_RELAYER__CHAINS__0__SIGNER';
    const attempt = () => relayer({ [key]: '//Bob', [`${key}_FILE`]: fileOf('c', '//Alice') });
    expect(refusal(attempt)).toMatchObject({
      code: 'CONFIG_INVALID',
      meta: { key: `${key}_FILE` },
    });
  });

  it('has nothing of the file repeated in an error', () => {
    const file = fileOf('d', 'hush hush');
    const error = refusal(() => relayer({ VEILSPAN_RELAYER__POLL_MS_FILE: file }));
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      meta: { key: 'VEILSPAN_RELAYER__POLL_MS_FILE' },
    });
    expect(inspect(error)).not.toContain('hush');
  });
});
