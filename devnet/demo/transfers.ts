import type { Deposit, DepositRequest, SourceSide } from '../../src/client/deposit.ts';
import { NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import type { Order } from '../../src/protocol/envelope-order.ts';
import {
  publicTags,
  sealedTags,
  type TransferRef,
  type TransferTags,
} from '../../src/protocol/transfer-tags.ts';
import { concatBytes, type Hex } from '../../src/shared/bytes.ts';
import { assetOf } from '../demo-assets.ts';
import type { TransferPlan } from './scenario.ts';
import type { Stage } from './stage.ts';

/** One of the demo's transfers, ready to be made. */
export interface Transfer {
  readonly plan: TransferPlan;
  readonly source: SourceSide;
  readonly request: DepositRequest;
  readonly tags: (deposit: TransferRef) => TransferTags;
}

/** A transfer as it stands once its deposit is included. */
export interface StartedTransfer {
  readonly transfer: Transfer;
  readonly deposit: Deposit;
  readonly tags: TransferTags;
}

/** A payout that a transfer must end in. */
export interface ExpectedPayout {
  readonly chainId: bigint;
  readonly asset: Hex;
  readonly recipient: Hex;
  readonly amount: bigint;
}

const NOBODY: Hex = `0x${'00'.repeat(20)}`;
const NOISE_BYTES = 511;

/** Makes a plan's request, with secrets of its own. */
export function prepareTransfer(stage: Stage, plan: TransferPlan): Transfer {
  const source = stage.payer(plan.payer);
  const { asset, addresses } = assetOf(stage.world.deployment, plan.symbol);
  const { content, tags } = contentOf(stage, plan, source);
  const token = addresses.get(source.chain.chainId) ?? NATIVE_TOKEN;
  const destination = stage.chain(plan.to).chainId;
  const { amount, refundTo } = plan;
  const named = refundTo !== undefined && { refundTo: stage.addressOf(refundTo) };
  const request = { asset, token, amount, destination, content, ...named };
  return { plan, source, request, tags };
}

type Content = Pick<Transfer, 'tags'> & Pick<DepositRequest, 'content'>;

function contentOf(stage: Stage, plan: TransferPlan, source: SourceSide): Content {
  const tags: Transfer['tags'] = (deposit) => publicTags(deposit, source.gateway);
  switch (plan.content) {
    case 'sealed':
      return sealed(stage, plan);
    case 'transparent': {
      const recipient = stage.addressOf(plan.payouts[0]?.recipient ?? '');
      return { content: { kind: 'transparent', recipient }, tags };
    }
    case 'unopenable': {
      // Sealed to a key that nobody has: the right length and first byte, then noise.
      const envelope = concatBytes(Uint8Array.of(1), stage.rng.bytes(NOISE_BYTES));
      return { content: { kind: 'raw', envelope }, tags };
    }
  }
}

function sealed(stage: Stage, { payouts }: TransferPlan): Content {
  const tagSecret = stage.rng.bytes(32);
  const order: Order = {
    // The last payout takes what the fee leaves, so its own amount can stay zero.
    payouts: payouts.map(({ recipient, amount = 0n }) => ({
      recipient: stage.addressOf(recipient),
      amount,
    })),
    delaySec: 0,
    leastAnonymitySet: 0,
    refundAddress: NOBODY,
    tagSecret,
    memo: new Uint8Array(),
  };
  return {
    content: { kind: 'sealed', order, rng: stage.rng },
    tags: () => sealedTags(tagSecret),
  };
}

/** Name of the chain on which a plan ends: the destination, or the source for a refund. */
export function paidOn(stage: Stage, { content, payer, to }: TransferPlan): string {
  return content === 'unopenable' ? stage.payer(payer).chain.name : to;
}

/** Who must have got how much in the end, `fee` being what the deposit paid. */
export function expectedPayouts(
  stage: Stage,
  plan: TransferPlan,
  fee: bigint,
): readonly ExpectedPayout[] {
  const { chainId } = stage.chain(paidOn(stage, plan));
  const { asset } = assetOf(stage.world.deployment, plan.symbol);
  let left = plan.amount - fee;
  return plan.payouts.map(({ recipient, amount = left }) => {
    left -= amount;
    return { chainId, asset, recipient: stage.addressOf(plan.claimedBy ?? recipient), amount };
  });
}
