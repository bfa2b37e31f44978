import { beforeEach, expect, it, vi } from 'vitest';
import { REGISTERED_ABI } from '../../../../src/chains/shared/abi.ts';
import { ChainError } from '../../../../src/chains/shared/bridged-chain.ts';
import type { RelayerConfig } from '../../../../src/config/relayer.ts';
import { Secret } from '../../../../src/config/secret.ts';
import { openOne } from '../../../../src/relayer/operate/examine-chain.ts';
import { readKeys } from '../../../../src/relayer/operate/read-keys.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

vi.mock('../../../../src/relayer/operate/examine-chain.ts', () => ({ openOne: vi.fn() }));

const address = (byte: string): Hex => `0x${byte.repeat(20)}`;
const ACCOUNTS = new Map([
  ['pays', address('5a')],
  ['commits', address('5b')],
]);
const entryOf = (chainId: bigint) => ({
  name: `chain-${chainId}`,
  chainId,
  gateway: address('0a'),
  signer: new Secret('pays'),
  commitSigner: new Secret('commits'),
});
const CONFIG = {
  anchor: { chainId: 1n },
  chains: [entryOf(1n), entryOf(2n)],
  enclaves: [],
} as unknown as RelayerConfig;

beforeEach(() => {
  vi.mocked(openOne).mockImplementation(async (_, { chainId }) => {
    const chain = {
      signer: async (secret: string) => ({ address: ACCOUNTS.get(secret) }),
      balanceWei: async (of: Hex) => (of === ACCOUNTS.get('pays') ? 7n : 3n),
      call: async () => REGISTERED_ABI.encodeFunctionResult('registry', [address('0b')]),
    };
    return { chains: new Map([[chainId, chain]]), close: async () => undefined } as never;
  });
});

it('shows every account that submits, also the one that only commits, on the anchor’s chain alone', async () => {
  const { signers } = await readKeys(CONFIG);
  expect(
    signers.map(({ chain, purpose, ...one }) => [chain, purpose, one.address, one.balanceWei]),
  ).toEqual([
    ['chain-1', 'signer', address('5a'), '7'],
    ['chain-1', 'commit signer', address('5b'), '3'],
    ['chain-2', 'signer', address('5a'), '7'],
  ]);
});

it('shows them too where their chain does not answer', async () => {
  const gone = new ChainError('CHAIN_UNAVAILABLE', { chain: 'one', what: 'gone' });
  vi.mocked(openOne).mockRejectedValue(gone);
  const { signers } = await readKeys(CONFIG);
  expect(signers.map(({ purpose, failure }) => [purpose, failure !== null])).toEqual([
    ['signer', true],
    ['commit signer', true],
    ['signer', true],
  ]);
});
