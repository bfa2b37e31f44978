import { decodeRlp, decodeRlpInteger, type RlpItem } from '../../codec/rlp.ts';
import { keccak256 } from '../../crypto/hashes.ts';
import type { Brand } from '../../shared/brand.ts';
import { type Hex, toHex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';

/** What is read from an execution block header whose hash is proven. */
export type ExecutionHeader = Brand<
  {
    readonly hash: Hex;
    readonly parentHash: Hex;
    readonly stateRoot: Hex;
    readonly receiptsRoot: Hex;
    readonly number: bigint;
    /** Seconds since the Unix epoch. */
    readonly timestamp: bigint;
  },
  'ExecutionHeader'
>;

/** Headers have about 650 bytes: eight hashes, a bloom filter of 256 and some integers. */
const MAX_EXECUTION_HEADER_BYTES = 1024;

/**
 * Checks that `rlp` is the header of the block with hash `blockHash`.
 *
 * SPEC: Yellow Paper 4.4; EIP-1559, 4895, 4844, 4788 and 7685 for the fields behind the fifteenth.
 *
 * @param rlp       untrusted
 * @param blockHash 32 bytes, proven by a light client
 * @throws {ExecutionHeaderError} another hash, too long, a number or form of fields that no fork has
 * @throws {RlpError} not canonical
 */
export function verifyExecutionHeader(rlp: Uint8Array, blockHash: Hex): ExecutionHeader {
  if (rlp.length > MAX_EXECUTION_HEADER_BYTES) {
    const expected = `at most ${MAX_EXECUTION_HEADER_BYTES} bytes`;
    throw malformed('header', expected, `${rlp.length}`);
  }
  const hash = toHex(keccak256(rlp));
  if (hash !== blockHash) {
    const meta = { field: 'hash', expected: blockHash, got: hash };
    throw new ExecutionHeaderError('ETHEREUM_EXECUTION_HEADER_HASH_MISMATCH', meta);
  }
  const fields = verifyForm(decodeRlp(rlp));
  const hashAt = (field: FieldName) => toHex(bytesAt(fields, field));
  const header = {
    hash,
    parentHash: hashAt('parentHash'),
    stateRoot: hashAt('stateRoot'),
    receiptsRoot: hashAt('receiptsRoot'),
    number: decodeRlpInteger(bytesAt(fields, 'number'), 8),
    timestamp: decodeRlpInteger(bytesAt(fields, 'timestamp'), 8),
  };
  // CAST: the brand of this module; the hash has matched.
  return header as ExecutionHeader;
}

/** The fields in order: a number of bytes, or the most bytes of an integer or byte string. */
const FIELDS = [
  ['parentHash', 'bytes', 32],
  ['ommersHash', 'bytes', 32],
  ['beneficiary', 'bytes', 20],
  ['stateRoot', 'bytes', 32],
  ['transactionsRoot', 'bytes', 32],
  ['receiptsRoot', 'bytes', 32],
  ['logsBloom', 'bytes', 256],
  ['difficulty', 'integer', 32],
  ['number', 'integer', 8],
  ['gasLimit', 'integer', 8],
  ['gasUsed', 'integer', 8],
  ['timestamp', 'integer', 8],
  ['extraData', 'upTo', 32],
  ['prevRandao', 'bytes', 32],
  ['nonce', 'bytes', 8],
  ['baseFeePerGas', 'integer', 32],
  ['withdrawalsRoot', 'bytes', 32],
  ['blobGasUsed', 'integer', 8],
  ['excessBlobGas', 'integer', 8],
  ['parentBeaconBlockRoot', 'bytes', 32],
  ['requestsHash', 'bytes', 32],
] as const;

type FieldName = (typeof FIELDS)[number][0];

/** London and Paris, Shanghai (Capella), Cancun (Deneb), Prague and Osaka (Electra, Fulu). */
const FIELD_COUNTS: readonly number[] = [16, 17, 20, 21];

function verifyForm(item: RlpItem): readonly RlpItem[] {
  if (item instanceof Uint8Array || !FIELD_COUNTS.includes(item.length)) {
    const got = item instanceof Uint8Array ? 'a string' : `${item.length}`;
    throw malformed('header', `a list of ${FIELD_COUNTS.join(', ')} fields`, got);
  }
  FIELDS.slice(0, item.length).forEach(([field, form, bytes], i) => {
    verifyField(item[i] ?? [], { field, form, bytes });
  });
  return item;
}

interface FieldForm {
  readonly field: FieldName;
  readonly form: 'bytes' | 'integer' | 'upTo';
  readonly bytes: number;
}

function verifyField(item: RlpItem, { field, form, bytes }: FieldForm): void {
  if (!(item instanceof Uint8Array)) throw malformed(field, 'a string', 'a list');
  if (form === 'integer') decodeRlpInteger(item, bytes);
  else if (item.length > bytes || (form === 'bytes' && item.length < bytes)) {
    throw malformed(field, `${bytes} bytes`, `${item.length}`);
  }
}

function bytesAt(fields: readonly RlpItem[], name: FieldName): Uint8Array {
  const item = fields[FIELDS.findIndex(([field]) => field === name)];
  if (!(item instanceof Uint8Array)) throw malformed(name, 'a string', 'none');
  return item;
}

function malformed(field: string, expected: string, got: string): ExecutionHeaderError {
  return new ExecutionHeaderError('ETHEREUM_EXECUTION_HEADER_MALFORMED', { field, expected, got });
}

/** The bytes are not the header of the proven block, or of a form that we do not know. */
export class ExecutionHeaderError extends BridgeError<{
  field: string;
  expected: string;
  got: string;
}> {
  readonly code: 'ETHEREUM_EXECUTION_HEADER_HASH_MISMATCH' | 'ETHEREUM_EXECUTION_HEADER_MALFORMED';
  readonly disposition = 'reject';
  constructor(
    code: ExecutionHeaderError['code'],
    meta: { field: string; expected: string; got: string },
  ) {
    const { field, expected, got } = meta;
    super(`Execution header, ${field}: expected ${expected}, got ${got}; ask for it again.`, meta);
    this.code = code;
  }
}
