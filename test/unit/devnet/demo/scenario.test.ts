import { expect, test } from 'vitest';
import { chooseScenario } from '../../../../devnet/demo/scenario.ts';
import type { LocalChain } from '../../../../devnet/local-chains.ts';

function chainsNamed(...names: string[]): LocalChain[] {
  return names.map((name, i) => ({
    chainId: BigInt(i + 1),
    name,
    kind: i === 0 ? 'ethereum' : 'substrate',
    url: 'http://127.0.0.1',
    lightClient: 'any',
    route: 'direct',
  }));
}

test('between two chains the demo has seven transfers, none of a chain that is not there', () => {
  const { first, second, payers } = chooseScenario({ chains: chainsNamed('ethereum', 'polkadot') });
  expect([first.length, second.length]).toEqual([5, 2]);
  expect(payers.map(({ name }) => name)).not.toContain('oscar');
  for (const { to } of [...first, ...second]) expect(['ethereum', 'polkadot']).toContain(to);
});

test('with a second parachain it has one between the two and one from the second to Ethereum', () => {
  const chains = chainsNamed('ethereum', 'polkadot', 'polkadot-2');
  const { first, second, payers } = chooseScenario({ chains });
  expect([first.length, second.length]).toEqual([7, 2]);
  const from = new Map(payers.map(({ name, chain }) => [name, chain]));
  const ways = first.map(({ payer, to }) => `${from.get(payer)} > ${to}`);
  expect(ways).toContain('polkadot > polkadot-2');
  expect(ways).toContain('polkadot-2 > ethereum');
});

test('every transfer has one payout that takes the rest, the last', () => {
  const chains = chainsNamed('ethereum', 'polkadot', 'polkadot-2');
  const { first, second } = chooseScenario({ chains });
  for (const { payouts } of [...first, ...second]) {
    const open = payouts.map(({ amount }) => amount === undefined);
    expect(open).toEqual(payouts.map((_, i) => i === payouts.length - 1));
  }
});
