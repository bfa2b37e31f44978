import type { Message } from '../protocol/message.ts';
import { publicTag } from '../protocol/tag.ts';
import type { Hex } from '../shared/bytes.ts';
import { isPayable } from './check-legs.ts';
import { assetOf, type Draft, rateOf } from './draft.ts';
import { refundDeposit } from './fees.ts';

/** Settles a deposit that hides nothing: all but fee and rate to its recipient, or back where it came from. */
export function settleTransparent(draft: Draft, message: Message, recipient: Hex): void {
  const { chainId, gateway, index, asset, amount, fee, destination } = message;
  const rate = rateOf(draft, asset, destination) ?? amount;
  const paid = amount - fee - rate;
  if (paid <= 0n || !isReachable(draft, message, recipient)) {
    refundDeposit(draft, message);
    return;
  }
  const tag = publicTag(chainId, gateway, index, 0);
  const release = { tag, asset, recipient, amount: paid, refundOf: 0n };
  const origin = { kind: 'transparent', message } as const;
  draft.payouts.push({ chainId: destination, release, rate, origin });
}

function isReachable(draft: Draft, message: Message, recipient: Hex): boolean {
  const { asset, chainId, destination } = message;
  const payer = draft.chains.get(destination);
  if (payer === undefined || destination === chainId || payer.isSuspended) return false;
  return assetOf(draft, asset).terms !== undefined && isPayable(recipient, payer.gateway);
}
