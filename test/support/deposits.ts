import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import { sealDeposit, transparentEnvelope } from '../../src/protocol/envelope.ts';
import type { MessageBody } from '../../src/protocol/message.ts';
import type { DepositOrder, Leg } from '../../src/protocol/order.ts';
import { fromHex, type Hex } from '../../src/shared/bytes.ts';
import type { Rng } from '../../src/shared/rng.ts';
import { cutOf, ETHEREUM, ETHEREUM_GATEWAY, POLKADOT, POLKADOT_GATEWAY } from './enclave-world.ts';

export const SENDER: Hex = `0x${'51'.repeat(20)}`;
export const REFUND_TO: Hex = `0x${'53'.repeat(20)}`;
export const RECIPIENT: Hex = `0x${'52'.repeat(20)}`;

/**
 * A deposit of `amount` of the chain's native coin to the other chain, with an envelope that anyone can read; sent at the last
 * second that round 2 takes.
 */
export function deposit(
  chainId: bigint,
  amount: bigint,
  change: Partial<MessageBody> = {},
): MessageBody {
  return {
    sentAtSec: cutOf(chainId, 2n),
    sender: SENDER,
    refundTo: REFUND_TO,
    asset: assetId(chainId, NATIVE_TOKEN),
    amount,
    fee: 10n,
    destination: otherThan(chainId),
    envelope: transparentEnvelope(RECIPIENT),
    ...change,
  };
}

/** What a sealed deposit is sealed to, and with; `seed` makes ciphertext, account and tags. */
export interface Sealing {
  readonly epoch: bigint;
  readonly epochKey: Hex;
  readonly seed: number;
  /** All but the fee goes straight to the recipient on the other chain, unless said. */
  readonly order?: Partial<DepositOrder>;
  readonly body?: Partial<MessageBody>;
}

/** The same with an envelope that only the enclave opens; beside the leg, 20 stay in the account. */
export async function sealedDeposit(
  chainId: bigint,
  amount: bigint,
  { epoch, epochKey, seed, order = {}, body: change = {} }: Sealing,
): Promise<MessageBody> {
  const body = deposit(chainId, amount, { destination: 0n, ...change });
  const rng: Rng = { bytes: (length) => new Uint8Array(length).fill(seed) };
  const full: DepositOrder = {
    account: wordOfByte(seed),
    legs: [directLeg(otherThan(chainId), amount - body.fee - 20n)],
    notBefore: 0n,
    patience: 1000n,
    afterPatience: 'return',
    tagSecret: new Uint8Array(32).fill(seed),
    memo: new Uint8Array(),
    ...order,
  };
  const gateway = chainId === ETHEREUM ? ETHEREUM_GATEWAY : POLKADOT_GATEWAY;
  const key = { epoch, epochKey: fromHex(epochKey) };
  const envelope = await sealDeposit(full, key, { ...body, chainId, gateway }, rng);
  return { ...body, envelope };
}

/** A leg that leaves at once, to the recipient. */
export function directLeg(chainId: bigint, amount: bigint): Leg {
  const recipient: Hex = `0x${'00'.repeat(12)}${RECIPIENT.slice(2)}`;
  return { mode: 'direct', chainId, recipient, amount, crowd: 1 };
}

/** 32 bytes of one repeated byte. */
export function wordOfByte(byte: number): Hex {
  return `0x${byte.toString(16).padStart(2, '0').repeat(32)}`;
}

function otherThan(chainId: bigint): bigint {
  return chainId === ETHEREUM ? POLKADOT : ETHEREUM;
}
