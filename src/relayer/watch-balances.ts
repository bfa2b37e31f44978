import { formatCoins } from '../shared/units.ts';
import { type Account, accountsOf, type Bridge, RelayerError } from './bridge.ts';

/** How often the chains are asked, in milliseconds. */
const EVERY_MS = 30_000;

/**
 * Creates what holds the balance of each account that submits to the least that its chain's configuration asks for. One that has less is
 * an alarm until it has as much again; where nothing is asked for, nobody asks the chain.
 *
 * @param nowMs a monotonic clock, in milliseconds
 * @returns a look that finds no job
 */
export function createBalanceWatch(
  bridge: Pick<Bridge, 'sides' | 'anchor' | 'vitals'>,
  nowMs: () => number = () => performance.now(),
): () => Promise<never[]> {
  let askedAtMs = Number.NEGATIVE_INFINITY;
  const judge = async ({ chain, signer, limits }: Account): Promise<void> => {
    const { leastBalanceWei: leastWei } = limits;
    const name = `balance of ${signer.address} on ${chain.name}`;
    const hasWei = await chain.balanceWei(signer.address);
    if (hasWei >= leastWei) return bridge.vitals.clear(name);
    const what = `${signer.address} has ${formatCoins(hasWei)} coins on ${chain.name}, and at least ${formatCoins(leastWei)} are asked for`;
    const { code, message } = new RelayerError('RELAYER_BALANCE_LOW', what);
    bridge.vitals.alarm(name, { code, sentence: message });
  };
  return async () => {
    if (nowMs() - askedAtMs < EVERY_MS) return [];
    askedAtMs = nowMs();
    const watched = accountsOf(bridge).filter(({ limits }) => limits.leastBalanceWei > 0n);
    // A chain that does not answer says nothing of the others, and takes no alarm back.
    const settled = await Promise.allSettled(watched.map(judge));
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return [];
  };
}
