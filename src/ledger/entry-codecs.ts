import { readVector, type ScaleCursor } from '../codec/scale.ts';
import { CROWD_FACTORS } from '../protocol/order.ts';
import { MAX_BATCH_RELEASES, type Release, type ReleaseBatch } from '../protocol/release.ts';
import type { Hex } from '../shared/bytes.ts';
import type { ValueCodec } from './auth-map.ts';
import {
  amountDigits,
  decodeWhole,
  digitsOf,
  hexDigits,
  listDigits,
  malformed,
  readAmount,
  readAscending,
  readChoice,
  readHex,
  readUint64,
  uint64Digits,
} from './encoding.ts';
import type { Account, AssetAmount, LegEntry, LegPayment, OpenedEntry } from './state.ts';

// SPEC: docs/wire-formats.md, "Ledger state". What is under a key of the state's maps; src/ledger/encoding.ts has the alphabet.

/** Assets that a ledger knows at most, and so an account. */
export const MAX_ASSETS = 1 << 16;

/** root 32 ‖ nonceBase u64 ‖ nonceBits u64 ‖ Vec<asset 32 ‖ amount u128>, ascending, no amount zero. */
export const ACCOUNT_VALUES: ValueCodec<Account> = {
  digits: ({ root, nonceBase, nonceBits, balances }) =>
    hexDigits(root, 32) +
    uint64Digits(nonceBase) +
    uint64Digits(nonceBits) +
    listDigits(balances, assetAmountDigits),
  decode: (bytes) => decodeWhole(bytes, readAccount),
};

/**
 * isPayment u8 ‖ payment 173 ‖ notBefore u64 ‖ patience u64 ‖ afterPatience u8 ‖ exitRound u64, 199 bytes: a dummy's payment is
 * zeros, so that what is written, hashed and stored of it is as long as of a leg.
 */
export const LEG_VALUES: ValueCodec<LegEntry> = {
  digits: ({ payment, notBefore, patience, afterPatience, exitRound }) =>
    (payment === undefined ? '00' : '01') +
    paymentDigits(payment ?? NO_PAYMENT) +
    uint64Digits(notBefore) +
    uint64Digits(patience) +
    digitsOf(AFTER_PATIENCE.indexOf(afterPatience), 1) +
    uint64Digits(exitRound),
  decode: (bytes) => decodeWhole(bytes, readLeg),
};

/**
 * chainId u64 ‖ gateway 20 ‖ firstIndex u64 ‖ prevHead 32 ‖ Vec<tag 32 ‖ asset 32 ‖ recipient 20 ‖ amount u128 ‖ refundOf u64> ‖
 * Vec<asset 32 ‖ amount u128>, ascending, no amount zero ‖ consumedCount u64; 1 … 16 releases.
 */
export const BATCH_VALUES: ValueCodec<ReleaseBatch> = {
  digits: (batch) =>
    uint64Digits(batch.chainId) +
    hexDigits(batch.gateway, 20) +
    uint64Digits(batch.firstIndex) +
    hexDigits(batch.prevHead, 32) +
    listDigits(batch.releases, releaseDigits) +
    listDigits(batch.fees, assetAmountDigits) +
    uint64Digits(batch.consumedCount),
  decode: (bytes) => decodeWhole(bytes, readBatch),
};

/** round u64. */
export const OPENED_VALUES: ValueCodec<OpenedEntry> = {
  digits: ({ round }) => uint64Digits(round),
  decode: (bytes) => ({ round: decodeWhole(bytes, readUint64) }),
};

const AFTER_PATIENCE = ['return', 'wait'] as const;
const ZERO_WORD: Hex = `0x${'00'.repeat(32)}`;

/** What stands in a dummy's entry. */
const NO_PAYMENT: LegPayment = {
  asset: ZERO_WORD,
  chainId: 0n,
  amount: 0n,
  recipient: `0x${'00'.repeat(20)}`,
  tag: ZERO_WORD,
  account: ZERO_WORD,
  root: ZERO_WORD,
  crowd: 1,
};
/** What a payment takes: zeros of a dummy. */
const PAYMENT_BYTES = 173;

function assetAmountDigits({ asset, amount }: AssetAmount): string {
  return hexDigits(asset, 32) + amountDigits(amount);
}

/** The crowd factor is written as its place, so that a dummy's, the first, is a zero. */
function paymentDigits(payment: LegPayment): string {
  return (
    hexDigits(payment.asset, 32) +
    uint64Digits(payment.chainId) +
    amountDigits(payment.amount) +
    hexDigits(payment.recipient, 20) +
    hexDigits(payment.tag, 32) +
    hexDigits(payment.account, 32) +
    hexDigits(payment.root, 32) +
    digitsOf(CROWD_FACTORS.indexOf(payment.crowd), 1)
  );
}

function releaseDigits({ tag, asset, recipient, amount, refundOf }: Release): string {
  return (
    hexDigits(tag, 32) +
    hexDigits(asset, 32) +
    hexDigits(recipient, 20) +
    amountDigits(amount) +
    uint64Digits(refundOf)
  );
}

function readAccount(cursor: ScaleCursor): Account {
  return {
    root: readHex(cursor, 32),
    nonceBase: readUint64(cursor),
    nonceBits: readUint64(cursor),
    balances: readAssetAmounts(cursor, MAX_ASSETS),
  };
}

function readAssetAmounts(cursor: ScaleCursor, most: number): AssetAmount[] {
  const amounts = readAscending(cursor, most, {
    readItem: (at) => ({ asset: readHex(at, 32), amount: readAmount(at) }),
    keyOf: ({ asset }) => BigInt(asset),
  });
  const empty = amounts.find(({ amount }) => amount === 0n);
  if (empty) throw malformed('no amount of zero', { asset: empty.asset });
  return amounts;
}

function readLeg(cursor: ScaleCursor): LegEntry {
  const isPayment = readChoice(cursor, [false, true]);
  return {
    payment: isPayment ? readPayment(cursor) : readNoPayment(cursor),
    notBefore: readUint64(cursor),
    patience: readUint64(cursor),
    afterPatience: readChoice(cursor, AFTER_PATIENCE),
    exitRound: readUint64(cursor),
  };
}

function readPayment(cursor: ScaleCursor): LegPayment {
  return {
    asset: readHex(cursor, 32),
    chainId: readUint64(cursor),
    amount: readAmount(cursor),
    recipient: readHex(cursor, 20),
    tag: readHex(cursor, 32),
    account: readHex(cursor, 32),
    root: readHex(cursor, 32),
    crowd: readChoice(cursor, CROWD_FACTORS),
  };
}

function readNoPayment(cursor: ScaleCursor): undefined {
  const got = readHex(cursor, PAYMENT_BYTES);
  if (BigInt(got) !== 0n) throw malformed('zeros where a dummy pays nothing', { got });
}

function readBatch(cursor: ScaleCursor): ReleaseBatch {
  const batch = {
    chainId: readUint64(cursor),
    gateway: readHex(cursor, 20),
    firstIndex: readUint64(cursor),
    prevHead: readHex(cursor, 32),
    releases: readVector(cursor, MAX_BATCH_RELEASES, readRelease),
    fees: readAssetAmounts(cursor, MAX_BATCH_RELEASES),
    consumedCount: readUint64(cursor),
  };
  if (batch.releases.length === 0) throw malformed('a release in every batch', { releases: 0 });
  return batch;
}

function readRelease(cursor: ScaleCursor): Release {
  return {
    tag: readHex(cursor, 32),
    asset: readHex(cursor, 32),
    recipient: readHex(cursor, 20),
    amount: readAmount(cursor),
    refundOf: readUint64(cursor),
  };
}
