import type { OpenedMessage } from '../../src/ledger/settle.ts';
import { genesisState, type LedgerState } from '../../src/ledger/state.ts';
import { type Transition, transition } from '../../src/ledger/transition.ts';
import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import type { OpenedEnvelope } from '../../src/protocol/envelope.ts';
import type { Order } from '../../src/protocol/envelope-order.ts';
import type { Message } from '../../src/protocol/message.ts';
import type { Hex } from '../../src/shared/bytes.ts';

/** An address of one repeated byte. */
export function addressOf(byte: number): Hex {
  return `0x${byte.toString(16).padStart(2, '0').repeat(20)}`;
}

export const ZERO = addressOf(0);
export const WEST = 100n;
export const EAST = 200n;
export const NORTH = 300n;
export const GATEWAYS = new Map([
  [WEST, addressOf(0xa1)],
  [EAST, addressOf(0xa2)],
  [NORTH, addressOf(0xa3)],
]);
export const WEST_COIN = assetId(WEST, NATIVE_TOKEN);
export const EAST_COIN = assetId(EAST, NATIVE_TOKEN);
export const SENDER = addressOf(0x51);
export const RECIPIENT = addressOf(0x52);
/** Where the usual sender wants refunds. */
export const REFUND_TO = addressOf(0x53);
/** Gets the beneficiary's share. */
export const BENEFICIARY = addressOf(0xbe);
/** The account of {@link BENEFICIARY}. */
export const BENEFICIARY_ACCOUNT: Hex = `0x${'00'.repeat(12)}${BENEFICIARY.slice(2)}`;
export const LEDGER_SECRET = new Uint8Array(32).fill(0x77);

export const GENESIS = genesisState(
  [...GATEWAYS].map(([chainId, gateway]) => ({ chainId, gateway })),
);

/** The first message of the western gateway: 1000 of its coin to the east, 10 of them the fee. */
export function messageOf(change: Partial<Message> = {}): Message {
  const chainId = change.chainId ?? WEST;
  return {
    chainId,
    gateway: GATEWAYS.get(chainId) ?? ZERO,
    index: 0n,
    sentAtSec: 1_900_000_000n,
    sender: SENDER,
    refundTo: REFUND_TO,
    asset: WEST_COIN,
    amount: 1_000n,
    fee: 10n,
    destination: EAST,
    envelope: Uint8Array.of(1, 2, 3),
    ...change,
  };
}

/** An opened sealed envelope: everything to the recipient, at once. */
export function sealedOrder(change: Partial<Order> = {}): OpenedEnvelope {
  return {
    kind: 'sealed',
    order: {
      payouts: [{ recipient: RECIPIENT, amount: 990n }],
      delaySec: 0,
      leastAnonymitySet: 0,
      refundAddress: ZERO,
      tagSecret: new Uint8Array(32).fill(0x5e),
      memo: new Uint8Array(0),
      ...change,
    },
  };
}

/** One step with the usual beneficiary and secret. */
export function step(state: LedgerState, messages: readonly OpenedMessage[]): Transition {
  return transition(state, {
    messages,
    beneficiary: BENEFICIARY_ACCOUNT,
    ledgerSecret: LEDGER_SECRET,
  });
}
