import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { EMPTY_STATE } from '../../../../devnet/polkadot/chain-state.ts';
import { createExecutor } from '../../../../devnet/polkadot/executor.ts';
import { RUNTIME_VERSION } from '../../../../devnet/polkadot/sign-extrinsic.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { RUNTIME_WASM } from '../../../support/polkadot-devnet.ts';

describe('the executor', { timeout: 60_000 }, () => {
  const executor = createExecutor(readFileSync(RUNTIME_WASM));
  afterAll(() => executor.close());

  it('tells the version of a compressed runtime', async () => {
    expect(await executor.version(EMPTY_STATE)).toMatchObject({
      specName: 'veilspan-dev',
      ...RUNTIME_VERSION,
      stateVersion: 1,
    });
  });

  it('answers with the last call of a task', async () => {
    const { result } = await executor.run(EMPTY_STATE, [
      ['Core_version', []],
      ['AuraApi_slot_duration', []],
    ]);
    expect(result).toBe('0xd007000000000000');
  });

  it('names the calls of a task that trapped', async () => {
    const call = ['AccountNonceApi_account_nonce', ['0x00']] as const;
    const refused = await asyncRefusal(executor.run(EMPTY_STATE, [call]));
    expect([refused.code, refused.meta]).toMatchObject([
      'DEVNET_RUNTIME_TRAPPED',
      { calls: ['AccountNonceApi_account_nonce'] },
    ]);
  });

  it('fails at once when its thread has ended', async () => {
    const ended = createExecutor(readFileSync(RUNTIME_WASM));
    await ended.close();
    const refused = await asyncRefusal(ended.run(EMPTY_STATE, [['Core_version', []]]));
    expect(refused.code).toBe('DEVNET_EXECUTOR_FAILED');
  });
});
