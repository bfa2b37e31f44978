import type { MessageBody } from '../../src/protocol/message.ts';
import { publicTags, sealedTags } from '../../src/protocol/transfer-tags.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { deposit, sealedDeposit } from '../support/deposits.ts';
import {
  ETHEREUM,
  ETHEREUM_GATEWAY,
  POLKADOT,
  POLKADOT_GATEWAY,
} from '../support/enclave-world.ts';

/** A deposit, and by which of its tags it can have been paid. */
export interface Planned {
  readonly chainId: bigint;
  readonly body: MessageBody;
  /** The tag of its payout, which is paid once on the other chain, or of its refund, which is paid once on its own. */
  tags(index: bigint): { readonly payout: Hex; readonly refund: Hex };
  /** Whether its payout stays in an account where it cannot leave at once. */
  readonly isSealed: boolean;
  /** Seconds after the beginning at which it is made. */
  readonly atSec: number;
}

/** Deposits that a scenario is made of. */
export interface DepositPlan {
  readonly chainId: bigint;
  readonly atSec: number;
  /** `unreadable` is given back. */
  readonly kind: 'transparent' | 'sealed' | 'unreadable';
  /** 1 … 255: makes it another than the others. */
  readonly seed: number;
}

const known = new Map<string, Promise<MessageBody>>();

/** Makes a deposit; of one plan there is one, whatever is done with it. */
export async function planDeposit(plan: DepositPlan, epochKey: Hex): Promise<Planned> {
  const { chainId, atSec, seed } = plan;
  const key = `${chainId} ${plan.kind} ${seed} ${epochKey}`;
  const making = known.get(key) ?? makeBody(plan, epochKey);
  known.set(key, making);
  const gateway = chainId === ETHEREUM ? ETHEREUM_GATEWAY : POLKADOT_GATEWAY;
  return {
    chainId,
    isSealed: plan.kind === 'sealed',
    atSec,
    body: await making,
    tags: (index) => {
      const { payouts, refund } = publicTags({ chainId, index }, gateway);
      const [sealed] = sealedTags(tagSecretOf(plan)).payouts;
      const payout = plan.kind === 'sealed' ? sealed : payouts[0];
      return { payout: payout ?? '0x', refund };
    },
  };
}

async function makeBody(plan: DepositPlan, epochKey: Hex): Promise<MessageBody> {
  const { chainId, kind, seed } = plan;
  const amount = 1_000n + BigInt(seed);
  if (kind === 'transparent') return deposit(chainId, amount);
  if (kind === 'unreadable') {
    return deposit(chainId, amount, { envelope: new Uint8Array(832).fill(seed), destination: 0n });
  }
  const order = { tagSecret: tagSecretOf(plan) };
  return await sealedDeposit(chainId, amount, { epoch: 1n, epochKey, seed, order });
}

/** What only the sealed envelope holds. */
export function tagSecretOf({ seed }: Pick<DepositPlan, 'seed'>): Uint8Array {
  return new Uint8Array(32).fill(seed ^ 0x5a);
}

/** A few of each kind on each chain. */
export const REFERENCE_PLAN: readonly DepositPlan[] = [
  { chainId: ETHEREUM, atSec: 3, kind: 'transparent', seed: 1 },
  { chainId: POLKADOT, atSec: 4, kind: 'sealed', seed: 2 },
  { chainId: ETHEREUM, atSec: 9, kind: 'unreadable', seed: 3 },
  { chainId: POLKADOT, atSec: 9, kind: 'transparent', seed: 4 },
];
