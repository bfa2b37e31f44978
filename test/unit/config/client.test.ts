import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clientConfigSchema } from '../../../src/config/client.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { refusal } from '../../support/refusal.ts';

const EXAMPLE = join(import.meta.dirname, '../../../config/client.example.json');
type Json = Record<string, Record<string, unknown>[]>;

describe('a client’s configuration', () => {
  it('takes a third chain that shares a light client, by configuration alone', () => {
    const { chains } = load(({ chains }) => {
      const third = { chainId: 420420500, name: 'polkadot-2', route: { paraId: 1001 } };
      chains?.push({ ...chains[1], ...third });
    });
    expect(chains.map(({ chainId, name }) => `${name} ${chainId}`)).toEqual([
      'ethereum 31337',
      'polkadot 420420499',
      'polkadot-2 420420500',
    ]);
    expect(chains[2]?.route).toEqual({ paraId: 1001 });
  });

  it.each<[string, (config: Json) => void]>([
    ['chains.1.chainId', ({ chains }) => set(chains, 1, 'chainId', 31337)],
    ['chains.1.name', ({ chains }) => set(chains, 1, 'name', 'ethereum')],
    ['chains.1.lightClient', ({ chains }) => set(chains, 1, 'lightClient', 'ethereum')],
    ['chains.0.lightClient', ({ chains }) => set(chains, 0, 'lightClient', 'nobody')],
    ['chains.0.name', ({ chains }) => set(chains, 0, 'name', 'Ethereum')],
    ['chains.0.route', ({ chains }) => set(chains, 0, 'route', 'beacon')],
    ['lightClients.2.id', ({ lightClients }) => lightClients?.push({ ...lightClients[0] })],
    ['tokens.0.addresses.7', ({ tokens }) => set(tokens, 0, 'addresses', { 7: address(1) })],
    ['tokens.0.addresses.x', ({ tokens }) => set(tokens, 0, 'addresses', { x: address(1) })],
    ['anchor.chainId', (config) => Object.assign(config['anchor'] ?? {}, { chainId: 7 })],
    ['chains', ({ chains }) => chains?.pop()],
  ])('refuses what does not fit together, by its key: %s', (key, change) => {
    expect(refusal(() => load(change))).toMatchObject({ code: 'CONFIG_INVALID', meta: { key } });
  });
});

function load(change: (config: Json) => unknown) {
  const config = JSON.parse(readFileSync(EXAMPLE, 'utf8'));
  change(config);
  return loadConfig(clientConfigSchema, config, {}, 'VEILSPAN_CLIENT');
}

function set(list: Record<string, unknown>[] | undefined, at: number, key: string, value: unknown) {
  Object.assign(list?.[at] ?? {}, { [key]: value });
}

function address(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0').repeat(20)}`;
}
