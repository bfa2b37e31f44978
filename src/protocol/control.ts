import { addressWord, bytes32Word, uintWord } from '../codec/abi.ts';
import { keccak256 } from '../crypto/hashes.ts';
import { concatBytes, equalBytes, fromBigEndian, type Hex, toHex } from '../shared/bytes.ts';
import type { AssetId } from './asset.ts';
import type { ChainPosition } from './message.ts';
import { rungAmount } from './rungs.ts';

// SPEC: docs/protocol.md, "Control". What governance tells the ledger, through the anchor's own outbox.
// test/vectors/typed-data.json holds this file and contracts-evm/src/libraries/ControlHash.sol to the same leaves.

/** What a control message says, by its kind. */
export type ControlContent =
  | {
      readonly kind: 'registerAsset';
      readonly asset: AssetId;
      /** The canonical amounts are 1, 2 or 5 × 10^i × this. */
      readonly poolUnit: bigint;
      /** Rungs as codes `3·i + (0, 1, 2)` for 1, 2, 5 × 10^i, ascending, 1 … 7 of them; may be added later, never removed. */
      readonly rungs: readonly number[];
      /** What opening an account by a credit in this asset costs. */
      readonly entryFee: bigint;
      /** What a balance keeps at least. */
      readonly leastBalance: bigint;
    }
  /** What a release costs that pays `asset` on `chainId`; an asset without a rate cannot be paid there. */
  | {
      readonly kind: 'setRate';
      readonly asset: AssetId;
      readonly chainId: bigint;
      readonly rate: bigint;
    }
  /** What posting an order in `asset` earns. */
  | { readonly kind: 'setReward'; readonly asset: AssetId; readonly reward: bigint }
  | { readonly kind: 'suspend'; readonly chainId: bigint }
  | { readonly kind: 'resume'; readonly chainId: bigint }
  /** From the round it holds on, `epoch` keys envelopes and PRFs. */
  | { readonly kind: 'startEpoch'; readonly epoch: bigint }
  /** Recorded only. */
  | { readonly kind: 'nameSuccessor'; readonly measurement: Hex };

/** One entry of the anchor's outbox, without its place. */
export interface ControlBody {
  /** Time of the block that took it, in whole seconds of Unix time. */
  readonly sentAtSec: bigint;
  /** The round that it names, 0 for none; of a suspension the anchor's stored round + 1. */
  readonly round: bigint;
  /** One of {@link CONTROL_KINDS}, or one that this program does not know. */
  readonly kind: number;
  /** The content's words, as the anchor encodes them. */
  readonly payload: Uint8Array;
}

/** The byte that names a kind, on the anchor and in the leaf. */
export const CONTROL_KINDS = {
  registerAsset: 1,
  setRate: 2,
  setReward: 3,
  suspend: 4,
  resume: 5,
  startEpoch: 6,
  nameSuccessor: 7,
} as const satisfies Record<ControlContent['kind'], number>;

/** Bytes of a payload at most. */
export const MAX_CONTROL_PAYLOAD_BYTES = 1024;

/** A control message at its place in the anchor's outbox. */
export interface ControlMessage extends ControlBody {
  readonly index: bigint;
}

/** The only version of the leaf's layout. */
export const CONTROL_VERSION = 1n;
/** Rungs of one asset at most. */
export const MAX_RUNGS = 7;
/** The highest code of a rung: 5 × 10^37. */
export const MAX_RUNG = 113;

/** Where control messages come from: the anchor, 20 bytes, and its chain. */
export interface ControlSource {
  readonly chainId: bigint;
  readonly address: Hex;
}

/** The message's leaf in the anchor's outbox, 32 bytes. SPEC: docs/wire-formats.md, "Control". */
export function controlLeaf(
  { chainId, address }: ControlSource,
  message: ControlMessage,
): Uint8Array {
  return keccak256(
    concatBytes(
      uintWord(CONTROL_VERSION),
      uintWord(chainId),
      addressWord(address),
      uintWord(message.index),
      uintWord(message.sentAtSec),
      uintWord(message.round),
      uintWord(BigInt(message.kind)),
      keccak256(message.payload),
    ),
  );
}

/** The position after `message` is appended at `position`; its index must be `position.count`. */
export function appendControl(
  position: ChainPosition,
  source: ControlSource,
  message: ControlMessage,
): ChainPosition {
  const leaf = controlLeaf(source, message);
  const head = keccak256(concatBytes(bytes32Word(position.head), leaf));
  return { count: position.count + 1n, head: toHex(head) };
}

/** Kind and payload of what the anchor would send for `content`. @throws {HexError} a part does not fit */
export function encodeControl(content: ControlContent): Pick<ControlBody, 'kind' | 'payload'> {
  return { kind: CONTROL_KINDS[content.kind], payload: concatBytes(...payloadWords(content)) };
}

/**
 * What a payload says, if it is exactly as the anchor encodes something that it would take; undefined for what this
 * program does not know.
 *
 * @param kind    a code of {@link CONTROL_KINDS}, or any other
 * @param payload of any length
 */
export function decodeControl(kind: number, payload: Uint8Array): ControlContent | undefined {
  if (payload.length === 0 || payload.length % 32 !== 0) return undefined;
  if (payload.length > MAX_CONTROL_PAYLOAD_BYTES) return undefined;
  const words = Array.from({ length: payload.length / 32 }, (_, i) =>
    payload.subarray(32 * i, 32 * i + 32),
  );
  const content = readContent(kind, words);
  // Encoding it again finds a wrong offset, a word too many and a number too wide for its type.
  return content && equalBytes(encodeControl(content).payload, payload) ? content : undefined;
}

function payloadWords(content: ControlContent): Uint8Array[] {
  switch (content.kind) {
    case 'registerAsset':
      return registrationWords(content);
    case 'setRate':
      return [bytes32Word(content.asset), uintWord(content.chainId), uintWord(content.rate)];
    case 'setReward':
      return [bytes32Word(content.asset), uintWord(content.reward)];
    case 'suspend':
    case 'resume':
      return [uintWord(content.chainId)];
    case 'startEpoch':
      return [uintWord(content.epoch)];
    case 'nameSuccessor':
      return [bytes32Word(content.measurement)];
  }
}

type Registration = Extract<ControlContent, { kind: 'registerAsset' }>;

/** Five words of which the third says where the list of rungs begins, then its length and its members. */
function registrationWords(content: Registration): Uint8Array[] {
  const { asset, poolUnit, rungs, entryFee, leastBalance } = content;
  const head = [poolUnit, LIST_OFFSET_BYTES, entryFee, leastBalance].map(uintWord);
  const list = [rungs.length, ...rungs].map((word) => uintWord(BigInt(word)));
  return [bytes32Word(asset), ...head, ...list];
}

const LIST_OFFSET_BYTES = 5n * 32n;

function readContent(kind: number, words: readonly Uint8Array[]): ControlContent | undefined {
  const [first = new Uint8Array(), ...rest] = words;
  const [second = 0n, third = 0n] = rest.map(fromBigEndian);
  const word = toHex(first);
  const number = fromBigEndian(first);
  // Nothing that the anchor takes begins with a zero word.
  if (number === 0n) return undefined;
  switch (kind) {
    case CONTROL_KINDS.registerAsset:
      return readRegistration(word, rest.map(fromBigEndian));
    case CONTROL_KINDS.setRate:
      if (second === 0n || !fits(second, 64) || !fits(third, 128)) return undefined;
      return { kind: 'setRate', asset: word, chainId: second, rate: third };
    case CONTROL_KINDS.setReward:
      return fits(second, 128) ? { kind: 'setReward', asset: word, reward: second } : undefined;
    case CONTROL_KINDS.suspend:
      return fits(number, 64) ? { kind: 'suspend', chainId: number } : undefined;
    case CONTROL_KINDS.resume:
      return fits(number, 64) ? { kind: 'resume', chainId: number } : undefined;
    case CONTROL_KINDS.startEpoch:
      return fits(number, 64) ? { kind: 'startEpoch', epoch: number } : undefined;
    case CONTROL_KINDS.nameSuccessor:
      return { kind: 'nameSuccessor', measurement: word };
    default:
      return undefined;
  }
}

function readRegistration(asset: AssetId, rest: readonly bigint[]): Registration | undefined {
  const [poolUnit = 0n, , entryFee = 0n, leastBalance = 0n, , ...codes] = rest;
  if (poolUnit === 0n || ![poolUnit, entryFee, leastBalance].every((amount) => fits(amount, 128))) {
    return undefined;
  }
  if (codes.length === 0 || codes.length > MAX_RUNGS) return undefined;
  if (codes.some((code, i) => code > MAX_RUNG || code <= (codes[i - 1] ?? -1n))) return undefined;
  const rungs = codes.map(Number);
  if (!fits(rungAmount(poolUnit, rungs.at(-1) ?? 0), 128)) return undefined;
  return { kind: 'registerAsset', asset, poolUnit, rungs, entryFee, leastBalance };
}

function fits(value: bigint, bits: number): boolean {
  return value >> BigInt(bits) === 0n;
}
