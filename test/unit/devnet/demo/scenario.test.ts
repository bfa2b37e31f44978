import { expect, test } from 'vitest';
import { chooseScenario, type TransferPlan } from '../../../../devnet/demo/scenario.ts';
import type { LocalChain } from '../../../../devnet/local-chains.ts';

function chainsNamed(...names: string[]): LocalChain[] {
  return names.map((name, i) => ({
    chainId: BigInt(i + 1),
    name,
    kind: i === 0 ? 'ethereum' : 'substrate',
    url: 'http://127.0.0.1',
    lightClient: 'any',
    route: 'direct',
    lagSec: 6,
  }));
}

const SOLO = { chains: chainsNamed('ethereum', 'polkadot') };
const PARACHAINS = { chains: chainsNamed('ethereum', 'polkadot', 'polkadot-2') };
const destinations = (plans: readonly TransferPlan[]) =>
  plans.flatMap(({ payouts }) => payouts.map(({ to }) => to));

test('between two chains the demo has ten transfers, none of a chain that is not there', () => {
  const { first, second, payers } = chooseScenario(SOLO);
  expect([first.length, second.length]).toEqual([9, 1]);
  expect(payers.map(({ name }) => name)).not.toContain('oscar');
  for (const to of destinations([...first, ...second])) {
    expect(['ethereum', 'polkadot']).toContain(to);
  }
});

test('with a second parachain it has one between the two and one from the second to Ethereum', () => {
  const { first, second, payers } = chooseScenario(PARACHAINS);
  expect([first.length, second.length]).toEqual([11, 1]);
  const from = new Map(payers.map(({ name, chain }) => [name, chain]));
  const ways = first.flatMap(({ payer, payouts }) =>
    payouts.map(({ to }) => `${from.get(payer)} > ${to}`),
  );
  expect(ways).toContain('polkadot > polkadot-2');
  expect(ways).toContain('polkadot-2 > ethereum');
});

test('two depositors meet in one pool, and one is alone in another', () => {
  const pools = Map.groupBy(
    chooseScenario(SOLO).first.filter(({ way }) => way === 'pooled'),
    ({ symbol, payouts }) => `${symbol} ${payouts[0]?.to} ${payouts[0]?.amount}`,
  );
  const depositors = [...pools.values()].map((plans) => plans.map(({ payer }) => payer));
  expect(depositors).toEqual([['dave', 'charlie'], ['dave']]);
});

test('every way over the bridge is shown, and an order that somebody else posts', () => {
  const { first, second } = chooseScenario(SOLO);
  const ways = new Set([...first, ...second].map(({ way }) => way));
  expect([...ways].sort()).toEqual(['direct', 'pooled', 'posted', 'transparent', 'unopenable']);
});
