import { describe, expect, it } from 'vitest';
import {
  awaitInclusion,
  LIFETIME_BLOCKS,
  patienceOf,
} from '../../../../src/chains/shared/await-inclusion.ts';
import { ChainCallReverted, ChainError } from '../../../../src/chains/shared/bridged-chain.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { createScriptedChain, SIGNED, scriptedPatience } from '../../../support/scripted-chain.ts';

const late = () => new ChainError('CHAIN_TIMEOUT', { chain: 'scripted', what: 'no answer' });

describe('waiting for a block', () => {
  it('ends with the receipt', async () => {
    const chain = createScriptedChain({ includedAt: 3 });
    const { patience } = scriptedPatience(() => chain.grow());
    expect(await awaitInclusion(chain, SIGNED, patience)).toMatchObject({ blockNumber: 3 });
  });

  it('takes any time while the chain goes on, however slowly', async () => {
    const chain = createScriptedChain({ includedAt: LIFETIME_BLOCKS });
    const { patience, spentMs } = scriptedPatience(() => chain.grow(), { blockMs: 590_000 });
    expect(await awaitInclusion(chain, SIGNED, patience)).toMatchObject({
      blockNumber: LIFETIME_BLOCKS,
    });
    expect(spentMs()).toBeGreaterThan(10 * 3_600_000);
  });

  it('ends when the chain has gone on for long enough without it', async () => {
    const chain = createScriptedChain({});
    const { patience } = scriptedPatience(() => chain.grow());
    expect(await asyncRefusal(awaitInclusion(chain, SIGNED, patience))).toMatchObject({
      code: 'CHAIN_TRANSACTION_LOST',
      disposition: 'retry',
      meta: { chain: 'scripted' },
    });
    expect(chain.height()).toBe(SIGNED.signedAt + LIFETIME_BLOCKS + 1);
  });

  it('ends as soon as another transaction has the nonce, and not where it is this one', async () => {
    const other = { ...createScriptedChain({}), isPassed: async () => true };
    const { patience } = scriptedPatience(() => other.grow());
    expect(await asyncRefusal(awaitInclusion(other, SIGNED, patience))).toMatchObject({
      code: 'CHAIN_TRANSACTION_LOST',
    });
    const chain = createScriptedChain({ includedAt: 2 });
    const passed = { ...chain, isPassed: async () => chain.height() >= 2 };
    const own = scriptedPatience(() => chain.grow());
    expect(await awaitInclusion(passed, SIGNED, own.patience)).toMatchObject({ blockNumber: 2 });
  });

  it('counts the blocks from the one it was signed at', async () => {
    const chain = createScriptedChain({ height: 1000, includedAt: 1001 });
    const signed = { ...SIGNED, signedAt: 1000 };
    const { patience } = scriptedPatience(() => chain.grow());
    expect(await awaitInclusion(chain, signed, patience)).toMatchObject({ blockNumber: 1001 });
  });

  it('ends by another name when the chain stands still', async () => {
    const chain = createScriptedChain({});
    const { patience, spentMs } = scriptedPatience(() => undefined);
    expect(await asyncRefusal(awaitInclusion(chain, SIGNED, patience))).toMatchObject({
      code: 'CHAIN_STALLED',
      disposition: 'retry',
    });
    expect(spentMs()).toBe(600_000);
  });

  it('bears a node that is late for a while, and says so if it stays late', async () => {
    const chain = createScriptedChain({ includedAt: 2 });
    chain.failing.head = late;
    const { patience } = scriptedPatience(() => {
      chain.failing.head = undefined;
      chain.grow();
    });
    expect(await awaitInclusion(chain, SIGNED, patience)).toMatchObject({ blockNumber: 2 });
    chain.failing.receiptOf = late;
    const error = await asyncRefusal(
      awaitInclusion(chain, SIGNED, scriptedPatience(() => undefined).patience),
    );
    expect(error).toMatchObject({ code: 'CHAIN_STALLED', cause: { code: 'CHAIN_TIMEOUT' } });
  });

  it('ends at once when the transaction has failed in its block', async () => {
    const chain = createScriptedChain({ includedAt: 1 });
    const reverted = new ChainCallReverted({ chain: 'scripted', data: '0x', reason: 'no' });
    chain.failing.receiptOf = () => reverted;
    const { patience, spentMs } = scriptedPatience(() => chain.grow());
    expect(await asyncRefusal(awaitInclusion(chain, SIGNED, patience))).toBe(reverted);
    expect(spentMs()).toBe(0);
  });

  it('reads a clock that runs, where nobody gives another', async () => {
    const { nowMs, pause } = patienceOf(10);
    const before = nowMs();
    await pause(2);
    expect(nowMs()).toBeGreaterThan(before);
  });
});
