import { addressWord, bytes32Word, uintWord } from '../codec/abi.ts';
import { keccak256 } from '../crypto/hashes.ts';
import { concatBytes, type Hex, toHex } from '../shared/bytes.ts';
import type { AssetId } from './asset.ts';

// test/vectors/typed-data.json holds the constants of this file and those of the contracts to the same values.

/** The only version of the leaf's layout. */
export const MESSAGE_VERSION = 2n;

/** The longest envelope a gateway takes, in bytes: that of a sealed post. */
export const MAX_ENVELOPE_BYTES = 832;

/** A gateway keeps the head of its outbox after every so many messages. */
export const HEAD_INTERVAL = 256n;

/** The head of a hash chain that has no entry yet. */
export const EMPTY_HEAD: Hex = `0x${'00'.repeat(32)}`;

/** What a deposit or a post says, without the place it was made at. */
export interface MessageBody {
  /** Time of the block that took it, in whole seconds of Unix time, 64 bits. */
  readonly sentAtSec: bigint;
  /** The account that paid, 20 bytes. */
  readonly sender: Hex;
  /** Who is paid on the source chain if the message cannot be carried out, 20 bytes; never zero nor the gateway. */
  readonly refundTo: Hex;
  readonly asset: AssetId;
  /** What the gateway took, fee included, in the asset's smallest unit. */
  readonly amount: bigint;
  /** The part of `amount` that pays for carrying the message; all of it in a post, which brings nothing else. */
  readonly fee: bigint;
  /** Chain id of the gateway that is to pay out; 0 if the envelope names the chains. */
  readonly destination: bigint;
  /** 1 … 832 bytes, sealed or transparent. */
  readonly envelope: Uint8Array;
}

/** One entry of a gateway's outbox. */
export interface Message extends MessageBody {
  readonly chainId: bigint;
  /** The gateway that took it, 20 bytes. */
  readonly gateway: Hex;
  /** Position in the gateway's outbox, from 0. */
  readonly index: bigint;
}

/** A place in a hash chain: how many entries it has and the head that commits to all of them. */
export interface ChainPosition {
  readonly count: bigint;
  readonly head: Hex;
}

/** Leaves by the very message: whoever replays an outbox and whoever consumes it ask for the same. */
const LEAVES = new WeakMap<Message, Uint8Array>();

/** The message's leaf in its gateway's outbox, 32 bytes. SPEC: docs/wire-formats.md, "Message and outbox". */
export function messageLeaf(message: Message): Uint8Array {
  const known = LEAVES.get(message);
  if (known !== undefined) return known;
  const leaf = hashMessage(message);
  LEAVES.set(message, leaf);
  return leaf;
}

function hashMessage(message: Message): Uint8Array {
  return keccak256(
    concatBytes(
      uintWord(MESSAGE_VERSION),
      uintWord(message.chainId),
      addressWord(message.gateway),
      uintWord(message.index),
      uintWord(message.sentAtSec),
      addressWord(message.sender),
      addressWord(message.refundTo),
      bytes32Word(message.asset),
      uintWord(message.amount),
      uintWord(message.fee),
      uintWord(message.destination),
      keccak256(message.envelope),
    ),
  );
}

/** The position after `message` is appended at `position`; its index must be `position.count`. */
export function appendMessage(position: ChainPosition, message: Message): ChainPosition {
  const head = keccak256(concatBytes(bytes32Word(position.head), messageLeaf(message)));
  return { count: position.count + 1n, head: toHex(head) };
}
