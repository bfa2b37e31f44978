import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import { type EpochKey, sealEnvelope, transparentEnvelope } from '../../src/protocol/envelope.ts';
import type { Order } from '../../src/protocol/envelope-order.ts';
import type { MessageBody } from '../../src/protocol/message.ts';
import { fromHex, type Hex } from '../../src/shared/bytes.ts';
import type { Rng } from '../../src/shared/rng.ts';
import { ETHEREUM, ETHEREUM_GATEWAY, POLKADOT, POLKADOT_GATEWAY } from './enclave-world.ts';

export const SENDER: Hex = `0x${'51'.repeat(20)}`;
export const REFUND_TO: Hex = `0x${'53'.repeat(20)}`;
export const RECIPIENT: Hex = `0x${'52'.repeat(20)}`;

/** A deposit of `amount` of the chain's native coin to the other chain, with an envelope that anyone can read. */
export function deposit(
  chainId: bigint,
  amount: bigint,
  change: Partial<MessageBody> = {},
): MessageBody {
  return {
    sentAtSec: 1_800_000_000n,
    sender: SENDER,
    refundTo: REFUND_TO,
    asset: assetId(chainId, NATIVE_TOKEN),
    amount,
    fee: 10n,
    destination: chainId === ETHEREUM ? POLKADOT : ETHEREUM,
    envelope: transparentEnvelope(RECIPIENT),
    ...change,
  };
}

/** The same with an envelope that only the enclave opens; `seed` makes ciphertext and tags. */
export async function sealedDeposit(
  chainId: bigint,
  amount: bigint,
  {
    epoch,
    epochKey,
    seed,
    order = {},
  }: {
    readonly epoch: bigint;
    readonly epochKey: Hex;
    readonly seed: number;
    readonly order?: Partial<Order>;
  },
): Promise<MessageBody> {
  const body = deposit(chainId, amount);
  const rng: Rng = { bytes: (length) => new Uint8Array(length).fill(seed) };
  const full: Order = {
    payouts: [{ recipient: RECIPIENT, amount: amount - body.fee }],
    delaySec: 0,
    leastAnonymitySet: 0,
    refundAddress: `0x${'00'.repeat(20)}`,
    tagSecret: new Uint8Array(32).fill(seed),
    memo: new Uint8Array(),
    ...order,
  };
  const key: EpochKey = { epoch, epochKey: fromHex(epochKey) };
  const gateway = chainId === ETHEREUM ? ETHEREUM_GATEWAY : POLKADOT_GATEWAY;
  const envelope = await sealEnvelope(full, key, { ...body, chainId, gateway }, rng);
  return { ...body, envelope };
}
