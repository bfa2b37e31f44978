import { addressWord, bytes32Word, uintWord } from '../codec/abi.ts';
import type { HpkeContext } from '../crypto/hpke-context.ts';
import { concatBytes, type Hex, toBigEndian, utf8 } from '../shared/bytes.ts';
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

/** Of an envelope that comes with a deposit. */
export function depositContext(epoch: bigint, deposit: DepositBinding): HpkeContext {
  const aad = concatBytes(
    uintWord(deposit.chainId),
    addressWord(deposit.gateway),
    addressWord(deposit.sender),
    addressWord(deposit.refundTo),
    bytes32Word(deposit.asset),
    uintWord(deposit.amount),
    uintWord(deposit.destination),
  );
  return { info: infoOf(epoch), aad };
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

function infoOf(epoch: bigint): Uint8Array {
  return concatBytes(INFO_LABEL, toBigEndian(epoch, 8));
}
