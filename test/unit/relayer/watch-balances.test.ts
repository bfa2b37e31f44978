import { describe, expect, it, vi } from 'vitest';
import type { Bridge } from '../../../src/relayer/bridge.ts';
import { Vitals } from '../../../src/relayer/vitals.ts';
import { createBalanceWatch } from '../../../src/relayer/watch-balances.ts';
import type { Hex } from '../../../src/shared/bytes.ts';

const SIGNER: Hex = `0x${'51'.repeat(20)}`;
const COMMITTER: Hex = `0x${'c0'.repeat(20)}`;

/** An account with so much on a chain, of which the configuration asks for so much. */
function account(name: string, address: Hex, leastBalanceWei: bigint) {
  const balanceWei = vi.fn(async () => 100n);
  return { chain: { name, balanceWei }, signer: { address }, limits: { leastBalanceWei } };
}

function watched() {
  const ethereum = account('ethereum', SIGNER, 50n);
  const polkadot = account('polkadot', SIGNER, 0n);
  const committer = account('ethereum', COMMITTER, 50n);
  const vitals = new Vitals();
  const anchor = { side: ethereum, committer };
  const bridge = { sides: [ethereum, polkadot], anchor, vitals } as unknown as Bridge;
  let nowMs = 0;
  const look = createBalanceWatch(bridge, () => nowMs);
  const later = async (ms: number) => {
    nowMs += ms;
    expect(await look()).toEqual([]);
    return alarms();
  };
  const alarms = () => vitals.alarms().map(({ name, code }) => `${name}: ${code}`);
  return { ethereum, polkadot, committer, later, alarms, vitals };
}

describe('the balances of the accounts that submit', () => {
  it.each([
    ['ethereum', `balance of ${SIGNER} on ethereum`],
    ['committer', `balance of ${COMMITTER} on ethereum`],
  ] as const)('are an alarm while the one of %s is too low', async (which, name) => {
    const { later, vitals, [which]: account } = watched();
    expect(await later(0)).toEqual([]);
    account.chain.balanceWei.mockResolvedValue(49n);
    expect(await later(30_000)).toEqual([`${name}: RELAYER_BALANCE_LOW`]);
    expect(vitals.alarms()[0]?.sentence).toMatch(
      / has 0\.0{16}49 coins on ethereum, and at least 0\.0{16}5 /,
    );
    account.chain.balanceWei.mockResolvedValue(50n);
    expect(await later(30_000)).toEqual([]);
  });

  it('are asked for twice a minute at most, and not where none is too low', async () => {
    const { later, ethereum, polkadot } = watched();
    await later(0);
    await later(29_999);
    expect(ethereum.chain.balanceWei).toHaveBeenCalledTimes(1);
    await later(1);
    expect(ethereum.chain.balanceWei).toHaveBeenCalledTimes(2);
    expect(polkadot.chain.balanceWei).not.toHaveBeenCalled();
  });

  it('stay an alarm while their chain does not answer, which hides no other', async () => {
    const { later, alarms, ethereum, committer } = watched();
    ethereum.chain.balanceWei.mockResolvedValueOnce(1n);
    await later(0);
    ethereum.chain.balanceWei.mockRejectedValueOnce(new Error('away'));
    committer.chain.balanceWei.mockResolvedValueOnce(1n);
    await expect(later(30_000)).rejects.toThrow('away');
    expect(alarms()).toEqual([
      `balance of ${SIGNER} on ethereum: RELAYER_BALANCE_LOW`,
      `balance of ${COMMITTER} on ethereum: RELAYER_BALANCE_LOW`,
    ]);
  });
});
