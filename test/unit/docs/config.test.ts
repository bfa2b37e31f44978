import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configKeys, configPage, PROCESSES } from '../../../scripts/lib/config-docs.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { parseMeasuredConfig } from '../../../src/enclave/measured-config.ts';

const root = join(import.meta.dirname, '../../..');
const exampleOf = (name: string) => join(root, 'config', `${name}.example.json`);

describe('the page of the configuration', () => {
  it('is what `node scripts/write-config-docs.mjs` writes', () => {
    expect(readFileSync(join(root, 'docs/config.md'), 'utf8')).toBe(configPage());
  });

  it.each(PROCESSES)('describes every key of $name.json', ({ schema }) => {
    const keys = configKeys(schema);
    expect(keys.length).toBeGreaterThan(3);
    expect(keys.filter(({ description }) => description === '')).toEqual([]);
  });
});

describe('the examples', () => {
  it.each(PROCESSES)('have a $name.json that its process takes', ({ name, schema, prefix }) => {
    expect(loadConfig(schema, exampleOf(name), {}, prefix)).toBeTypeOf('object');
  });

  it.each(PROCESSES)('show every key of $name.json that must be given', ({ name, schema }) => {
    const example = JSON.parse(readFileSync(exampleOf(name), 'utf8'));
    const top = configKeys(schema).filter(
      ({ path, isRequired }) => path.length === 1 && isRequired,
    );
    const names = top.map(({ path }) => path[0]?.replace('[]', '') ?? '');
    expect(Object.keys(example)).toEqual(expect.arrayContaining(names));
  });

  it('have a measured configuration that an enclave takes', () => {
    const { measured } = JSON.parse(readFileSync(exampleOf('enclave'), 'utf8'));
    expect(parseMeasuredConfig(measured).epoch).toBe(1n);
  });
});
