import { describe, expect, it } from 'vitest';
import {
  computeMeasurement,
  hashMeasuredConfig,
  ledgerRules,
  parseMeasuredConfig,
} from '../../../src/enclave/measured-config.ts';
import { toHex, utf8 } from '../../../src/shared/bytes.ts';
import {
  ANCHOR,
  ANCHOR_TRIE,
  CLIENTS,
  ETHEREUM,
  ETHEREUM_GATEWAY,
  HOUSE,
  POLKADOT,
  POLKADOT_GATEWAY,
  START_SEC,
  TEST_CONFIG,
  withChain,
  withLightClient,
} from '../../support/enclave-world.ts';
import { refusal } from '../../support/refusal.ts';

/** With one more chain behind the relay chain's light client. */
const withTwin = (change: object) => {
  const [, other] = TEST_CONFIG.chains;
  const twin = { ...other, chainId: 7, name: 'twin', ...change };
  return { ...TEST_CONFIG, chains: [...TEST_CONFIG.chains, twin] };
};
const withRounds = (change: object) => ({
  ...TEST_CONFIG,
  rounds: { ...TEST_CONFIG.rounds, ...change },
});
const withPools = (change: object) => ({
  ...TEST_CONFIG,
  pools: { ...TEST_CONFIG.pools, ...change },
});
const bundle = utf8('code');
const addon = utf8('addon');

describe('the measured configuration', () => {
  it('is read as it is written', () => {
    const config = parseMeasuredConfig(JSON.parse(JSON.stringify(TEST_CONFIG)));
    expect(config.chains.map(({ chainId }) => chainId)).toEqual([ETHEREUM, POLKADOT]);
    expect(() => parseMeasuredConfig(withTwin({ route: { paraId: 1000 } }))).not.toThrow();
    expect(config.anchor).toEqual({ chainId: POLKADOT, address: ANCHOR, trieId: ANCHOR_TRIE });
  });

  const { chains, lightClients, anchor } = TEST_CONFIG;
  const gateway = { address: POLKADOT_GATEWAY };
  it.each([
    ['an unknown key', { ...TEST_CONFIG, colour: 'red' }, 'colour'],
    ['a missing key', { ...TEST_CONFIG, epoch: undefined }, 'epoch'],
    ['an epoch of zero', { ...TEST_CONFIG, epoch: 0 }, 'epoch'],
    ['a round of no length', withRounds({ roundSec: 0 }), 'rounds.roundSec'],
    ['a start that is none', withRounds({ startSec: -1 }), 'rounds.startSec'],
    ['messages that are late at once', withRounds({ lateSec: 0 }), 'rounds.lateSec'],
    ['half a second of grace', withRounds({ graceSec: 0.5 }), 'rounds.graceSec'],
    ['a pool without a floor', withPools({ leastRoots: 0 }), 'pools.leastRoots'],
    ['a stay of no time', withPools({ meanStayRounds: 0 }), 'pools.meanStayRounds'],
    ['a chain without its lag', withChain(ETHEREUM, { lagSec: undefined }), 'chains.0.lagSec'],
    ['a house that is no account', { ...TEST_CONFIG, houseAccount: '0x01' }, 'houseAccount'],
    ['two chains of one id', withChain(POLKADOT, { chainId: 31337 }), 'chains.1.chainId'],
    ['two chains of one name', withChain(POLKADOT, { name: 'one' }), 'chains.1.name'],
    [
      'two light clients of one id',
      { ...TEST_CONFIG, lightClients: [...lightClients, lightClients[1]] },
      'lightClients.2.id',
    ],
    [
      'two chains that are reached in the same way',
      withTwin({ route: 'direct' }),
      'chains.2.route',
    ],
    [
      'a light client that is not there',
      withChain(POLKADOT, { lightClient: 'none' }),
      'chains.1.lightClient',
    ],
    [
      'a light client of another kind',
      withChain(POLKADOT, { lightClient: CLIENTS.ethereum }),
      'chains.1.lightClient',
    ],
    [
      'an anchor on a chain that is not there',
      { ...TEST_CONFIG, anchor: { ...anchor, chainId: 1 } },
      'anchor.chainId',
    ],
    [
      'an address in capitals',
      withChain(ETHEREUM, { gateway: { address: `0x${'AB'.repeat(20)}` } }),
      'chains.0.gateway.address',
    ],
    ['a kind that is none', withChain(ETHEREUM, { kind: 'bitcoin' }), 'chains.0.kind'],
    [
      'a gateway without the child trie that its kind has',
      withChain(POLKADOT, { gateway }),
      'chains.1.gateway.trieId',
    ],
    [
      'a gateway with a child trie that its kind has not',
      withChain(ETHEREUM, { gateway: { ...gateway, trieId: ANCHOR_TRIE } }),
      'chains.0.gateway',
    ],
    [
      'an anchor without the child trie that its kind has',
      { ...TEST_CONFIG, anchor: { chainId: anchor.chainId, address: ANCHOR } },
      'anchor.trieId',
    ],
    [
      'a route that its kind has not',
      withChain(ETHEREUM, { route: { paraId: 1000 } }),
      'chains.0.route',
    ],
    [
      'a parachain that is none',
      withChain(POLKADOT, { route: { paraId: -1 } }),
      'chains.1.route.paraId',
    ],
    ['half a parachain', withChain(POLKADOT, { route: { paraId: 0.5 } }), 'chains.1.route'],
    [
      'a parachain beyond 32 bits',
      withChain(POLKADOT, { route: { paraId: 2 ** 32 } }),
      'chains.1.route.paraId',
    ],
    [
      'a checkpoint without authorities',
      withLightClient(CLIENTS.polkadot, { checkpoint: {} }),
      'lightClients.1.checkpoint.number',
    ],
    [
      'more chains than answers have room for',
      { ...TEST_CONFIG, chains: Array(17).fill(chains[0]) },
      'chains',
    ],
  ])('is refused for %s, by name', (_, json, key) => {
    const error = refusal(() => parseMeasuredConfig(json));
    expect(error).toMatchObject({ code: 'ENCLAVE_CONFIG_INVALID', meta: { key } });
    expect(error.message).toContain(key);
  });

  it('gives the ledger its rules, chains by ascending id', () => {
    const turned = { ...TEST_CONFIG, chains: TEST_CONFIG.chains.toReversed() };
    const rules = ledgerRules(parseMeasuredConfig(turned));
    expect(rules).toEqual({
      schedule: { startSec: BigInt(START_SEC), roundSec: 4n },
      chains: [
        { chainId: ETHEREUM, gateway: ETHEREUM_GATEWAY, lagSec: 26n },
        { chainId: POLKADOT, gateway: POLKADOT_GATEWAY, lagSec: 6n },
      ],
      anchor: { chainId: POLKADOT, address: ANCHOR },
      lateSec: 259_200n,
      graceSec: 3600n,
      pools: { leastRoots: 2, meanStayRounds: 2 },
      houseAccount: HOUSE,
      firstEpoch: 1n,
    });
  });

  it('has one hash however its file is laid out', () => {
    const turned = Object.fromEntries(Object.entries(TEST_CONFIG).reverse());
    expect(JSON.stringify(turned)).not.toBe(JSON.stringify(TEST_CONFIG));
    expect(hashMeasuredConfig(turned)).toEqual(hashMeasuredConfig(TEST_CONFIG));
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
