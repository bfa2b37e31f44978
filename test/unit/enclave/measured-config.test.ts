import { describe, expect, it } from 'vitest';
import {
  computeMeasurement,
  hashMeasuredConfig,
  parseMeasuredConfig,
} from '../../../src/enclave/measured-config.ts';
import { toHex, utf8 } from '../../../src/shared/bytes.ts';
import { TEST_CONFIG } from '../../support/enclave-world.ts';
import { refusal } from '../../support/refusal.ts';

const bundle = utf8('code');
const addon = utf8('addon');

describe('the measured configuration', () => {
  it('is read as it is written', () => {
    const config = parseMeasuredConfig(JSON.parse(JSON.stringify(TEST_CONFIG)));
    expect(config.ethereum.chainId).toBe(31337n);
    expect(config.polkadot.lightClient.topology).toBe('solo');
  });

  it.each([
    ['an unknown key', { ...TEST_CONFIG, colour: 'red' }, 'colour'],
    ['a missing key', { ...TEST_CONFIG, epoch: undefined }, 'epoch'],
    ['an epoch of zero', { ...TEST_CONFIG, epoch: 0 }, 'epoch'],
    [
      'two chains of one id',
      { ...TEST_CONFIG, polkadot: { ...TEST_CONFIG.polkadot, chainId: 31337 } },
      'polkadot.chainId',
    ],
    [
      'an address in capitals',
      { ...TEST_CONFIG, ethereum: { ...TEST_CONFIG.ethereum, gateway: `0x${'AB'.repeat(20)}` } },
      'ethereum.gateway',
    ],
    [
      'a topology that is none',
      {
        ...TEST_CONFIG,
        polkadot: {
          ...TEST_CONFIG.polkadot,
          lightClient: { ...TEST_CONFIG.polkadot.lightClient, topology: { paraId: -1 } },
        },
      },
      'polkadot.lightClient.topology.paraId',
    ],
  ])('is refused for %s, by name', (_, json, key) => {
    const error = refusal(() => parseMeasuredConfig(json));
    expect(error).toMatchObject({ code: 'ENCLAVE_CONFIG_INVALID', meta: { key } });
    expect(error.message).toContain(key);
  });

  it('has one hash however its file is laid out', () => {
    const { epoch, polkadot, ethereum } = TEST_CONFIG;
    expect(hashMeasuredConfig({ epoch, polkadot, ethereum })).toEqual(
      hashMeasuredConfig(TEST_CONFIG),
    );
  });

  it('changes the measurement with every value, as code and addon do', () => {
    const of = (parts: object) =>
      computeMeasurement({ bundle, addon, config: TEST_CONFIG, ...parts });
    const all = [
      of({}),
      of({ bundle: addon }),
      of({ addon: bundle }),
      of({ config: { ...TEST_CONFIG, epoch: 2 } }),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(toHex(hashMeasuredConfig([1, '1', null, { b: 1, a: [] }]))).not.toBe(
      toHex(hashMeasuredConfig([1, 1, null, { b: 1, a: [] }])),
    );
  });
});
