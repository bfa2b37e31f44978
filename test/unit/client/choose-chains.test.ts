import { expect, test } from 'vitest';
import { chooseChains } from '../../../src/client/choose-chains.ts';
import { clientChain } from '../../support/client-chain.ts';
import { refusal } from '../../support/refusal.ts';

const two = { chains: [clientChain(1n, { name: 'one' }), clientChain(2n, { name: 'two' })] };
const three = { chains: [...two.chains, clientChain(3n, { name: 'three' })] };

test('of two chains the other one is the destination unless one is named', () => {
  expect(chosen(two, 'one')).toEqual([1n, 2n]);
  expect(chosen(two, 'two')).toEqual([2n, 1n]);
  expect(chosen(two, 'two', 'one')).toEqual([2n, 1n]);
});

test('of three chains the destination has to be named', () => {
  expect(chosen(three, 'one', 'three')).toEqual([1n, 3n]);
  expect(refusal(() => chooseChains(three, 'one'))).toMatchObject({
    code: 'CONFIG_DESTINATION_MISSING',
    meta: { chain: 'one', choices: 'two, three' },
  });
});

test.each([
  ['CONFIG_CHAIN_UNKNOWN', ['four'], { chain: 'four', choices: 'one, two, three' }],
  ['CONFIG_CHAIN_UNKNOWN', ['one', 'four'], { chain: 'four', choices: 'one, two, three' }],
  ['CONFIG_DESTINATION_IS_SOURCE', ['one', 'one'], { chain: 'one', choices: 'two, three' }],
])('%s of %j names the chains there are', (code, [from = '', to], meta) => {
  expect(refusal(() => chooseChains(three, from, to))).toMatchObject({ code, meta });
});

function chosen(of: typeof two, from: string, to?: string): bigint[] {
  const { source, destination } = chooseChains(of, from, to);
  return [source.chainId, destination.chainId];
}
