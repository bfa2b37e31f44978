import { describe, expect, it } from 'vitest';
import { LIFETIME_BLOCKS } from '../../../../src/chains/shared/await-inclusion.ts';
import { ChainError, type ChainErrorCode } from '../../../../src/chains/shared/bridged-chain.ts';
import { submitAndWait } from '../../../../src/chains/shared/submit-and-wait.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import {
  createScriptedChain,
  type ScriptedChain,
  SIGNED,
  scriptedPatience,
} from '../../../support/scripted-chain.ts';

const failure = (code: ChainErrorCode) => () =>
  new ChainError(code, { chain: 'scripted', what: 'as the test says' });

/** An account that signs 0x01, 0x02 and so on, and what each was to outbid. */
function accountOn(chain: ScriptedChain, onPause: () => void = () => chain.grow()) {
  const outbid: (Hex | undefined)[] = [];
  const signer = { address: `0x${'aa'.repeat(20)}` as const };
  const { patience } = scriptedPatience(onPause);
  const sign = async (outbids: Hex | undefined) => {
    outbid.push(outbids);
    const raw: Hex = `0x0${outbid.length}`;
    return { ...SIGNED, raw, hash: raw, signedAt: chain.height() };
  };
  return { outbid, submit: () => submitAndWait(chain, { signer, patience, sign }) };
}

describe('a submission', () => {
  it('is signed, handed over once and awaited', async () => {
    const chain = createScriptedChain({ includedAt: 2 });
    const { submit, outbid } = accountOn(chain);
    expect(await submit()).toMatchObject({ transactionHash: '0x01', blockNumber: 2 });
    expect(chain.broadcasts).toEqual(['0x01']);
    expect(outbid).toEqual([undefined]);
  });

  it('whose nonce another process of the same key was quicker with is lost at once', async () => {
    const scripted = createScriptedChain({});
    const chain = Object.assign(scripted, { nonceOf: async () => SIGNED.nonce + 1 });
    const { submit } = accountOn(chain);
    expect((await asyncRefusal(submit())).code).toBe('CHAIN_TRANSACTION_LOST');
    expect(scripted.height()).toBeLessThan(LIFETIME_BLOCKS);
  });

  it('whose broadcast has no answer is looked for, and found in its block', async () => {
    const chain = createScriptedChain({ includedAt: 2 });
    chain.failing.broadcast = failure('CHAIN_TIMEOUT');
    const { submit, outbid } = accountOn(chain, () => {
      chain.failing.broadcast = undefined;
      chain.grow();
    });
    expect(await submit()).toMatchObject({ transactionHash: '0x01', blockNumber: 2 });
    expect(outbid).toHaveLength(1);
    // Handed over again until the node had said that it has it.
    expect([...new Set(chain.broadcasts)]).toEqual(['0x01']);
  });

  it('that the node refuses is refused at once, and leaves nothing open', async () => {
    const chain = createScriptedChain({});
    chain.failing.broadcast = failure('CHAIN_TRANSACTION_REFUSED');
    const { submit, outbid } = accountOn(chain);
    expect((await asyncRefusal(submit())).code).toBe('CHAIN_TRANSACTION_REFUSED');
    chain.failing.broadcast = undefined;
    chain.included.set('0x02', 1);
    expect(await submit()).toMatchObject({ transactionHash: '0x02' });
    expect(outbid).toEqual([undefined, undefined]);
  });

  it('waits for one before it whose end is not known, and signs nothing meanwhile', async () => {
    const chain = createScriptedChain({});
    let isStill = true;
    const { submit, outbid } = accountOn(chain, () => isStill || chain.grow());
    expect((await asyncRefusal(submit())).code).toBe('CHAIN_STALLED');
    expect((await asyncRefusal(submit())).code).toBe('CHAIN_STALLED');
    expect(outbid).toEqual([undefined]);
    isStill = false;
    chain.included.set('0x01', 1).set('0x02', 2);
    expect(await submit()).toMatchObject({ transactionHash: '0x02', blockNumber: 2 });
    expect(outbid).toEqual([undefined, undefined]);
  });

  it('outbids one before it that no block takes: of the two only one can be included', async () => {
    const chain = createScriptedChain({});
    const { submit, outbid } = accountOn(chain);
    expect((await asyncRefusal(submit())).code).toBe('CHAIN_TRANSACTION_LOST');
    chain.included.set('0x02', LIFETIME_BLOCKS + 3);
    expect(await submit()).toMatchObject({ transactionHash: '0x02' });
    expect(outbid).toEqual([undefined, '0x01']);
  });

  it('comes after those of its account before it, also if one fails', async () => {
    const chain = createScriptedChain({});
    chain.included.set('0x01', 1).set('0x02', 2);
    const { submit, outbid } = accountOn(chain);
    const both = Promise.all([submit(), submit()]);
    expect((await both).map(({ blockNumber }) => blockNumber)).toEqual([1, 2]);
    chain.failing.broadcast = failure('CHAIN_TRANSACTION_REFUSED');
    const results = await Promise.allSettled([submit(), submit()]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(outbid).toHaveLength(4);
  });
});
