import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { ChainError } from '../../../../src/chains/shared/bridged-chain.ts';
import { type Joining, startJoining } from '../../../../src/chains/shared/joining.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';

const away = (what = 'is away') => new ChainError('CHAIN_UNAVAILABLE', { chain: 'x', what });
const foreign = () => new ChainError('CHAIN_MISMATCH', { chain: 'x', what: 'is another' });

/** Something to open, by what each attempt comes to. */
function partOf(...attempts: readonly (unknown | 'open')[]) {
  const part = { close: vi.fn(async () => undefined) };
  let at = 0;
  const open = vi.fn(async () => {
    const attempt = attempts[Math.min(at++, attempts.length - 1)];
    if (attempt !== 'open') throw attempt;
    return part;
  });
  return { part, open };
}

const isOpen = ({ opened }: Joining<unknown>) => opened !== undefined;

describe('what is opened in the background', () => {
  it('is waited for by whoever asks before the first attempt has ended', async () => {
    const { part, open } = partOf('open');
    const joining = startJoining('x', open);
    expect(await joining.get()).toBe(part);
    expect(open).toHaveBeenCalledOnce();
  });

  it('fails as its last attempt did, at once, and is there as soon as one succeeds', async () => {
    const { part, open } = partOf(away('is away'), away('is still away'), 'open');
    const told: unknown[] = [];
    const listener = {
      failed: (name: string, error: unknown, backoffMs?: number) =>
        void told.push([name, (error as ChainError).meta.what, backoffMs]),
      joined: (name: string) => void told.push([name, 'joined']),
    };
    const joining = startJoining('x', open, { firstBackoffMs: 20, listener });
    expect(await asyncRefusal(joining.get())).toMatchObject({ meta: { what: 'is away' } });
    await expect.poll(() => isOpen(joining), { interval: 5 }).toBe(true);
    expect(await joining.get()).toBe(part);
    expect(told).toEqual([
      ['x', 'is away', 20],
      ['x', 'is still away', 40],
      ['x', 'joined'],
    ]);
  });

  it('says that nobody has answered to whoever has waited long enough for a first attempt that hangs', async () => {
    const hanging = Promise.withResolvers<{ close(): Promise<void> }>();
    const joining = startJoining('x', () => hanging.promise, { firstMs: 20 });
    expect(await asyncRefusal(joining.get())).toMatchObject({
      code: 'CHAIN_UNAVAILABLE',
      disposition: 'retry',
      meta: { chain: 'x' },
    });
    hanging.resolve({ close: async () => undefined });
    await expect.poll(() => isOpen(joining), { interval: 5 }).toBe(true);
  });

  it.each([
    ['nobody foresaw', new TypeError('x is not a function'), 2],
    ['another attempt does not cure', foreign(), 1],
  ])('after a failure that %s is tried so often', async (_, failure, attempts) => {
    const { open } = partOf(failure, 'open');
    const joining = startJoining('x', open, { firstBackoffMs: 5 });
    await expect(joining.get()).rejects.toBe(failure);
    await expect.poll(() => open.mock.calls.length, { interval: 5 }).toBe(attempts);
    await sleep(30);
    expect(open).toHaveBeenCalledTimes(attempts);
    expect(isOpen(joining)).toBe(attempts > 1);
  });

  it('is closed with it, and not opened again if it was away', async () => {
    const here = partOf('open');
    const joined = startJoining('x', here.open);
    await joined.get();
    await joined.close();
    expect(here.part.close).toHaveBeenCalledOnce();
    const gone = partOf(away());
    const joining = startJoining('x', gone.open, { firstBackoffMs: 5 });
    await expect(joining.get()).rejects.toThrow();
    await joining.close();
    const attempts = gone.open.mock.calls.length;
    await sleep(30);
    expect(gone.open).toHaveBeenCalledTimes(attempts);
  });

  it('is closed once it is open, if that is after the end', async () => {
    const opening = Promise.withResolvers<{ close(): Promise<void> }>();
    const close = vi.fn(async () => undefined);
    const joining = startJoining('x', () => opening.promise);
    await joining.close();
    opening.resolve({ close });
    await expect.poll(() => close.mock.calls.length).toBe(1);
    expect(isOpen(joining)).toBe(false);
  });
});
