import { describe, expect, it } from 'vitest';
import { ethereumConfigSchema } from '../../../../src/light-client/ethereum/config.ts';
import { HOODI, MAINNET, SEPOLIA } from '../../../../src/light-client/ethereum/networks.ts';
import { WORLD } from '../../../support/ethereum-world.ts';

const { forks } = WORLD;
const checkpointRoot = WORLD.checkpointRoot;

/** The keys that the schema complains about. */
function complaints(config: object): string[] {
  const { error } = ethereumConfigSchema.safeParse(config);
  return (error?.issues ?? []).map(({ path }) => path.join('.'));
}

describe('the configuration of the Ethereum light client', () => {
  it.each([
    ['mainnet', MAINNET],
    ['sepolia', SEPOLIA],
    ['hoodi', HOODI],
  ])('is complete for %s but for the checkpoint', (_, network) => {
    expect(ethereumConfigSchema.parse({ ...network, checkpointRoot }).forks).toEqual(network.forks);
    expect(complaints(network)).toEqual(['checkpointRoot']);
  });

  it.each<[string, object, string]>([
    ['a time of half a second', { checkpointTimestampSec: 1.5 }, 'checkpointTimestampSec'],
    ['a time before 1970', { checkpointTimestampSec: -1 }, 'checkpointTimestampSec'],
    ['a genesis at half a second', { genesisTimeSec: 0.5 }, 'genesisTimeSec'],
    ['a genesis before 1970', { genesisTimeSec: -1 }, 'genesisTimeSec'],
  ])('refuses %s', (_, change, key) => {
    expect(complaints({ ...WORLD, ...change })).toEqual([key]);
    expect(complaints({ ...WORLD, [key]: 0 })).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['an unknown preset', { preset: 'gnosis' }, 'preset'],
    ['a short root', { genesisValidatorsRoot: '0x11' }, 'genesisValidatorsRoot'],
    ['an upper-case root', { checkpointRoot: `0x${'AB'.repeat(32)}` }, 'checkpointRoot'],
    ['no forks', { forks: [] }, 'forks'],
    ['forks in another order', { forks: [...forks].reverse() }, 'forks'],
    ['a fork twice', { forks: [forks[0], forks[0]] }, 'forks'],
    [
      'epochs that decrease',
      {
        forks: [
          { ...forks[0], epoch: 9 },
          { ...forks[1], epoch: 8 },
        ],
      },
      'forks',
    ],
    ['a negative epoch', { forks: [{ ...forks[0], epoch: -1 }] }, 'forks.0.epoch'],
    ['half an epoch', { forks: [{ ...forks[0], epoch: 0.5 }] }, 'forks.0.epoch'],
    [
      'a version of three bytes',
      { forks: [{ ...forks[0], version: '0x030000' }] },
      'forks.0.version',
    ],
    ['a fork of no specification', { forks: [{ ...forks[0], name: 'ivy' }] }, 'forks.0.name'],
    ['an unknown key', { minParticipants: 1 }, ''],
  ])('refuses %s and names the key', (_, change, key) => {
    expect(complaints({ ...WORLD, ...change })).toContain(key);
  });

  it('accepts forks that share an epoch, as devnets have them', () => {
    const atGenesis = forks.slice(0, 3).map((fork) => ({ ...fork, epoch: 0 }));
    expect(complaints({ ...WORLD, forks: atGenesis })).toEqual([]);
  });
});
