import { describe, expect, it } from 'vitest';
import {
  ask,
  isRefusal,
  memberOf,
  unanswered,
} from '../../../../src/chains/substrate/connection.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { refusal } from '../../../support/refusal.ts';

const rpcError = (code: number, message: string) => Object.assign(new Error(message), { code });

describe('a call of a Substrate node', () => {
  it('that the library has waited for too long is late', async () => {
    const late = new Error('No response received from RPC endpoint in 60s');
    expect(
      await asyncRefusal(ask('westend', 'chain_getBlock', Promise.reject(late))),
    ).toMatchObject({
      code: 'CHAIN_TIMEOUT',
      disposition: 'retry',
      meta: { chain: 'westend' },
      cause: late,
    });
    expect(isRefusal(late)).toBe(false);
  });

  it('that the node itself calls late is late, though it has a code', () => {
    const late = rpcError(-32_000, 'request timed out');
    expect(unanswered('westend', 'state_call', late).code).toBe('CHAIN_TIMEOUT');
    expect(isRefusal(late)).toBe(false);
  });

  it('whose connection breaks is unanswered and no refusal', () => {
    const broken = new Error('disconnected from ws://127.0.0.1:9944: 1006:: Abnormal Closure');
    expect(unanswered('westend', 'state_call', broken).code).toBe('CHAIN_UNAVAILABLE');
    expect(isRefusal(broken)).toBe(false);
  });

  it('is refused if the node gives a reason with a code', () => {
    expect(isRefusal(rpcError(1010, '1010: Invalid Transaction: Payment'))).toBe(true);
  });

  it('of a member that the runtime lacks says that it is another chain', () => {
    expect(refusal(() => memberOf('westend', {}, 'revive.call'))).toMatchObject({
      code: 'CHAIN_MISMATCH',
      meta: { chain: 'westend' },
    });
  });
});
