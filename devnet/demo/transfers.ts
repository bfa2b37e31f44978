import type { Deposit, DepositRequest, SourceSide } from '../../src/client/deposit.ts';
import type { TransferRef } from '../../src/client/transfer-history.ts';
import type { Order } from '../../src/protocol/envelope-order.ts';
import { payoutTag, publicTag, REFUND_PAYOUT_INDEX } from '../../src/protocol/tag.ts';
import { concatBytes, type Hex } from '../../src/shared/bytes.ts';
import { tokenOn } from './bookkeeping.ts';
import type { Stage } from './stage.ts';

/** One of the demo's transfers, as its user would make it. */
export interface Transfer {
  readonly label: string;
  readonly source: SourceSide;
  readonly request: DepositRequest;
  /** Where the payouts are made: the destination, or the source for a refund. */
  readonly paidOn: 'source' | 'destination';
  /** Who gets how much, given the fee; in the order of the tags. */
  readonly payouts: (
    fee: bigint,
  ) => readonly { readonly recipient: Hex; readonly amount: bigint }[];
  readonly tags: (deposit: TransferRef) => readonly Hex[];
  /** Run once when the payout was put aside. */
  readonly onClaimable?: (releaseIndex: bigint) => Promise<void>;
  /** Who is paid in the end, if not the recipient. */
  readonly claimedBy?: Hex;
  /** Set where later transfers spend what this one brings. */
  readonly fundsReturn?: true;
}

const ONE = 10n ** 18n;
const NOBODY: Hex = `0x${'00'.repeat(20)}`;

/** A transfer as it stands once its deposit is included. */
export interface StartedTransfer {
  readonly transfer: Transfer;
  readonly deposit: Deposit;
  readonly tags: readonly Hex[];
}

/** The transfers that can start at once. */
export function firstTransfers(stage: Stage): Transfer[] {
  const { assets } = stage.world.deployment;
  const { ethereum, polkadot, people } = stage;
  return [
    {
      fundsReturn: true,
      ...sealed(stage, {
        label: '1 ETH to Polkadot, sealed, in two payouts',
        source: ethereum.alice,
        asset: assets.eth,
        amount: ONE,
        payouts: (net) => [
          { recipient: people.charlie, amount: (7n * ONE) / 10n },
          { recipient: people.grace, amount: net - (7n * ONE) / 10n },
        ],
      }),
    },
    sealed(stage, {
      label: '5 DOT to Ethereum, sealed',
      source: polkadot.dave,
      asset: assets.dot,
      amount: 5n * ONE,
      payouts: (net) => [{ recipient: people.heidi, amount: net }],
    }),
    {
      fundsReturn: true,
      ...sealed(stage, {
        label: '250 DEMO to Polkadot, sealed (lock, mint)',
        source: ethereum.carol,
        asset: assets.demo,
        amount: 250n * ONE,
        payouts: (net) => [{ recipient: people.charlie, amount: net }],
      }),
    },
    transparent(stage),
    unopenable(stage),
  ];
}

/** Those that spend what the first ones have brought to Polkadot. */
export function secondTransfers(stage: Stage): Transfer[] {
  const { assets } = stage.world.deployment;
  const { polkadot, people, receiver } = stage;
  return [
    sealed(stage, {
      label: '100 DEMO back to Ethereum, sealed (burn, unlock)',
      source: polkadot.charlie,
      asset: assets.demo,
      amount: 100n * ONE,
      payouts: (net) => [{ recipient: people.heidi, amount: net }],
    }),
    {
      ...sealed(stage, {
        label: '0.2 ETH back, to a contract that refuses it',
        source: polkadot.charlie,
        asset: assets.eth,
        amount: ONE / 5n,
        payouts: (net) => [{ recipient: receiver.address, amount: net }],
      }),
      onClaimable: (index) => receiver.claimTo(index, people.ivan),
      claimedBy: people.ivan,
    },
  ];
}

interface SealedTransfer {
  readonly label: string;
  readonly source: SourceSide;
  readonly asset: Hex;
  readonly amount: bigint;
  readonly payouts: (net: bigint) => readonly { recipient: Hex; amount: bigint }[];
}

function sealed(stage: Stage, { payouts, ...of }: SealedTransfer): Transfer {
  const tagSecret = stage.rng.bytes(32);
  const order: Order = {
    // The last payout takes what the fee leaves, so its own amount can stay zero.
    payouts: payouts(0n).map(({ recipient, amount }) => ({
      recipient,
      amount: amount > 0n ? amount : 0n,
    })),
    delaySec: 0,
    leastAnonymitySet: 0,
    refundAddress: NOBODY,
    tagSecret,
    memo: new Uint8Array(),
  };
  return {
    label: of.label,
    source: of.source,
    request: requestOf(stage, of, { kind: 'sealed', order, rng: stage.rng }),
    paidOn: 'destination',
    payouts: (fee) => payouts(of.amount - fee),
    tags: () => order.payouts.map((_, i) => payoutTag(tagSecret, i)),
  };
}

function transparent(stage: Stage): Transfer {
  const source = stage.polkadot.charlie;
  const of = { source, asset: stage.world.deployment.assets.dot, amount: ONE };
  const recipient = stage.people.judy;
  return {
    label: '1 DOT to Ethereum, transparent',
    source,
    request: requestOf(stage, of, { kind: 'transparent', recipient }),
    paidOn: 'destination',
    payouts: (fee) => [{ recipient, amount: of.amount - fee }],
    tags: ({ chainId, index }) => [publicTag(chainId, source.gateway, index, 0)],
  };
}

function unopenable(stage: Stage): Transfer {
  const source = stage.ethereum.erin;
  const of = { source, asset: stage.world.deployment.assets.eth, amount: ONE / 2n };
  // Sealed to a key that nobody has: the right length and first byte, then noise.
  const envelope = concatBytes(Uint8Array.of(1), stage.rng.bytes(511));
  return {
    label: '0.5 ETH in an envelope that does not open, refunded',
    source,
    request: requestOf(stage, of, { kind: 'raw', envelope }),
    paidOn: 'source',
    payouts: (fee) => [{ recipient: source.signer.address, amount: of.amount - fee }],
    tags: ({ chainId, index }) => [publicTag(chainId, source.gateway, index, REFUND_PAYOUT_INDEX)],
  };
}

function requestOf(
  stage: Stage,
  { source, asset, amount }: { source: SourceSide; asset: Hex; amount: bigint },
  content: DepositRequest['content'],
): DepositRequest {
  const token = tokenOn(stage.world.client, source.chain, asset);
  const destination = stage.otherChain(source.chain).chainId;
  return { asset, token, amount, destination, content };
}
