import { decodeRlp, decodeRlpInteger, type RlpItem } from '../../codec/rlp.ts';
import { keccak256 } from '../../crypto/hashes.ts';
import type { Brand } from '../../shared/brand.ts';
import { type Hex, toHex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import type { EthereumConfig } from './config.ts';
import { forkAtSlot } from './forks.ts';

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

/** Where in the beacon chain the block was proven. */
export interface ProvenAt {
  /** Of the finalized beacon header that proves the block's hash. */
  readonly slot: number;
  readonly config: EthereumConfig;
}

/** Headers have about 700 bytes: nine hashes, a bloom filter of 256 and some integers. */
const MAX_EXECUTION_HEADER_BYTES = 1024;

/**
 * Checks that `rlp` is the header of the block with hash `blockHash`, of the form that its fork has.
 *
 * SPEC: Yellow Paper 4.4; EIP-1559, 4895, 4844, 4788, 7685, 7928 and 7843 for the fields behind the fifteenth.
 *
 * SECURITY: with its hash proven the header cannot be another; its form is held to its fork all the same, because a field
 * that no client of that fork checks would be taken for one that they do.
 *
 * @param rlp       untrusted
 * @param blockHash 32 bytes, proven by a light client
 * @param proven    where it was proven, which decides on its form; undefined for a hash that somebody simply trusts, whose
 *   header may be of any fork from Capella on
 * @throws {ExecutionHeaderError} another hash, too long, a number or form of fields that the fork has not, a slot that it
 *   cannot be of
 * @throws {LightClientError} ETHEREUM_FORK_UNSUPPORTED: the slot's fork has no rules
 * @throws {RlpError} not canonical
 */
export function verifyExecutionHeader(
  rlp: Uint8Array,
  blockHash: Hex,
  proven: ProvenAt | undefined,
): ExecutionHeader {
  if (rlp.length > MAX_EXECUTION_HEADER_BYTES) {
    const expected = `at most ${MAX_EXECUTION_HEADER_BYTES} bytes`;
    throw malformed('header', expected, `${rlp.length}`);
  }
  const hash = toHex(keccak256(rlp));
  if (hash !== blockHash) {
    const meta = { field: 'hash', expected: blockHash, got: hash };
    throw new ExecutionHeaderError('ETHEREUM_EXECUTION_HEADER_HASH_MISMATCH', meta);
  }
  const counts = proven ? rulesAt(proven.slot, proven.config) : FIELD_COUNTS;
  const fields = verifyForm(decodeRlp(rlp), counts);
  if (proven !== undefined) verifySlotNumber(fields, proven);
  const header = {
    hash,
    parentHash: toHex(fields.parentHash),
    stateRoot: toHex(fields.stateRoot),
    receiptsRoot: toHex(fields.receiptsRoot),
    number: decodeRlpInteger(fields.number, 8),
    timestamp: decodeRlpInteger(fields.timestamp, 8),
  };
  // CAST: the brand of this module; the hash has matched.
  return header as ExecutionHeader;
}

function rulesAt(slot: number, config: EthereumConfig): readonly number[] {
  return forkAtSlot(slot, config).rules.executionHeaderFields;
}

/** The fields in order, of which every fork has the first so many: a number of bytes, or the most bytes of an integer or byte string. */
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
  ['blockAccessListHash', 'bytes', 32],
  ['slotNumber', 'integer', 8],
] as const;

type FieldName = (typeof FIELDS)[number][0];

/** What every form has of what is read here, and the rest as far as the form has it. */
type HeaderFields = Readonly<
  Record<'parentHash' | 'stateRoot' | 'receiptsRoot' | 'number' | 'timestamp', Uint8Array> &
    Partial<Record<FieldName, Uint8Array>>
>;

/** Shanghai (Capella), Cancun (Deneb), Prague and Osaka (Electra, Fulu), Amsterdam (Gloas). */
const FIELD_COUNTS: readonly number[] = [17, 20, 21, 23];

function verifyForm(item: RlpItem, counts: readonly number[]): HeaderFields {
  const expected = `a list of ${counts.join(' or ')} fields`;
  if (item instanceof Uint8Array) throw malformed('header', expected, 'a string');
  if (!counts.includes(item.length)) throw malformed('header', expected, `${item.length}`);
  const fields = FIELDS.slice(0, item.length).map(([field, form, bytes], i) => [
    field,
    verifyField(item[i] ?? [], { field, form, bytes }),
  ]);
  // CAST: the shortest form is longer than the names that must be there reach.
  return Object.fromEntries(fields) as HeaderFields;
}

/**
 * A header that names its slot was made from its fork on and, as a bid names its parent, before the slot that proves it.
 *
 * SPEC: EIP-7843; gloas/beacon-chain.md, `process_execution_payload_bid`.
 */
function verifySlotNumber({ slotNumber: field }: HeaderFields, { slot, config }: ProvenAt): void {
  if (field === undefined) return;
  const slotNumber = decodeRlpInteger(field, 8);
  const isBefore = slotNumber < BigInt(slot);
  if (isBefore && rulesAt(Number(slotNumber), config).includes(FIELDS.length)) return;
  const expected = `a slot before ${slot} in a fork whose headers have ${FIELDS.length} fields`;
  throw malformed('slotNumber', expected, `${slotNumber}`);
}

interface FieldForm {
  readonly field: FieldName;
  readonly form: 'bytes' | 'integer' | 'upTo';
  readonly bytes: number;
}

function verifyField(item: RlpItem, { field, form, bytes }: FieldForm): Uint8Array {
  if (!(item instanceof Uint8Array)) throw malformed(field, 'a string', 'a list');
  if (form === 'integer') decodeRlpInteger(item, bytes);
  else if (item.length > bytes || (form === 'bytes' && item.length < bytes)) {
    throw malformed(field, `${bytes} bytes`, `${item.length}`);
  }
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
