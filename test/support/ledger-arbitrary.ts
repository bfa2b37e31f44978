import fc from 'fast-check';
import type { ControlContent } from '../../src/protocol/control.ts';
import type { CrowdFactor, LegMode } from '../../src/protocol/order.ts';
import { ASSETS, addressOf, CHAIN_IDS, GATEWAYS, OWNERS, PAYEES, RUNGS } from './ledger-places.ts';

// Wishes: what users and governance would like to do. What becomes of one depends on the state that it meets; see
// test/reference/ledger/history.ts. Numbers are small so that wishes meet: few pools, few owners, few senders.

export interface LegWish {
  readonly mode: LegMode;
  /** Of {@link CHAIN_IDS}, or a place behind them for a chain that nobody has. */
  readonly chain: number;
  readonly recipient: `0x${string}`;
  readonly payee: number;
  /** A rung's place, or sixteenths of what there is. */
  readonly amount: { readonly rung: number } | { readonly parts: number };
  readonly crowd: CrowdFactor;
}

export interface TermsWish {
  readonly legs: readonly LegWish[];
  /** Rounds from now. */
  readonly notBefore: number;
  readonly patience: number;
  readonly afterPatience: 'return' | 'wait';
  /** Epochs behind the newest; one ahead if negative. */
  readonly epochsBack: number;
}

export type ContentWish =
  | { readonly kind: 'transparent'; readonly recipient: `0x${string}`; readonly hops: number }
  /** Its first byte: 1 and 2 look sealed, others like nothing. */
  | { readonly kind: 'unopened'; readonly form: number; readonly isPost: boolean }
  | {
      readonly kind: 'sealed';
      readonly terms: TermsWish;
      readonly owner: number;
      readonly isCopy: boolean;
      readonly isPost: boolean;
      readonly destination: 'none' | 'some';
    }
  | {
      readonly kind: 'post';
      readonly terms: TermsWish;
      readonly owner: number;
      readonly poster: number;
      /** From the first that is free. */
      readonly nonce: number;
      /** Rounds from now. */
      readonly expiry: number;
      readonly maxFee: bigint;
      readonly isPost: boolean;
    };

export interface MessageWish {
  readonly chain: number;
  readonly sender: number;
  readonly asset: number;
  readonly amount: bigint;
  readonly fee: bigint;
  /** Hundredths of the round's time: 0 is the first second after the cut before, 100 the cut itself. */
  readonly at: number;
  /** Sent long before the first round; only then. */
  readonly isAncient: boolean;
  readonly content: ContentWish;
}

export type ControlWish =
  | { readonly content: Exclude<ControlContent, { kind: 'suspend' }>; readonly ahead: number }
  | { readonly kind: number; readonly payload: Uint8Array; readonly ahead: number };

export interface RoundWish {
  readonly messages: readonly MessageWish[];
  readonly control: readonly ControlWish[];
  /** The place of a chain that is suspended from this round on. */
  readonly suspend: number | undefined;
  /** Sixteenths of what is released that destinations are proven to have paid. */
  readonly paid: number;
}

const address = fc.integer({ min: 1, max: 0x60 }).map(addressOf);
// Recipients that nobody can be are among them: the zero address and every gateway.
const addressOrNobody = fc.oneof(
  { weight: 60, arbitrary: address },
  fc.constantFrom(addressOf(0), ...GATEWAYS.values()),
);
const mostly = <T>(usual: readonly T[], ...others: readonly T[]) =>
  fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

const legAmount = fc.oneof(
  { weight: 20, arbitrary: mostly([0, 0, 0, 1, 1, 2], 3).map((rung) => ({ rung })) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 15 }).map((parts) => ({ parts })) },
);
const partAmount = mostly([1, 2, 3], 0, 6, 15, 16).map((parts) => ({ parts }));

const leg: fc.Arbitrary<LegWish> = fc
  .record({
    mode: fc.constantFrom<LegMode>('pooled', 'pooled', 'pooled', 'pooled', 'direct', 'transfer'),
    chain: mostly([0, 1, 1, 1, 2], 3),
    recipient: addressOrNobody,
    payee: fc.nat(PAYEES - 1),
    canonical: legAmount,
    part: partAmount,
    crowd: fc.constantFrom<CrowdFactor>(1, 1, 1, 2, 4),
  })
  .map(({ canonical, part, ...rest }) => {
    const isPooled = rest.mode === 'pooled';
    const amount = isPooled ? canonical : part;
    return { ...rest, amount, crowd: isPooled ? rest.crowd : 1 };
  });

const terms: fc.Arbitrary<TermsWish> = fc.record({
  legs: fc.oneof(
    { weight: 4, arbitrary: fc.array(leg, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(leg, { maxLength: 6, size: '+1' }) },
  ),
  notBefore: mostly([0, 0, 0, 0, -3, 1, 2, 1e7], 20),
  patience: mostly([2, 3, 5, 100], -1, 0),
  afterPatience: fc.constantFrom('return', 'wait'),
  epochsBack: mostly([0], 1, 2, -1),
});

const content: fc.Arbitrary<ContentWish> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('transparent'),
      recipient: addressOrNobody,
      hops: mostly([1, 2], 0, 3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('unopened'),
      form: fc.constantFrom(1, 1, 2, 7),
      isPost: fc.boolean(),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('sealed'),
      terms,
      owner: fc.nat(OWNERS - 1),
      isCopy: mostly([false], true),
      isPost: mostly([false], true),
      destination: mostly<'none' | 'some'>(['none'], 'some'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('post'),
      terms,
      owner: fc.nat(OWNERS - 1),
      poster: fc.nat(PAYEES - 1),
      nonce: mostly([0, 0, 0, 1], -1, 5, 63, 64, 100, 127, 128),
      expiry: mostly([0, 1, 20], -1, 1_000),
      maxFee: fc.constantFrom(50n, 50n, 50n, 8n, 4n, 3n),
      isPost: mostly([true], false),
    }),
  },
);

const message: fc.Arbitrary<MessageWish> = fc.record({
  chain: fc.nat(CHAIN_IDS.length - 1),
  sender: fc.integer({ min: 0, max: 3 }),
  asset: mostly([0, 0, 0, 0, 0, 0, 1, 2], 3),
  amount: fc.oneof(
    { weight: 10, arbitrary: fc.bigInt(600n, 20_000n) },
    { weight: 1, arbitrary: fc.bigInt(1n, 60n) },
    { weight: 1, arbitrary: fc.bigInt(1n, 1n << 90n) },
  ),
  fee: fc.bigInt(0n, 20n),
  at: fc.oneof(fc.constantFrom(0, 100), fc.nat(100)),
  isAncient: fc.boolean(),
  content,
});

const amount = fc.bigInt(0n, 40n);
const assetId = fc.constantFrom(...ASSETS);
const chainId = mostly(CHAIN_IDS, 999n);
const rungs = fc.constantFrom([...RUNGS, 4], RUNGS.slice(1), [...RUNGS]);

const controlContent: fc.Arbitrary<Exclude<ControlContent, { kind: 'suspend' }>> = fc.oneof(
  fc.record({ kind: fc.constant('setRate'), asset: assetId, chainId, rate: amount }),
  fc.record({ kind: fc.constant('setReward'), asset: assetId, reward: amount }),
  fc.record({
    kind: fc.constant('registerAsset'),
    asset: assetId,
    poolUnit: mostly([100n], 50n),
    rungs,
    entryFee: amount,
    leastBalance: amount,
  }),
  fc.record({ kind: fc.constant('resume'), chainId }),
  fc.record({ kind: fc.constant('startEpoch'), epoch: fc.bigInt(1n, 8n) }),
  fc.record({
    kind: fc.constant('nameSuccessor'),
    measurement: fc.constantFrom(`0x${'11'.repeat(32)}`, `0x${'22'.repeat(32)}`),
  }),
);

const control: fc.Arbitrary<ControlWish> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      content: controlContent,
      ahead: fc.integer({ min: -2, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.nat(9),
      payload: fc.uint8Array({ maxLength: 96 }),
      ahead: fc.constant(0),
    }),
  },
);

const round = (mayBe: { readonly suspended: boolean }): fc.Arbitrary<RoundWish> =>
  fc.record({
    messages: fc.array(message, { maxLength: 14, size: '+1' }),
    control: fc.array(control, { maxLength: 2 }),
    suspend: mayBe.suspended
      ? fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, fc.nat(2))
      : fc.constant(undefined),
    paid: fc.integer({ min: 0, max: 16 }),
  });

const rounds = (mayBe: { readonly suspended: boolean }) =>
  fc
    .array(round(mayBe), { minLength: 2, maxLength: 9, size: '+1' })
    // Nothing is registered in the first round: what comes then is given back, so little comes.
    .map(([first, ...rest]) => [{ ...first!, messages: first!.messages.slice(0, 4) }, ...rest]);

/** Several rounds of wishes. */
export const roundWishes = rounds({ suspended: true });

/** The same where no chain is ever suspended. */
export const calmWishes = rounds({ suspended: false });
