import { addressWord, bytes32Word, uintWord } from '../codec/abi.ts';
import { keccak256 } from '../crypto/hashes.ts';
import { openHpke, sealHpke } from '../crypto/hpke.ts';
import { HPKE_KEY_BYTES, HPKE_TAG_BYTES, type HpkeContext } from '../crypto/hpke-context.ts';
import {
  concatBytes,
  fromBigEndian,
  fromHex,
  type Hex,
  toBigEndian,
  utf8,
} from '../shared/bytes.ts';
import type { Rng } from '../shared/rng.ts';
import { type AccountOwner, accountId, SIGNATURE_SCHEMES, schemeOf } from './account.ts';
import { hashStruct, type SigningDomain, typedDataDigest } from './eip712.ts';
import type { EpochKey, SecretOf } from './envelope.ts';
import { isZero, readFields } from './field-reader.ts';
import { verifyOwnerSignature } from './order-signature.ts';
import { ORDER_SIGNATURE_BYTES, signatureBytes } from './posted-order.ts';

// SPEC: docs/protocol.md §11. Whoever holds a permit of an account's owner asks an enclave about it, sealed both ways; the
// answer: query-answer.ts. Sealed: epoch u64 ‖ enc 32 ‖ ciphertext (160 + 16). Plaintext: version u8 ‖ scheme u8 ‖ publicKey 32 ‖
// index u32 ‖ reader 32 ‖ what u8 ‖ firstRound u64 ‖ lastRound u64 ‖ revocationNonce u64 ‖ signature 65.

const VERSION = 1;
const EPOCH_BYTES = 8;
const QUESTION_BYTES = 160;
/** Length of every sealed question. */
export const SEALED_QUESTION_BYTES = EPOCH_BYTES + HPKE_KEY_BYTES + QUESTION_BYTES + HPKE_TAG_BYTES;
const INFO_LABEL = utf8('veilspan/query/v1');
const PERMIT_TYPE =
  'Permit(bytes32 account,bytes32 reader,string what,uint64 firstRound,uint64 lastRound,uint64 revocationNonce)';

/** What a permit opens, by the byte that names it: an account's balances, nonce window and waiting legs. */
export const PERMIT_SCOPES = { balances: 1 } as const;
export type PermitScope = keyof typeof PERMIT_SCOPES;

/** What the owner of an account signs so that somebody, maybe they themselves, can read it. */
export interface AccountPermit {
  readonly owner: AccountOwner;
  /** X25519 public key that answers are sealed to, 32 bytes. */
  readonly reader: Hex;
  readonly what: PermitScope;
  /** It holds while the ledger's last round is one of these, both included. */
  readonly firstRound: bigint;
  readonly lastRound: bigint;
  /** It ends when the account's nonce of this number is used or the window has passed it. */
  readonly revocationNonce: bigint;
}

/** A permit with the owner's signature over {@link permitDigest}. */
export interface SignedPermit {
  readonly permit: AccountPermit;
  /** 65 bytes for secp256k1, else 64. */
  readonly signature: Uint8Array;
}

/** What the owner signs, by EIP-712, 32 bytes; signed and verified as an order is. */
export function permitDigest(ledger: SigningDomain, permit: AccountPermit): Uint8Array {
  const hash = hashStruct(
    PERMIT_TYPE,
    bytes32Word(accountId(permit.owner)),
    bytes32Word(permit.reader),
    keccak256(utf8(permit.what)),
    uintWord(permit.firstRound),
    uintWord(permit.lastRound),
    uintWord(permit.revocationNonce),
  );
  return typedDataDigest(ledger, hash);
}

/**
 * Seals a question to the key of an epoch. 216 bytes.
 *
 * @throws {HexError} a part does not fit its field
 */
export async function sealQuestion(
  question: SignedPermit,
  { epoch, epochKey }: EpochKey,
  ledger: SigningDomain,
  rng: Rng,
): Promise<Uint8Array> {
  const keys = { publicKey: epochKey, ephemeralIkm: rng.bytes(32) };
  const sealed = await sealHpke(keys, encodeQuestion(question), contextOf(epoch, ledger));
  return concatBytes(toBigEndian(epoch, EPOCH_BYTES), sealed);
}

/**
 * Opens a question and verifies its permit's signature; undefined if it is none. Whether the permit holds now is for the ledger's
 * state to say.
 *
 * @param sealed untrusted
 */
export async function openQuestion(
  sealed: Uint8Array,
  ledger: SigningDomain,
  secretOf: SecretOf,
): Promise<AccountPermit | undefined> {
  if (sealed.length !== SEALED_QUESTION_BYTES) return undefined;
  const epoch = fromBigEndian(sealed.subarray(0, EPOCH_BYTES));
  const secret = secretOf(epoch);
  if (secret === undefined) return undefined;
  const ciphertext = sealed.subarray(EPOCH_BYTES);
  const plaintext = await openHpke(secret, ciphertext, contextOf(epoch, ledger));
  const question = plaintext === undefined ? undefined : decodeQuestion(plaintext);
  if (question === undefined) return undefined;
  const { permit, signature } = question;
  const isSigned = verifyOwnerSignature(permit.owner, permitDigest(ledger, permit), signature);
  return isSigned ? permit : undefined;
}

function encodeQuestion({ permit, signature }: SignedPermit): Uint8Array {
  const { owner, reader, what, firstRound, lastRound, revocationNonce } = permit;
  return concatBytes(
    Uint8Array.of(VERSION, SIGNATURE_SCHEMES[owner.scheme]),
    fromHex(owner.publicKey, 32),
    toBigEndian(BigInt(owner.index), 4),
    fromHex(reader, 32),
    Uint8Array.of(PERMIT_SCOPES[what]),
    toBigEndian(firstRound, 8),
    toBigEndian(lastRound, 8),
    toBigEndian(revocationNonce, 8),
    signature,
    new Uint8Array(ORDER_SIGNATURE_BYTES - signature.length),
  );
}

/** Undefined if the bytes are not the one encoding of any question. */
function decodeQuestion(bytes: Uint8Array): SignedPermit | undefined {
  if (bytes.length !== QUESTION_BYTES) return undefined;
  const fields = readFields(bytes);
  const version = fields.number(1);
  const scheme = schemeOf(fields.number(1));
  if (version !== VERSION || scheme === undefined) return undefined;
  const owner = { scheme, publicKey: fields.hex(32), index: fields.number(4) };
  const reader = fields.hex(32);
  if (fields.number(1) !== PERMIT_SCOPES.balances) return undefined;
  const permit: AccountPermit = {
    owner,
    reader,
    what: 'balances',
    firstRound: fields.uint64(),
    lastRound: fields.uint64(),
    revocationNonce: fields.uint64(),
  };
  const field = fields.bytes(ORDER_SIGNATURE_BYTES);
  const length = signatureBytes(scheme);
  if (!isZero(field.subarray(length))) return undefined;
  return { permit, signature: field.subarray(0, length) };
}

function contextOf(epoch: bigint, ledger: SigningDomain): HpkeContext {
  return {
    info: concatBytes(INFO_LABEL, toBigEndian(epoch, EPOCH_BYTES)),
    aad: concatBytes(uintWord(ledger.chainId), addressWord(ledger.verifyingContract)),
  };
}
