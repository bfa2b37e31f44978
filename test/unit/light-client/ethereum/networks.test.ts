import { describe, expect, it } from 'vitest';
import { HOODI, MAINNET, SEPOLIA } from '../../../../src/light-client/ethereum/networks.ts';

// Written down a second time, row by row: a slip in a version or an epoch makes every signature of that fork fail.
const TABLES = [
  [
    'mainnet',
    MAINNET,
    'altair 0x01000000 74240, bellatrix 0x02000000 144896, capella 0x03000000 194048, ' +
      'deneb 0x04000000 269568, electra 0x05000000 364032, fulu 0x06000000 411392',
    1606824023,
    '0x4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95',
  ],
  [
    'sepolia',
    SEPOLIA,
    'altair 0x90000070 50, bellatrix 0x90000071 100, capella 0x90000072 56832, ' +
      'deneb 0x90000073 132608, electra 0x90000074 222464, fulu 0x90000075 272640, gloas 0x90000076 353024',
    1655733600,
    '0xd8ea171f3c94aea21ebc42a1ed61052acf3f9209c00e4efbaaddac09ed9b8078',
  ],
  [
    'hoodi',
    HOODI,
    'altair 0x20000910 0, bellatrix 0x30000910 0, capella 0x40000910 0, ' +
      'deneb 0x50000910 0, electra 0x60000910 2048, fulu 0x70000910 50688',
    1742213400,
    '0x212f13fc4df078b6cb7db228f1c8307566dcecf900867401a92023d7ba99cb5f',
  ],
] as const;

describe.each(TABLES)('the network %s', (_, network, forks, genesisTimeSec, root) => {
  it('has the whole fork table of its configuration', () => {
    const rows = network.forks.map(({ name, version, epoch }) => `${name} ${version} ${epoch}`);
    expect(rows.join(', ')).toBe(forks);
  });

  it('has the preset, genesis time and genesis validators root of its configuration', () => {
    expect(network).toMatchObject({
      preset: 'mainnet',
      genesisTimeSec,
      genesisValidatorsRoot: root,
    });
  });
});

describe('the network sepolia', () => {
  it('enters Gloas when its clients do', () => {
    const [gloas] = SEPOLIA.forks.slice(-1);
    const atSec = (SEPOLIA.genesisTimeSec ?? 0) + (gloas?.epoch ?? 0) * 32 * 12;
    expect(new Date(1000 * atSec).toISOString()).toBe('2026-10-06T13:53:36.000Z');
  });
});
