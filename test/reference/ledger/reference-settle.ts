import type { OpenedMessage, TransitionInput } from '../../../src/ledger/transition.ts';
import { accountId, depositorRoot } from '../../../src/protocol/account.ts';
import type { OpenedEnvelope } from '../../../src/protocol/envelope.ts';
import type { Message } from '../../../src/protocol/message.ts';
import { publicTag } from '../../../src/protocol/tag.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { assetOf, chainOf, credit, creditable, open, openingEpoch, rateOf } from './lookups.ts';
import { openedKeyOf } from './reference-draws.ts';
import { addDummies, canPay, pay, sumOf } from './reference-legs.ts';
import { book, earn, houseOf, type Round, refund } from './reference-round.ts';

const ZERO_ADDRESS: Hex = `0x${'00'.repeat(20)}`;
const DAY_SEC = 86_400n;

type DepositEnvelope = Extract<OpenedEnvelope, { kind: 'sealed' }>;
type PostEnvelope = Extract<OpenedEnvelope, { kind: 'post' }>;

export function settle(round: Round, opened: OpenedMessage): void {
  const { message, envelope } = opened;
  book(round.state, message, message.amount);
  if (message.amount === message.fee) {
    if (envelope.kind === 'post') settlePost(round, message, envelope);
    earn(round, message.asset, message.fee);
  } else if (!settleDeposit(round, message, envelope)) {
    refund(round, message);
  }
  addDummies(round, message, envelope);
}

/** False if the deposit is to be given back. */
function settleDeposit(round: Round, message: Message, envelope: OpenedEnvelope): boolean {
  const { state, input } = round;
  if (isLate(input, message)) return false;
  if (envelope.kind === 'transparent') return settleTransparent(round, message, envelope.recipient);
  if (envelope.kind !== 'sealed') return false;
  if (!isFirstOpening(round, message, envelope)) return false;
  if (message.destination !== 0n || !assetOf(state, message.asset).terms) return false;
  return settleSealed(round, message, envelope);
}

function isLate({ asOf, rules }: TransitionInput, { sentAtSec }: Message): boolean {
  return asOf - sentAtSec > rules.lateSec;
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

/** Whether it may open now, and is no copy of one that has; remembers that it has. */
function isFirstOpening(round: Round, message: Message, { epoch, enc }: DepositEnvelope): boolean {
  const place = { epoch, sentAtSec: message.sentAtSec, round: round.round };
  const record = openingEpoch(round.state, round.input, place);
  if (record === undefined) return false;
  const key = openedKeyOf(enc);
  if (record.opened.has(key)) return false;
  record.opened.set(key, round.round);
  return true;
}

function settleSealed(round: Round, message: Message, { order }: DepositEnvelope): boolean {
  const { state } = round;
  const { asset, fee, chainId, sender } = message;
  const { account } = order;
  const { entryFee, leastBalance } = assetOf(state, asset).terms!;
  let credited = message.amount - fee;
  if (state.accounts.has(account)) {
    credit(state, account, asset, credited);
  } else {
    if (credited < entryFee + leastBalance) return false;
    const opening = { account, root: depositorRoot(chainId, sender), house: houseOf(round) };
    open(state, opening, { asset, amount: credited });
    credited -= entryFee;
  }
  earn(round, asset, fee);
  const payer = { account, asset, spare: 0n };
  const isCovered = sumOf(order.legs) <= credited;
  if (isCovered && canPay(round, payer, order.legs)) {
    pay(round, { message, payer, order });
  }
  return true;
}

function settlePost(round: Round, message: Message, { epoch, order }: PostEnvelope): void {
  const { state, input } = round;
  const { asset, owner, nonce, expiry } = order;
  const account = accountId(owner);
  const place = { epoch, sentAtSec: message.sentAtSec, round: round.round };
  const known = state.accounts.get(account);
  const dayRounds = DAY_SEC / input.rules.schedule.roundSec;
  if (isLate(input, message) || openingEpoch(state, input, place) === undefined) return;
  if (known === undefined || !assetOf(state, asset).terms) return;
  if (expiry < round.round || expiry > round.round + dayRounds) return;
  const at = nonce - known.nonceBase;
  if (at < 0n || at >= 128n || ((known.nonceBits >> at) & 1n) === 1n) return;
  const { reward } = assetOf(state, asset);
  if (reward > order.maxFee) return;
  const isEarly = order.notBefore > round.round;
  if (isEarly && order.legs.some(({ mode }) => mode === 'direct')) return;
  const payer = { account, asset, spare: reward };
  if (!canPay(round, payer, order.legs)) return;
  useNonce(known, nonce);
  credit(state, account, asset, -reward);
  credit(state, creditable(state, order.posterAccount, houseOf(round)), asset, reward);
  pay(round, { message, payer, order });
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
