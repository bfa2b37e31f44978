import * as z from 'zod';
import { decimal, hex, instant, shown, unixSec, whole } from './shown.ts';

// What the status API answers, and where each field of it can be read by everyone.

const place = (source: 'deposit' | 'payout') => ({
  chainId: shown(decimal, source, 'EVM chain id of the gateway'),
  index: shown(decimal, source, 'place in the gateway’s order, from 0'),
});

const block = (source: 'deposit' | 'payout' | 'commit') => ({
  blockNumber: shown(whole, source, 'block that shows it'),
  isFinal: shown(z.boolean(), 'block', 'whether that block is final'),
  transactionHash: shown(hex.nullable(), source, 'transaction; null until its logs are read again'),
});

/** Who has to act before a subject goes on. */
const next = z.strictObject({
  who: shown(z.string(), 'words', 'who acts next'),
  what: shown(z.string(), 'words', 'what they have to do'),
  command: shown(z.string().nullable(), 'words', 'what they type, where there is such a command'),
});

const eta = z.strictObject({
  until: shown(z.string(), 'words', 'the state that is estimated for'),
  basis: shown(
    z.enum(['history', 'rules', 'none']),
    'words',
    'measured on transfers before, or reckoned from the rules of chains and rounds where there are too few, or neither',
  ),
  samples: shown(whole, 'seen', 'transfers before that took longer than this one has so far'),
  p50Sec: shown(whole.nullable(), 'seen', 'seconds left for half of them; of rules, what they say'),
  p90Sec: shown(whole.nullable(), 'seen', 'seconds left for nine of ten; null without history'),
  p99Sec: shown(whole.nullable(), 'seen', 'seconds left for all but one of 100; null below 100'),
  note: shown(z.string(), 'words', 'what the numbers do not say'),
});
/** When something can be expected. */
export type EtaAnswer = z.output<typeof eta>;

const step = z.strictObject({
  state: shown(z.string(), 'words', 'the state that was entered'),
  reason: shown(z.string(), 'words', 'why; docs/architecture.md lists them'),
  chainId: shown(decimal, 'block', 'the chain whose block shows it'),
  blockNumber: shown(whole, 'block', 'that block'),
  transactionHash: shown(hex.nullable(), 'block', 'transaction in it, where one entered the state'),
  seenAt: shown(instant, 'seen', 'when this relayer saw it'),
});
/** A step of a life. */
export type StepAnswer = z.output<typeof step>;

const standing = {
  state: shown(z.string(), 'words', 'where it is'),
  reason: shown(z.string(), 'words', 'why it is there; docs/architecture.md lists the reasons'),
  standing: shown(z.string(), 'words', 'the same in the words that one asks with'),
  cause: shown(z.string(), 'words', 'the reason in a sentence'),
  isOver: shown(z.boolean(), 'words', 'whether nothing follows'),
  next,
  eta: eta.nullable(),
};

const claim = z.strictObject({
  recipient: shown(hex, 'payout', 'who was paid'),
  amount: shown(decimal, 'payout', 'how much of it'),
  left: shown(decimal, 'payout', 'what is to be claimed still'),
  ...block('payout'),
});

/** A release of a gateway, whatever it did with it. */
export const payoutAnswer = z.strictObject({
  id: shown(z.string(), 'words', '<chain id>/<index>; a claim names it so'),
  ...place('payout'),
  tag: shown(hex, 'payout', 'what its owner finds it by'),
  isRefund: shown(z.boolean(), 'payout', 'whether it is known to give a deposit back'),
  asset: shown(hex.nullable(), 'payout', 'asset id; null of a refund that was skipped'),
  recipient: shown(hex.nullable(), 'payout', 'who is paid; null of a refund that was skipped'),
  paid: shown(decimal, 'payout', 'what was paid at once, in the asset’s smallest unit'),
  deferred: shown(decimal, 'payout', 'what was put aside at first'),
  ...block('payout'),
  timeSec: shown(unixSec.nullable(), 'block', 'time of the block; null until it is final and read'),
  ...standing,
  steps: z.array(step),
  claims: z.array(claim),
});
/** See {@link payoutAnswer}. */
export type PayoutAnswer = z.output<typeof payoutAnswer>;

/** A message of a gateway, from its deposit on. */
export const transferAnswer = z.strictObject({
  id: shown(z.string(), 'words', '<chain id>/<index>'),
  ...place('deposit'),
  sentAtSec: shown(unixSec, 'deposit', 'time of its block'),
  sender: shown(hex, 'deposit', 'who paid'),
  refundTo: shown(hex, 'deposit', 'who gets it back if it cannot be carried out'),
  asset: shown(hex, 'deposit', 'asset id'),
  amount: shown(decimal, 'deposit', 'what the gateway took, in the asset’s smallest unit'),
  fee: shown(decimal, 'deposit', 'the part of it that pays for carrying it'),
  destination: shown(
    decimal.nullable(),
    'deposit',
    'chain that is to pay; null if only the sealed order says',
  ),
  ...block('deposit'),
  ...standing,
  steps: z.array(step),
  payouts: z.array(payoutAnswer),
});
/** See {@link transferAnswer}. What pays a sealed order is not in it: nothing ties that to the deposit. */
export type TransferAnswer = z.output<typeof transferAnswer>;

/** Transfers that one transaction began. */
export const transfersAnswer = z.strictObject({ transfers: z.array(transferAnswer) });
/** Payouts under one tag. */
export const payoutsAnswer = z.strictObject({ payouts: z.array(payoutAnswer) });

const listed = z.strictObject({
  id: shown(z.string(), 'words', '<chain id>/<index>'),
  state: shown(z.string(), 'words', 'where it is'),
  reason: shown(z.string(), 'words', 'why it is there'),
  chainId: shown(decimal, 'block', 'the chain whose block shows it'),
  blockNumber: shown(whole, 'block', 'that block'),
  seenAt: shown(instant, 'seen', 'when this relayer saw it'),
});

/** A page of transfers, or of payouts, that are in one state. */
export const pageAnswer = z.strictObject({
  items: z.array(listed),
  next: shown(
    whole.nullable(),
    'seen',
    'give it as `before` for the next page, which may be empty and not the last; null after the last',
  ),
});
/** See {@link pageAnswer}. */
export type PageAnswer = z.output<typeof pageAnswer>;

/** A state change as a stream tells it. */
export const changeAnswer = z.strictObject({
  subject: shown(z.string(), 'words', '`message`, `release` or `commit` and its id'),
  state: shown(z.string(), 'words', 'the state that was entered'),
  reason: shown(z.string(), 'words', 'why'),
  chainId: shown(decimal, 'block', 'the chain whose block shows it'),
  blockNumber: shown(whole, 'block', 'that block'),
  seenAt: shown(instant, 'seen', 'when this relayer saw it'),
});

/** Why there is no answer. */
export const errorAnswer = z.strictObject({
  code: shown(z.string(), 'words', 'stable; docs/errors.md lists it'),
  message: shown(z.string(), 'words', 'a sentence'),
});
