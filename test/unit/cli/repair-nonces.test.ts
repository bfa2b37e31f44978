import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type AccountNonces, formatNonces, planRepair } from '../../../src/cli/format-nonces.ts';
import { repairOn } from '../../../src/cli/repair-nonces.ts';
import type { Desk } from '../../../src/relayer/operate/desk-socket.ts';

const ACCOUNT = '0x51';
const OPEN = { subject: 'commit 3', state: 'broadcast', ageBlocks: 9, hash: '0xab' } as const;
const HURT: AccountNonces = {
  chain: 'seven',
  chainId: '7',
  account: ACCOUNT,
  journalNonce: 4,
  includedCount: 2,
  open: [
    { ...OPEN, nonce: 4, due: 'wait' },
    { ...OPEN, nonce: 7, due: 'repeat' },
  ],
  lease: { holder: 'there', isHeld: false },
  onChain: {
    head: 100,
    chainNonce: 4,
    nextNonce: 8,
    drift: 0,
    foreign: 0,
    holes: [{ from: 5, to: 6 }],
  },
  failure: null,
};
const WELL: AccountNonces = { ...HURT, open: [], onChain: { ...HURT.onChain!, holes: [] } };
const ELSEWHERE: AccountNonces = { ...HURT, chain: 'eight' };

/** A desk that shows these one after the other, and is told to repair. */
function deskOf(...shown: AccountNonces[]) {
  const asked: unknown[] = [];
  const ask = async (question: string, params: unknown) => {
    asked.push([question, params]);
    if (question === 'repair') return { repaired: true };
    return [shown.length > 1 ? shown.shift() : shown[0], ELSEWHERE];
  };
  const repairs = () => asked.filter((one) => (one as string[])[0] === 'repair');
  return { desk: { ask } as unknown as Desk, repairs };
}

describe('relayer nonce repair', () => {
  const print = vi.spyOn(console, 'log').mockReturnValue(undefined);
  beforeEach(() => void print.mockClear());

  it('says what it would do, of this chain only, and does nothing without --yes', async () => {
    const { desk, repairs } = deskOf(HURT);
    const result = await repairOn(desk, 'seven', {});
    expect(result).toMatchObject({ repaired: false, accounts: [HURT] });
    expect(print.mock.calls.flat()).toEqual([
      'seven 0x51: nonces 5 to 6: filled, with nothing sent to oneself',
      'seven 0x51: nonce 7: commit 3 (0xab): handed to a node again',
    ]);
    expect(repairs()).toEqual([]);
  });

  it('repairs once with --yes, after the plan, and shows what has come of it', async () => {
    const { desk, repairs } = deskOf(HURT, WELL);
    const result = await repairOn(desk, 'seven', { yes: true });
    expect(repairs()).toEqual([['repair', { chain: 'seven' }]]);
    expect(result).toMatchObject({ repaired: true, plan: planRepair([HURT]), accounts: [WELL] });
    expect(print).toHaveBeenCalledTimes(2);
  });

  it('prints nothing besides the object that --json asks for', async () => {
    await repairOn(deskOf(HURT).desk, 'seven', { json: true });
    expect(print).not.toHaveBeenCalled();
  });

  it('leaves alone what has nothing to repair', async () => {
    const { desk, repairs } = deskOf(WELL);
    expect((await repairOn(desk, 'seven', { yes: true })).repaired).toBe(false);
    expect(repairs()).toEqual([]);
  });
});

describe('relayer nonce show', () => {
  it('says of an account what its chain and the journal say, holes, and who uses it', () => {
    const lines = formatNonces([HURT]);
    expect(lines.slice(0, 6)).toEqual([
      'seven 0x51',
      '  nonce by the chain 4, noted in the journal 4, next to be signed 8; head 100',
      '  drift 0: chain and journal say the same',
      '  hole: nothing stands on nonces 5 to 6',
      '  no process uses the account now; the last was there',
      '  2 open, 2 in blocks that are not final',
    ]);
    expect(lines.at(-1)).toMatch(/^ *7 +broadcast +9 +commit 3 +repeat +0xab$/m);
  });

  it('says that a chain could not be asked, and plans nothing of what is unknown', () => {
    const open = HURT.open.map((one) => ({ ...one, ageBlocks: null, due: null }));
    const away = { ...HURT, open, onChain: null, failure: 'CHAIN_TIMEOUT: late' };
    expect(formatNonces([away])).toContain('  the chain could not be asked: CHAIN_TIMEOUT: late');
    expect(planRepair([away])).toEqual([]);
  });
});
