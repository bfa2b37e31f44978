import type { StateChange, TransferState } from './transfer.ts';

const NEXT: Readonly<Record<TransferState, string>> = {
  observed: 'the source chain has to finalise the block; nothing to do',
  finalised: 'an enclave has to verify it; if that takes minutes, the relayer is behind',
  verified: 'the relayer has to commit it on the anchor chain; nothing to do',
  committed: 'the anchor chain has to finalise the commit; nothing to do',
  anchored:
    'the enclave may release it now; a sealed payout cannot be tied to this deposit: look for it with the tag secret',
  released: 'the destination chain has to finalise the payout; nothing to do',
  refunded: 'the source chain has to finalise the refund; nothing to do',
  claimable:
    'the payout was put aside: anyone may call claim, the recipient also claimTo another address',
  claimed: 'the chain has to finalise the claim; nothing to do',
  confirmed: 'nothing, it is done',
};

/** What has to happen next to a transfer with this history, and who has to do it. */
export function nextStep(history: readonly StateChange[]): string {
  const last = history.at(-1);
  return last === undefined ? 'nothing is known of it' : NEXT[last.state];
}
