import { describe, expect, it, vi } from 'vitest';
import type { EnclaveStatus } from '../../../../src/protocol/enclave-commands.ts';
import { leading } from '../../../../src/relayer/quorum/shared-ledger.ts';
import { type NamedEnclave, StatusBoard } from '../../../../src/relayer/quorum/status-board.ts';
import { Vitals } from '../../../../src/relayer/vitals.ts';

const NEVER = () => new Promise<never>(() => undefined);

/** An enclave that answers its questions in order, the last one for ever. */
function enclave(name: string, ...answers: (() => Promise<unknown>)[]) {
  let asked = 0;
  const ask = vi.fn(async () => {
    asked += 1;
    return await (answers[Math.min(asked, answers.length) - 1] ?? NEVER)();
  });
  return { name, client: { ask } } as unknown as NamedEnclave & { client: { ask: typeof ask } };
}
const at = (number: bigint, more: object = {}) => ({ ledger: { number, ...more } });
const says = (number: bigint) => async () => at(number);
const numbers = (all: readonly { line: NamedEnclave; status: EnclaveStatus }[]) =>
  all.map(({ line, status }) => `${line.name} ${status.ledger.number}`);

describe('what enclaves say of themselves', () => {
  it('is asked once for all who want to know at the same time, and anew for who comes meanwhile', async () => {
    const one = enclave('one', says(1n), says(2n));
    const board = new StatusBoard([one], new Vitals());
    const first = board.standings();
    const later = [board.standings(), board.standings()];
    expect(numbers(await first)).toEqual(['one 1']);
    for (const each of later) expect(numbers(await each)).toEqual(['one 2']);
    expect(one.client.ask).toHaveBeenCalledTimes(2);
  });

  it('does not wait for an enclave that hangs, the second time not at all', async () => {
    vi.useFakeTimers();
    const board = new StatusBoard([enclave('one', NEVER), enclave('two', says(2n))], new Vitals());
    const first = board.standings();
    await vi.advanceTimersByTimeAsync(1100);
    expect(numbers(await first)).toEqual(['two 2']);
    const second = board.standings();
    await vi.advanceTimersByTimeAsync(0);
    expect(numbers(await second)).toEqual(['two 2']);
    vi.useRealTimers();
  });

  it('fails only where nobody answers, and shows as a lane which enclave does not', async () => {
    const vitals = new Vitals();
    const gone = enclave('one', () => Promise.reject(new Error('gone')));
    await expect(new StatusBoard([gone], vitals).standings()).rejects.toThrow('gone');
    const board = new StatusBoard([gone, enclave('two', says(2n))], vitals);
    expect(numbers(await board.standings())).toEqual(['two 2']);
    expect(vitals.lanes()).toMatchObject([
      { name: 'ask one', state: 'failing' },
      { name: 'ask two', state: 'resting' },
    ]);
  });
});

describe('the enclaves that lead', () => {
  const standings = (...all: object[]) =>
    all.map((status, i) => ({
      line: enclave(`${i}`),
      status: status as EnclaveStatus,
    }));
  const leaders = (all: object[], threshold: number) =>
    leading(standings(...all), threshold).map(({ line }) => line.name);

  it('are the furthest that share a ledger and are enough', () => {
    expect(leaders([at(9n), at(4n), at(4n)], 2)).toEqual(['1', '2']);
    expect(leaders([at(4n), at(5n), at(4n), at(5n)], 2)).toEqual(['1', '3']);
    expect(leaders([at(4n), at(5n)], 1)).toEqual(['1']);
    expect(leaders([at(4n), at(5n)], 2)).toEqual([]);
  });

  it('are not those that stand as far with another ledger and are fewer', () => {
    const other = at(4n, { stateId: '0xbad' });
    expect(leaders([other, at(4n), at(4n)], 1)).toEqual(['1', '2']);
  });
});
