import type { OpenedMessage } from '../../../src/ledger/transition.ts';
import { accountId, depositorRoot } from '../../../src/protocol/account.ts';
import type { OpenedEnvelope } from '../../../src/protocol/envelope.ts';
import type { Message } from '../../../src/protocol/message.ts';
import { publicTag } from '../../../src/protocol/tag.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { assetOf, chainOf, credit, creditable, open, openingEpoch, rateOf } from './lookups.ts';
import { keyEpochOf, openedKeyOf, unopenedKeyOf } from './reference-draws.ts';
import { addDummies, canPay, isParkedTooLong, pay, sumOf } from './reference-legs.ts';
import { book, earn, houseOf, type Round, refund } from './reference-round.ts';

const ZERO_ADDRESS: Hex = `0x${'00'.repeat(20)}`;
const DAY_SEC = 86_400n;

type DepositEnvelope = Extract<OpenedEnvelope, { kind: 'sealed' }>;
type PostEnvelope = Extract<OpenedEnvelope, { kind: 'post' }>;

export function settle(round: Round, { message, envelope }: OpenedMessage): void {
  const read = isReadable(round, message, envelope) ? envelope : UNREAD;
  book(round.state, message, message.amount);
  if (message.amount === message.fee) {
    if (read.kind === 'post') settlePost(round, message, read);
    earn(round, message.asset, message.fee);
  } else {
    if (!settleDeposit(round, message, read)) refund(round, message);
    if (message.envelope[0] === 1) noteUnopened(round, message);
  }
  addDummies(round, message, read);
}

const UNREAD = { kind: 'unopened', reason: 'undecryptable' } as const;

/** What is late is never opened, and an epoch opens nothing before it begins nor long after its end. */
function isReadable(
  { state, input, round }: Round,
  { sentAtSec }: Message,
  envelope: OpenedEnvelope,
): boolean {
  if (input.asOf - sentAtSec > input.rules.lateSec) return false;
  const isSealed = envelope.kind === 'sealed' || envelope.kind === 'post';
  return !isSealed || openingEpoch(state, input, { ...envelope, sentAtSec, round }) !== undefined;
}

/** What has opened leaves an entry, and what has not leaves one that says nothing. */
function noteUnopened({ state, round, noted }: Round, { chainId, index }: Message): void {
  const key = unopenedKeyOf(chainId, index);
  if (!noted.has(key)) keyEpochOf(state, round).opened.set(key, round);
}

/** False if the deposit is to be given back. */
function settleDeposit(round: Round, message: Message, envelope: OpenedEnvelope): boolean {
  if (envelope.kind === 'transparent') return settleTransparent(round, message, envelope.recipient);
  if (envelope.kind !== 'sealed') return false;
  if (!isFirstOpening(round, message, envelope)) return false;
  if (message.destination !== 0n || !assetOf(round.state, message.asset).terms) return false;
  return settleSealed(round, message, envelope);
}

function settleTransparent(round: Round, message: Message, recipient: Hex): boolean {
  const { asset, chainId, gateway, index, destination, amount, fee } = message;
  const payer = chainOf(round.state, destination);
  const rate = rateOf(round.state, asset, destination);
  if (!assetOf(round.state, asset).terms) return false;
  if (payer === undefined || destination === chainId || payer.isSuspended) return false;
  if (recipient === ZERO_ADDRESS || recipient === payer.gateway) return false;
  if (rate === undefined || amount - fee <= rate) return false;
  const tag = publicTag(chainId, gateway, index, 0);
  const release = { tag, asset, recipient, amount: amount - fee - rate, refundOf: 0n };
  const from = { kind: 'transparent', message } as const;
  // The fee is earned once it is known that there is room for it.
  round.payouts.push({ chainId: destination, release, rate, from });
  return true;
}

/** Whether it is no copy of one that has opened; remembers that it has. */
function isFirstOpening(round: Round, message: Message, { epoch, enc }: DepositEnvelope): boolean {
  const record = round.state.epochs.find((other) => other.epoch === epoch)!;
  const key = openedKeyOf(enc);
  if (record.opened.has(key)) return false;
  record.opened.set(key, round.round);
  round.noted.add(unopenedKeyOf(message.chainId, message.index));
  return true;
}

function settleSealed(round: Round, message: Message, { order }: DepositEnvelope): boolean {
  const { state } = round;
  const { asset, fee, chainId, sender } = message;
  const { account } = order;
  const { entryFee, leastBalance } = assetOf(state, asset).terms!;
  const root = depositorRoot(chainId, sender);
  let credited = message.amount - fee;
  if (credited < entryFee + leastBalance) return false;
  if (state.accounts.has(account)) {
    credit(state, account, asset, credited);
  } else {
    const opening = { account, root, house: houseOf(round) };
    open(state, opening, { asset, amount: credited });
    credited -= entryFee;
  }
  earn(round, asset, fee);
  const payer = { account, asset, spare: 0n };
  const isCovered = sumOf(order.legs) <= credited;
  if (isCovered && !isParkedTooLong(round, order) && canPay(round, payer, order.legs)) {
    pay(round, { message, payer, root, order });
  }
  return true;
}

function settlePost(round: Round, message: Message, { order }: PostEnvelope): void {
  const { state, input } = round;
  const { asset, owner, nonce, expiry } = order;
  const account = accountId(owner);
  const known = state.accounts.get(account);
  const dayRounds = DAY_SEC / input.rules.schedule.roundSec;
  if (known === undefined || !assetOf(state, asset).terms) return;
  if (expiry < round.round || expiry > round.round + dayRounds) return;
  const at = nonce - known.nonceBase;
  if (at < 0n || at >= 128n || ((known.nonceBits >> at) & 1n) === 1n) return;
  const { reward } = assetOf(state, asset);
  if (reward > order.maxFee) return;
  const isEarly = order.notBefore > round.round;
  if (isEarly && order.legs.some(({ mode }) => mode === 'direct')) return;
  const payer = { account, asset, spare: reward };
  if (isParkedTooLong(round, order) || !canPay(round, payer, order.legs)) return;
  useNonce(known, nonce);
  credit(state, account, asset, -reward);
  credit(state, creditable(state, order.posterAccount, houseOf(round)), asset, reward);
  pay(round, { message, payer, root: known.root, order });
}

function useNonce(account: { nonceBase: bigint; nonceBits: bigint }, nonce: bigint): void {
  const used = new Set<bigint>([nonce]);
  for (let i = 0n; i < 64n; i += 1n) {
    if ((account.nonceBits >> i) & 1n) used.add(account.nonceBase + i);
  }
  if (nonce >= account.nonceBase + 64n) account.nonceBase = nonce - 63n;
  account.nonceBits = 0n;
  for (let i = 0n; i < 64n; i += 1n) {
    if (used.has(account.nonceBase + i)) account.nonceBits |= 1n << i;
  }
}
