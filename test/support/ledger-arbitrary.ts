import fc from 'fast-check';
import type { OpenedMessage } from '../../src/ledger/settle.ts';
import type { LedgerState } from '../../src/ledger/state.ts';
import { assetId, originChainId } from '../../src/protocol/asset.ts';
import type { OpenedEnvelope } from '../../src/protocol/envelope.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { addressOf, EAST, EAST_COIN, GATEWAYS, NORTH, WEST, WEST_COIN } from './ledger.ts';

/** A wish to deposit something; what is possible of it depends on the ledger it meets. */
export interface Intent {
  readonly chainId: bigint;
  readonly asset: Hex;
  readonly amount: bigint;
  /** Of 256. */
  readonly feeParts: number;
  /** Chains to go on from the source, in a ring; 0 is the source itself, null a chain that nobody has. */
  readonly hops: number | null;
  readonly sender: Hex;
  readonly refundTo: Hex;
  /** Seconds of Unix time. */
  readonly sentAtSec: bigint;
  readonly content: Content;
}

type Content =
  | { readonly kind: 'transparent'; readonly recipient: Hex }
  | { readonly kind: 'unopened' }
  | {
      readonly kind: 'sealed';
      /** Amounts as parts of 400 of what there is to pay out. */
      readonly payouts: readonly { readonly recipient: Hex; readonly parts: number }[];
      readonly delaySec: number;
      readonly leastAnonymitySet: number;
      readonly refundAddress: Hex;
      readonly tagSecret: Uint8Array;
    };

const ASSETS = [WEST_COIN, EAST_COIN, assetId(NORTH, addressOf(0x70)), assetId(WEST, addressOf(1))];

const RING = [WEST, EAST, NORTH];

// Never the beneficiary's address, so that its releases can be told from the others.
const address = fc.integer({ min: 1, max: 0x60 }).map(addressOf);
// Recipients that nobody can be are among them: the zero address and every gateway.
const addressOrNobody = fc.oneof(
  { weight: 30, arbitrary: address },
  fc.constantFrom(addressOf(0), ...GATEWAYS.values()),
);
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));

const content: fc.Arbitrary<Content> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('transparent'), recipient: addressOrNobody }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unopened') }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('sealed'),
      payouts: fc.array(
        fc.record({ recipient: addressOrNobody, parts: fc.integer({ min: 0, max: 150 }) }),
        { minLength: 1, maxLength: 4 },
      ),
      delaySec: mostly(0, 1, 2 ** 32 - 1),
      leastAnonymitySet: mostly(0, 1, 2),
      refundAddress: fc.oneof(fc.constantFrom(addressOf(0), ...GATEWAYS.values()), address),
      tagSecret: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    }),
  },
);

export const intent: fc.Arbitrary<Intent> = fc.record({
  chainId: fc.constantFrom(...RING),
  asset: fc.constantFrom(...ASSETS),
  amount: fc.oneof(fc.bigInt(1n, 50n), fc.bigInt(1n, 1n << 120n)),
  feeParts: fc.integer({ min: 0, max: 255 }),
  hops: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(1, 2) },
    { weight: 1, arbitrary: fc.constantFrom(0, null) },
  ),
  sender: address,
  refundTo: address,
  sentAtSec: fc.bigInt(1n, (1n << 64n) - 1n),
  content,
});

/** What gateways would let through of the wishes, in chain then index order. */
export function depositAll(state: LedgerState, intents: readonly Intent[]): OpenedMessage[] {
  const burnable = new Map<string, bigint>();
  for (const { asset, minted } of state.supply) {
    for (const { chainId, amount } of minted) burnable.set(`${asset}@${chainId}`, amount);
  }
  const placed = intents.map((wish) => {
    const origin = originChainId(wish.asset);
    const left = burnable.get(`${wish.asset}@${wish.chainId}`) ?? 0n;
    if (wish.chainId === origin || left === 0n) return { ...wish, chainId: origin };
    const amount = wish.amount < left ? wish.amount : left;
    burnable.set(`${wish.asset}@${wish.chainId}`, left - amount);
    return { ...wish, amount };
  });
  return state.chains.flatMap(({ chainId, inbox }) =>
    placed
      .filter((wish) => wish.chainId === chainId)
      .map((wish, i) => toMessage(wish, inbox.count + BigInt(i))),
  );
}

function toMessage(wish: Intent, index: bigint): OpenedMessage {
  const { chainId, asset, amount, hops, sender, refundTo, sentAtSec } = wish;
  const place = RING.indexOf(chainId);
  const destination = hops === null ? 999n : (RING[(place + hops) % RING.length] ?? 999n);
  const fee = ((amount - 1n) * BigInt(wish.feeParts)) / 256n;
  const gateway = GATEWAYS.get(chainId) ?? addressOf(0);
  const envelope = Uint8Array.of(Number(index % 256n), wish.feeParts);
  return {
    message: {
      chainId,
      gateway,
      index,
      sentAtSec,
      sender,
      refundTo,
      asset,
      amount,
      fee,
      destination,
      envelope,
    },
    envelope: toEnvelope(wish.content, amount - fee),
  };
}

function toEnvelope(wish: Content, available: bigint): OpenedEnvelope {
  if (wish.kind === 'transparent') return wish;
  if (wish.kind === 'unopened') return { kind: 'unopened', reason: 'undecryptable' };
  const { delaySec, leastAnonymitySet, refundAddress, tagSecret } = wish;
  const payouts = wish.payouts.map(({ recipient, parts }) => ({
    recipient,
    amount: (available * BigInt(parts)) / 400n,
  }));
  const memo = new Uint8Array(0);
  return {
    kind: 'sealed',
    order: { payouts, delaySec, leastAnonymitySet, refundAddress, tagSecret, memo },
  };
}

/** Several rounds of deposits, each of which is one transition. */
export const rounds = fc.array(fc.array(intent, { maxLength: 48, size: '+1' }), {
  minLength: 1,
  maxLength: 4,
});
