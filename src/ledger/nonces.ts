import type { Account } from './state.ts';

// SPEC: docs/protocol.md §11. A window of 64 nonces from `nonceBase` on; one beyond it moves it, so that it ends there.

const WINDOW = 64n;

/** Whether an order with this nonce may still execute. */
export function isNonceFree({ nonceBase, nonceBits }: Account, nonce: bigint): boolean {
  const place = nonce - nonceBase;
  if (place < 0n || place >= 2n * WINDOW) return false;
  return ((nonceBits >> place) & 1n) === 0n;
}

/** The account with a free nonce used. What the window leaves behind can never be used. */
export function useNonce(account: Account, nonce: bigint): Account {
  const beyond = nonce - (account.nonceBase + WINDOW - 1n);
  const moved = beyond > 0n ? beyond : 0n;
  const nonceBase = account.nonceBase + moved;
  const nonceBits = (account.nonceBits >> moved) | (1n << (nonce - nonceBase));
  return { ...account, nonceBase, nonceBits };
}
