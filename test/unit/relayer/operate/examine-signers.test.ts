import { describe, expect, it } from 'vitest';
import { ChainError } from '../../../../src/chains/shared/bridged-chain.ts';
import { DEFAULT_CEILINGS } from '../../../../src/chains/shared/fee-ceilings.ts';
import type { RelayerChain } from '../../../../src/config/relayer.ts';
import { Secret } from '../../../../src/config/secret.ts';
import {
  type SignerSurroundings,
  signerChecks,
} from '../../../../src/relayer/operate/examine-signers.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

const SIGNER: Hex = `0x${'0b'.repeat(20)}`;
const COMMITTER: Hex = `0x${'0c'.repeat(20)}`;

/** What the accounts have, and what the market asks for a unit of gas. */
interface Market {
  readonly balance?: bigint;
  readonly nonce?: number;
  readonly askedWei?: bigint;
  readonly anchorId?: bigint;
  readonly nextNonce?: number;
}

async function examined(market: Market): Promise<Map<string, string>> {
  const { balance = 100n, nonce = 3, askedWei = 1n, anchorId = 1n, nextNonce = 3 } = market;
  const chain = {
    signer: async (secret: string) => ({ address: secret === 'committer' ? COMMITTER : SIGNER }),
    balanceWei: async () => balance,
    nonceOf: async () => nonce,
    sign: async (
      _: unknown,
      call: { valueWei: bigint },
      terms: { ceilings: typeof DEFAULT_CEILINGS },
    ) => {
      if (terms.ceilings.feePerGasWei >= askedWei)
        return { costWei: 21_000n * askedWei + call.valueWei };
      throw new ChainError('CHAIN_FEE_ABOVE_CEILING', { chain: 'one', what: 'it asks for more' });
    },
  };
  const entry = {
    name: 'one',
    chainId: 1n,
    signer: new Secret('signer'),
    commitSigner: new Secret('committer'),
    inFlight: 1,
    spending: { ...DEFAULT_CEILINGS, dayWei: 1n, leastBalanceWei: 50n },
  };
  const accounts = [{ chainId: '1', account: SIGNER, nextNonce }];
  const seen = {
    config: { anchor: { chainId: anchorId } },
    entry: entry as unknown as RelayerChain,
    chain,
    name: 'chain one',
    standing: { cursors: [], lastCommit: null, accounts },
    isRunning: false,
  } as unknown as SignerSurroundings;
  const findings = await Promise.all(signerChecks(seen).map(({ look }) => look()));
  return new Map(findings.map(({ check, verdict }) => [check, verdict]));
}

describe('the accounts that submit', () => {
  it('with coins, on a market within half of the ceilings, are well', async () => {
    expect(await examined({})).toEqual(
      new Map([
        ['chain one: signer', 'ok'],
        ['chain one: commit signer', 'ok'],
        ['chain one: fees', 'ok'],
      ]),
    );
  });

  it('are looked at where they are used: commits go to the anchor alone', async () => {
    expect((await examined({ anchorId: 2n })).has('chain one: commit signer')).toBe(false);
  });

  it.each([
    ['are empty', { balance: 0n }, 'fail'],
    ['have less than they should', { balance: 49n }, 'warn'],
    ['have a nonce that the journal knows nothing of', { nonce: 5 }, 'warn'],
    ['are behind the journal', { nextNonce: 9 }, 'warn'],
  ] satisfies [string, Market, string][])('that %s are told of', async (_, market, verdict) => {
    expect((await examined(market)).get('chain one: signer')).toBe(verdict);
  });

  it.each([
    ['nears', DEFAULT_CEILINGS.feePerGasWei, 'warn'],
    ['is above', 2n * DEFAULT_CEILINGS.feePerGasWei, 'fail'],
  ] as const)('are told of when the market %s their ceilings', async (_, askedWei, verdict) => {
    expect((await examined({ askedWei })).get('chain one: fees')).toBe(verdict);
  });
});
