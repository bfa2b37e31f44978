import { addressWord, bytes32Word, uintWord } from '../codec/abi.ts';
import {
  HPKE_KEY_BYTES,
  HPKE_TAG_BYTES,
  type HpkeContext,
  openHpke,
  sealHpke,
} from '../crypto/hpke.ts';
import {
  concatBytes,
  fromBigEndian,
  fromHex,
  type Hex,
  toBigEndian,
  toHex,
  utf8,
} from '../shared/bytes.ts';
import type { Rng } from '../shared/rng.ts';
import type { AssetId } from './asset.ts';
import { decodeOrder, encodeOrder, ORDER_BYTES, type Order, OrderError } from './envelope-order.ts';

// SPEC: docs/wire-formats.md, "Envelope". Sealed: 0x01 ‖ epoch u64 ‖ enc 32 ‖ ciphertext (455 + 16). Transparent: 0x00 ‖ recipient 20.

export type { Order };

const TRANSPARENT = 0;
const SEALED = 1;
const EPOCH_BYTES = 8;
const HEADER_BYTES = 1 + EPOCH_BYTES;
const INFO_LABEL = utf8('veilspan/envelope/v1');

/** Length of every sealed envelope: the longest that a gateway takes. */
export const SEALED_ENVELOPE_BYTES = HEADER_BYTES + HPKE_KEY_BYTES + ORDER_BYTES + HPKE_TAG_BYTES;
/** Length of every transparent envelope. */
export const TRANSPARENT_ENVELOPE_BYTES = 21;

/** The deposit an envelope belongs to; in any other it does not open. */
export interface EnvelopeBinding {
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
  /** Chain id of the gateway that is to pay out. */
  readonly destination: bigint;
}

/** The key that users of an epoch seal to. */
export interface EpochKey {
  /** 64 bits. */
  readonly epoch: bigint;
  /** X25519 public key, 32 bytes. */
  readonly epochKey: Uint8Array;
}

/** Why an envelope did not open. */
export type UnopenedReason =
  | 'unknown-kind'
  | 'wrong-length'
  | 'unknown-epoch'
  | 'undecryptable'
  | 'malformed-order';

/** What an envelope says, as far as it can be known. */
export type OpenedEnvelope =
  | { readonly kind: 'sealed'; readonly order: Order }
  | { readonly kind: 'transparent'; readonly recipient: Hex }
  | { readonly kind: 'unopened'; readonly reason: UnopenedReason };

/** An envelope that anyone can read. 21 bytes. @throws {HexError} the recipient is not 20 bytes */
export function transparentEnvelope(recipient: Hex): Uint8Array {
  return concatBytes(Uint8Array.of(TRANSPARENT), fromHex(recipient, 20));
}

/**
 * Seals an order to the key of an epoch. 512 bytes whatever the order says.
 *
 * @throws {OrderError} ORDER_UNENCODABLE
 * @throws {HpkeError} the epoch key is no X25519 key
 */
export async function sealEnvelope(
  order: Order,
  { epoch, epochKey }: EpochKey,
  binding: EnvelopeBinding,
  rng: Rng,
): Promise<Uint8Array> {
  const keys = { publicKey: epochKey, ephemeralIkm: rng.bytes(32) };
  const sealed = await sealHpke(keys, encodeOrder(order), contextOf(epoch, binding));
  return concatBytes(Uint8Array.of(SEALED), toBigEndian(epoch, EPOCH_BYTES), sealed);
}

/**
 * Opens an envelope. Bytes that are wrong in any way are an answer, never an error.
 *
 * @param envelope untrusted
 * @param binding  the deposit it came with
 * @param secretOf the secret of an epoch's key pair (see `hpkePublicKey`), undefined if there is none (any more); the
 *   same array each time, so that its key pair is derived once
 */
export async function openEnvelope(
  envelope: Uint8Array,
  binding: EnvelopeBinding,
  secretOf: (epoch: bigint) => Uint8Array | undefined,
): Promise<OpenedEnvelope> {
  switch (envelope[0]) {
    case TRANSPARENT:
      return openTransparent(envelope);
    case SEALED:
      return openSealed(envelope, binding, secretOf);
    default:
      return unopened('unknown-kind');
  }
}

function openTransparent(envelope: Uint8Array): OpenedEnvelope {
  if (envelope.length !== TRANSPARENT_ENVELOPE_BYTES) return unopened('wrong-length');
  return { kind: 'transparent', recipient: toHex(envelope.subarray(1)) };
}

async function openSealed(
  envelope: Uint8Array,
  binding: EnvelopeBinding,
  secretOf: (epoch: bigint) => Uint8Array | undefined,
): Promise<OpenedEnvelope> {
  if (envelope.length !== SEALED_ENVELOPE_BYTES) return unopened('wrong-length');
  const epoch = fromBigEndian(envelope.subarray(1, HEADER_BYTES));
  const secret = secretOf(epoch);
  if (secret === undefined) return unopened('unknown-epoch');
  const context = contextOf(epoch, binding);
  const plaintext = await openHpke(secret, envelope.subarray(HEADER_BYTES), context);
  return plaintext === undefined ? unopened('undecryptable') : readOrder(plaintext);
}

function readOrder(plaintext: Uint8Array): OpenedEnvelope {
  try {
    return { kind: 'sealed', order: decodeOrder(plaintext) };
  } catch (error) {
    if (error instanceof OrderError) return unopened('malformed-order');
    throw error;
  }
}

function unopened(reason: UnopenedReason): OpenedEnvelope {
  return { kind: 'unopened', reason };
}

function contextOf(epoch: bigint, binding: EnvelopeBinding): HpkeContext {
  return {
    info: concatBytes(INFO_LABEL, toBigEndian(epoch, EPOCH_BYTES)),
    aad: concatBytes(
      uintWord(binding.chainId),
      addressWord(binding.gateway),
      addressWord(binding.sender),
      addressWord(binding.refundTo),
      bytes32Word(binding.asset),
      uintWord(binding.amount),
      uintWord(binding.destination),
    ),
  };
}
