import { describe, expect, it, vi } from 'vitest';
import { loadAdapter } from '../../../src/chains/kinds.ts';
import { createLazyChain } from '../../../src/chains/lazy-chain.ts';
import { createLazyFinality } from '../../../src/chains/lazy-finality.ts';
import { type BridgedChain, ChainError } from '../../../src/chains/shared/bridged-chain.ts';
import type { FinalitySource, FinalityStep } from '../../../src/chains/shared/finality-source.ts';
import type { Joining } from '../../../src/chains/shared/joining.ts';
import type { LightClientStatus } from '../../../src/protocol/enclave-commands.ts';
import { asyncRefusal } from '../../support/async-refusal.ts';

const URLS = { url: 'http://a.example:1', urls: ['http://b.example:2'] };
const SECRET = `0x${'11'.repeat(32)}`;
const CALL = { to: null, data: '0x01', valueWei: 0n } as const;

/** What joins when a test says so. */
function later<T>() {
  let opened: T | undefined;
  const close = vi.fn(async () => undefined);
  const joining: Joining<T> = {
    get opened() {
      return opened;
    },
    get: async () => {
      if (opened !== undefined) return opened;
      throw new ChainError('CHAIN_UNAVAILABLE', { chain: 'x', what: 'is away' });
    },
    opening: Promise.withResolvers<T>().promise,
    close,
  };
  return {
    joining,
    close,
    join: (part: Partial<T>) => {
      opened = part as T;
    },
  };
}

async function lazyChain() {
  const { joining, join, close } = later<BridgedChain>();
  const { addressOf } = await loadAdapter('ethereum');
  const chain = createLazyChain({ name: 'x', chainId: 5n, ...URLS }, joining, addressOf);
  return { chain, join, close };
}

describe('a chain that need not be there yet', () => {
  it('has its name, its id and its nodes, which have not answered, and fails what it is asked', async () => {
    const { chain } = await lazyChain();
    expect([chain.name, chain.chainId]).toEqual(['x', 5n]);
    expect(chain.endpoints().map(({ host, answers }) => [host, answers])).toEqual([
      ['a.example:1', 0],
      ['b.example:2', 0],
    ]);
    expect(chain.endpoints().every(({ score }) => score < 1)).toBe(true);
    expect([chain.calls().size, chain.distrust('it lied')]).toEqual([0, undefined]);
    const questions = [
      chain.head(),
      chain.word('0x01', '0x02'),
      chain.blockTimeSec('0x03'),
      chain.contractTrieId('0x04'),
    ];
    for (const question of questions) {
      expect(await asyncRefusal(question)).toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
    }
  });

  it('asks the chain that has joined, with all that it was asked with', async () => {
    const { chain, join } = await lazyChain();
    const word = vi.fn(async () => '0x07' as const);
    const distrust = vi.fn(() => 'a.example:1');
    join({ word, distrust, calls: () => new Map([['eth_call', 2]]) });
    expect(await chain.word('0x01', '0x02', '0x03')).toBe('0x07');
    expect(word).toHaveBeenCalledWith('0x01', '0x02', '0x03');
    expect(chain.distrust('it lied')).toBe('a.example:1');
    expect(chain.calls().get('eth_call')).toBe(2);
  });

  it('makes an account ready once, when it is first used, and shows no more of it than its address', async () => {
    const { chain, join } = await lazyChain();
    const account = await chain.signer(SECRET);
    expect(JSON.stringify(account)).toBe(
      '{"address":"0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"}',
    );
    expect(await asyncRefusal(chain.nonceOf(account))).toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
    const own = { address: account.address };
    const signer = vi.fn(async () => own);
    signer.mockRejectedValueOnce(new ChainError('CHAIN_TIMEOUT', { chain: 'x', what: 'is late' }));
    const nonceOf = vi.fn(async () => 7);
    const sign = vi.fn(async () => undefined as never);
    join({ signer, nonceOf, sign });
    expect(await asyncRefusal(chain.nonceOf(account))).toMatchObject({ code: 'CHAIN_TIMEOUT' });
    expect(await chain.nonceOf(account)).toBe(7);
    await chain.sign(account, CALL, { nonce: 7 });
    expect(nonceOf.mock.calls).toEqual([[own]]);
    expect(sign.mock.calls).toEqual([[own, CALL, { nonce: 7 }]]);
    expect(signer.mock.calls).toEqual([[SECRET], [SECRET]]);
  });

  it('gives the chain an account before it asks what that has, and no other', async () => {
    const { chain, join } = await lazyChain();
    const { address } = await chain.signer(SECRET);
    const known = new Set<string>();
    const signer = vi.fn(async () => {
      known.add(address);
      return { address };
    });
    join({ signer, balanceWei: async (of) => (known.has(of) ? 7n : 0n) });
    expect(await chain.balanceWei('0x02')).toBe(0n);
    expect(signer).not.toHaveBeenCalled();
    expect(await chain.balanceWei(address)).toBe(7n);
  });

  it('refuses a secret that is none, and an account of another chain, without a node', async () => {
    const { chain } = await lazyChain();
    const invalid = { code: 'CHAIN_SIGNER_INVALID', meta: { chain: 'x' } };
    expect(await asyncRefusal(chain.signer('//Bob'))).toMatchObject(invalid);
    const { chain: other } = await lazyChain();
    const account = await other.signer(SECRET);
    const { chain: opened, join } = await lazyChain();
    join({ nonceOf: async () => 7 });
    expect(await asyncRefusal(opened.nonceOf(account))).toMatchObject(invalid);
  });
});

describe('a source of finality that need not be there yet', () => {
  it('fails what it is asked, and then gives each step of the one that has joined and takes what it led to', async () => {
    const { joining, join } = later<FinalitySource>();
    const source = createLazyFinality({ ...URLS, kind: 'ethereum' }, joining);
    const status = { client: 'x' } as LightClientStatus;
    expect([source.kind, source.overtaken.size]).toEqual(['ethereum', 0]);
    expect([source.endpoints().length, source.calls().size]).toEqual([2, 0]);
    expect(source.distrust('it lied')).toBeUndefined();
    expect(await asyncRefusal(source.isDue(status))).toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
    expect(await asyncRefusal(source.follow(status).next())).toMatchObject({
      code: 'CHAIN_UNAVAILABLE',
    });
    const heard: unknown[] = [];
    const step: FinalityStep = { command: 'advance', params: { client: 'x', updates: [] } };
    join({
      overtaken: new Set(['ETHEREUM_SIGNATURE_PERIOD']),
      isDue: async () => true,
      async *follow(from) {
        heard.push(from);
        heard.push(yield step);
      },
    });
    expect([await source.isDue(status), source.overtaken.size]).toEqual([true, 1]);
    const steps = source.follow(status);
    expect(await steps.next()).toEqual({ done: false, value: step });
    const after = { client: 'x', kind: 'ethereum' } as LightClientStatus;
    expect((await steps.next(after)).done).toBe(true);
    expect(heard).toEqual([status, after]);
  });
});
