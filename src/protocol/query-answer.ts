import { bytes32Word } from '../codec/abi.ts';
import { keccak256 } from '../crypto/hashes.ts';
import { openHpke, sealHpke } from '../crypto/hpke.ts';
import { HPKE_KEY_BYTES, HPKE_TAG_BYTES, type HpkeContext } from '../crypto/hpke-context.ts';
import { recoverAddress, SIGNATURE_BYTES, SignatureMalformedError } from '../crypto/secp256k1.ts';
import {
  concatBytes,
  equalBytes,
  fromHex,
  type Hex,
  toBigEndian,
  toHex,
  utf8,
} from '../shared/bytes.ts';
import type { Rng } from '../shared/rng.ts';
import type { AssetId } from './asset.ts';
import { hashStruct, type SigningDomain, typedDataDigest } from './eip712.ts';
import { type FieldReader, readFields } from './field-reader.ts';

// SPEC: docs/protocol.md §11. Sealed: enc 32 ‖ ciphertext (4096 + 16). Plaintext: version u8 ‖ account 32 ‖ number u64 ‖
// stateId 32 ‖ round u64 ‖ isOpen u8 ‖ nonceBase u64 ‖ nonceBits u128 ‖ balanceCount u32 ‖ shown u8 ‖ 16 × (asset 32 ‖ amount u128) ‖
// legCount u32 ‖ shown u8 ‖ 16 × (chainId u64 ‖ asset 32 ‖ amount u128 ‖ notBefore u64 ‖ patience u64 ‖ afterPatience u8 ‖ tag 32) ‖
// zeros ‖ signature 65. Places that are not used are zeros.

/** Balances, and waiting legs, in one answer at most. */
export const ANSWER_PAGE = 16;

const VERSION = 1;
const ANSWER_BYTES = 4096;
const CONTENT_BYTES = ANSWER_BYTES - SIGNATURE_BYTES;
/** Length of every sealed answer. */
export const SEALED_ANSWER_BYTES = HPKE_KEY_BYTES + ANSWER_BYTES + HPKE_TAG_BYTES;
const BALANCE_BYTES = 48;
const LEG_BYTES = 105;
const INFO = utf8('veilspan/answer/v1');
const ANSWER_TYPE = 'Answer(bytes32 question,bytes32 content)';

/** A leg that waits to leave. */
export interface WaitingLeg {
  readonly chainId: bigint;
  readonly asset: AssetId;
  readonly amount: bigint;
  readonly notBefore: bigint;
  readonly patience: bigint;
  readonly afterPatience: 'return' | 'wait';
  /** What its release will be found by, 32 bytes. */
  readonly tag: Hex;
}

/** What the final state says of an account. */
export interface AccountAnswer {
  /** 32 bytes. */
  readonly account: Hex;
  /** Of the transition that made the state. */
  readonly number: bigint;
  readonly stateId: Hex;
  /** The last round that the state has consumed. */
  readonly round: bigint;
  readonly isOpen: boolean;
  /** The nonce window: bit i of `nonceBits` says whether nonce `nonceBase + i` is used. */
  readonly nonceBase: bigint;
  readonly nonceBits: bigint;
  /** Balances that there are, of which the first 16 follow, by ascending asset id. */
  readonly balanceCount: number;
  readonly balances: readonly { readonly asset: AssetId; readonly amount: bigint }[];
  /** Legs that wait, of which 16 follow. */
  readonly legCount: number;
  readonly legs: readonly WaitingLeg[];
}

/** What an answer belongs to. */
export interface AnswerPlace {
  /** The question as it was sealed. */
  readonly question: Uint8Array;
  readonly ledger: SigningDomain;
}

/** An answer with who signed it: believe it only if that is an admitted enclave. */
export interface OpenedAnswer {
  readonly answer: AccountAnswer;
  /** 20 bytes. */
  readonly signer: Hex;
}

/**
 * Signs an answer and seals it to the reader's key. 4144 bytes whatever it says.
 *
 * @param reader X25519 public key, 32 bytes
 * @param sign   by the enclave's key: 65 bytes over a digest
 * @throws {HexError} a part does not fit its field
 * @throws {Error} the reader's key is of small order
 */
export async function sealAnswer(
  answer: AccountAnswer,
  { question, ledger }: AnswerPlace,
  { reader, sign }: { readonly reader: Hex; readonly sign: (digest: Uint8Array) => Uint8Array },
  rng: Rng,
): Promise<Uint8Array> {
  const content = encodeAnswer(answer);
  const signature = sign(answerDigest(ledger, question, content));
  const keys = { publicKey: fromHex(reader, HPKE_KEY_BYTES), ephemeralIkm: rng.bytes(32) };
  return sealHpke(keys, concatBytes(content, signature), contextOf(question));
}

/**
 * Opens an answer, or says undefined if it is none to this question.
 *
 * @param sealed       untrusted
 * @param readerSecret what the reader's key pair is derived from: see `hpkePublicKey`
 */
export async function openAnswer(
  sealed: Uint8Array,
  { question, ledger }: AnswerPlace,
  readerSecret: Uint8Array,
): Promise<OpenedAnswer | undefined> {
  const plaintext = await openHpke(readerSecret, sealed, contextOf(question));
  if (plaintext?.length !== ANSWER_BYTES) return undefined;
  const content = plaintext.subarray(0, CONTENT_BYTES);
  const answer = decodeAnswer(content);
  const digest = answerDigest(ledger, question, content);
  const signer = signerOf(digest, plaintext.subarray(CONTENT_BYTES));
  return answer === undefined || signer === undefined ? undefined : { answer, signer };
}

function signerOf(digest: Uint8Array, signature: Uint8Array): Hex | undefined {
  try {
    return recoverAddress(digest, signature);
  } catch (error) {
    if (error instanceof SignatureMalformedError) return undefined;
    throw error;
  }
}

function answerDigest(
  ledger: SigningDomain,
  question: Uint8Array,
  content: Uint8Array,
): Uint8Array {
  return typedDataDigest(ledger, hashStruct(ANSWER_TYPE, keccak256(question), keccak256(content)));
}

function contextOf(question: Uint8Array): HpkeContext {
  return { info: INFO, aad: keccak256(question) };
}

function encodeAnswer(answer: AccountAnswer): Uint8Array {
  const content = new Uint8Array(CONTENT_BYTES);
  const fields = concatBytes(
    Uint8Array.of(VERSION),
    bytes32Word(answer.account),
    toBigEndian(answer.number, 8),
    bytes32Word(answer.stateId),
    toBigEndian(answer.round, 8),
    Uint8Array.of(answer.isOpen ? 1 : 0),
    toBigEndian(answer.nonceBase, 8),
    toBigEndian(answer.nonceBits, 16),
    encodePage(answer.balanceCount, BALANCE_BYTES, answer.balances.map(encodeBalance)),
    encodePage(answer.legCount, LEG_BYTES, answer.legs.map(encodeLeg)),
  );
  content.set(fields);
  return content;
}

function encodePage(count: number, entryBytes: number, entries: readonly Uint8Array[]): Uint8Array {
  const page = new Uint8Array(ANSWER_PAGE * entryBytes);
  page.set(concatBytes(...entries.slice(0, ANSWER_PAGE)));
  const shown = Math.min(entries.length, ANSWER_PAGE);
  return concatBytes(toBigEndian(BigInt(count), 4), Uint8Array.of(shown), page);
}

function encodeBalance({ asset, amount }: AccountAnswer['balances'][number]): Uint8Array {
  return concatBytes(bytes32Word(asset), toBigEndian(amount, 16));
}

function encodeLeg(leg: WaitingLeg): Uint8Array {
  return concatBytes(
    toBigEndian(leg.chainId, 8),
    bytes32Word(leg.asset),
    toBigEndian(leg.amount, 16),
    toBigEndian(leg.notBefore, 8),
    toBigEndian(leg.patience, 8),
    Uint8Array.of(leg.afterPatience === 'wait' ? 1 : 0),
    bytes32Word(leg.tag),
  );
}

/** Undefined if the bytes are not the one encoding of any answer. */
function decodeAnswer(content: Uint8Array): AccountAnswer | undefined {
  const fields = readFields(content);
  if (fields.number(1) !== VERSION) return undefined;
  const head = {
    account: fields.hex(32),
    number: fields.uint64(),
    stateId: fields.hex(32),
    round: fields.uint64(),
    isOpen: fields.number(1) === 1,
    nonceBase: fields.uint64(),
    nonceBits: fields.uint128(),
  };
  const balances = readPage(fields, readBalance);
  const legs = readPage(fields, readLeg);
  const answer = {
    ...head,
    balanceCount: balances.count,
    balances: balances.entries,
    legCount: legs.count,
    legs: legs.entries,
  };
  return equalBytes(encodeAnswer(answer), content) ? answer : undefined;
}

function readPage<T>(
  fields: FieldReader,
  read: (fields: FieldReader) => T,
): { readonly count: number; readonly entries: readonly T[] } {
  const count = fields.number(4);
  const shown = fields.number(1);
  const entries = Array.from({ length: ANSWER_PAGE }, () => read(fields));
  return { count, entries: entries.slice(0, shown) };
}

function readBalance(fields: FieldReader): AccountAnswer['balances'][number] {
  return { asset: fields.hex(32), amount: fields.uint128() };
}

function readLeg(fields: FieldReader): WaitingLeg {
  return {
    chainId: fields.uint64(),
    asset: fields.hex(32),
    amount: fields.uint128(),
    notBefore: fields.uint64(),
    patience: fields.uint64(),
    afterPatience: fields.number(1) === 1 ? 'wait' : 'return',
    tag: toHex(fields.bytes(32)),
  };
}
