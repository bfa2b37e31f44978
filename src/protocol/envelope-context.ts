import { addressWord, uintWord } from '../codec/abi.ts';
import type { HpkeContext } from '../crypto/hpke-context.ts';
import { concatBytes, fromHex, type Hex, HexError, toBigEndian, utf8 } from '../shared/bytes.ts';
import type { AssetId } from './asset.ts';
import type { SigningDomain } from './eip712.ts';

// SPEC: docs/wire-formats.md, "Envelope". What a sealed envelope is bound to besides the key of its epoch.

const INFO_LABEL = utf8('veilspan/envelope/v1');
const POST_LABEL = utf8('post');

/** The deposit an envelope belongs to; in any other it does not open. */
export interface DepositBinding {
  /** The chain the deposit is made on. */
  readonly chainId: bigint;
  /** The gateway it is made at, 20 bytes. */
  readonly gateway: Hex;
  /** The depositor, 20 bytes. */
  readonly sender: Hex;
  /** Who is paid on the source chain if the message cannot be carried out, 20 bytes. */
  readonly refundTo: Hex;
  readonly asset: AssetId;
  /** Fee included. */
  readonly amount: bigint;
  /** Chain id of the gateway that is to pay out; 0 if the order names it. */
  readonly destination: bigint;
}

/** Of an envelope that comes with a deposit. @throws {HexError} a part does not fit its word */
export function depositContext(epoch: bigint, deposit: DepositBinding): HpkeContext {
  const words = [
    uintDigits(deposit.chainId),
    wordDigits(deposit.gateway, 20),
    wordDigits(deposit.sender, 20),
    wordDigits(deposit.refundTo, 20),
    wordDigits(deposit.asset, 32),
    uintDigits(deposit.amount),
    uintDigits(deposit.destination),
  ];
  return { info: infoOf(epoch), aad: fromHex(`0x${words.join('')}`, 32 * words.length) };
}

/**
 * Of an envelope that is posted: nothing of the message that carries it, so that anybody may post it.
 *
 * @param scheme the byte in front of it that says how its order is signed
 */
export function postContext(epoch: bigint, scheme: number, ledger: SigningDomain): HpkeContext {
  const aad = concatBytes(
    POST_LABEL,
    uintWord(ledger.chainId),
    addressWord(ledger.verifyingContract),
    uintWord(epoch),
    Uint8Array.of(scheme),
  );
  return { info: infoOf(epoch), aad };
}

// The words as digits, decoded at once: every message that is opened needs them, and seven arrays take three times as long.

function uintDigits(value: bigint): string {
  return value.toString(16).padStart(64, '0');
}

function wordDigits(value: Hex, bytes: number): string {
  if (value.length !== 2 + 2 * bytes) throw new HexError(`not ${bytes} bytes`, { text: value });
  return value.slice(2).padStart(64, '0');
}

/** Of the last epoch: of a round's envelopes almost all have the same. */
let latest = { epoch: 0n, info: encodeInfo(0n) };

function infoOf(epoch: bigint): Uint8Array {
  if (latest.epoch !== epoch) latest = { epoch, info: encodeInfo(epoch) };
  return latest.info;
}

function encodeInfo(epoch: bigint): Uint8Array {
  return concatBytes(INFO_LABEL, toBigEndian(epoch, 8));
}
