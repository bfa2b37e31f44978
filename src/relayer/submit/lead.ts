import { type Account, type Bridge, RelayerError } from '../bridge.ts';
import { claimLease, type Fence } from '../journal/leases.ts';
import type { AccountKey } from '../journal/submissions.ts';

/** For so long a process leads after it was last heard of, in milliseconds of the database's clock. */
export const LEASE_MS = 10_000;
/** A lease is claimed again before it is half over. */
const RENEW_MS = LEASE_MS / 3;

interface Led {
  readonly fence: Fence;
  readonly untilMs: number;
}

const led = new WeakMap<Account, Led>();

/** The account as the journal names it. */
export function keyOf({ chain, signer }: Pick<Account, 'chain' | 'signer'>): AccountKey {
  return { chainId: chain.chainId, account: signer.address };
}

/** What the lease of an account's nonces is called. */
export function leaseName({ chainId, account }: AccountKey): string {
  return `nonces of ${account} on ${chainId}`;
}

/**
 * The right to use an account's nonces, which one of the processes that share a journal has.
 *
 * @throws {RelayerError} RELAYER_NOT_LEADING: it is another's now
 */
export async function lead(
  { database, holder }: Pick<Bridge, 'database' | 'holder'>,
  account: Account,
): Promise<Fence> {
  const known = led.get(account);
  if (known !== undefined && performance.now() < known.untilMs) return known.fence;
  const key = keyOf(account);
  const lease = leaseName(key);
  const askedAtMs = performance.now();
  const fence = await claimLease(database, { lease, holder, leaseMs: LEASE_MS });
  if (fence === undefined) {
    led.delete(account);
    const what = `another process of this relayer uses ${key.account} on ${account.chain.name}`;
    throw new RelayerError('RELAYER_NOT_LEADING', what);
  }
  led.set(account, { fence, untilMs: askedAtMs + RENEW_MS });
  return fence;
}

/** After a write that was refused: asks again before the next. */
export function forgetLead(account: Account): void {
  led.delete(account);
}
