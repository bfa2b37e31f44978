import { expect, test } from 'vitest';
import { ChainCallReverted, ChainError } from '../../../src/chains/shared/bridged-chain.ts';
import { requireContracts } from '../../../src/client/require-contracts.ts';
import { uintWord } from '../../../src/codec/abi.ts';
import { type Hex, toHex } from '../../../src/shared/bytes.ts';
import { ANCHOR, GATEWAY } from '../../support/bridge-logs.ts';
import { clientChain } from '../../support/client-chain.ts';

const CLIENT = {
  chains: [clientChain(1n, { gateway: GATEWAY })],
  anchor: { chainId: 1n, address: ANCHOR },
};
const COUNT = toHex(uintWord(3n));
const check = (answer: (to: Hex) => Hex | Error) => {
  const call = async (to: Hex) => {
    const said = answer(to);
    if (typeof said === 'string') return said;
    throw said;
  };
  return requireContracts(CLIENT, new Map([[1n, { name: 'one', call }]]));
};

test('contracts that answer as a gateway and an anchor do are there', async () => {
  await expect(check(() => COUNT)).resolves.toBeUndefined();
});

test.each([
  ['no code', '0x' as Hex],
  ['another contract', new ChainCallReverted({ chain: 'one', data: '0x', reason: 'none' })],
  ['a contract with answers of its own', '0x1234' as Hex],
])('an address with %s is named, and what should be there', async (_, answer) => {
  await expect(check(() => answer)).rejects.toMatchObject({
    code: 'CONFIG_CONTRACT_MISSING',
    meta: { chain: 'one', what: 'gateway', address: GATEWAY },
  });
  await expect(check((to) => (to === ANCHOR ? answer : COUNT))).rejects.toMatchObject({
    meta: { what: 'anchor', address: ANCHOR },
  });
});

test('a node that does not answer has not said that anything is missing', async () => {
  const gone = new ChainError('CHAIN_UNAVAILABLE', { chain: 'one', what: 'gone' });
  await expect(check(() => gone)).rejects.toBe(gone);
});
