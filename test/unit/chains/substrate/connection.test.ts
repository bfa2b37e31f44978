import { describe, expect, it } from 'vitest';
import { LineLate } from '../../../../src/chains/shared/node-line.ts';
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
  it('that was waited for too long, or whose connection was lost meanwhile, is late', async () => {
    const late = new LineLate('no answer to chain_getBlock in time');
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

  it('that cannot be made without a connection is unanswered and no refusal', () => {
    const broken = new Error('not connected to 127.0.0.1:9944');
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
