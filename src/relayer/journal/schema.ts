import {
  bigint,
  bigserial,
  boolean,
  customType,
  integer,
  numeric,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import type { StateReason, TransferState } from '../../protocol/transfer-state.ts';
import type { Hex } from '../../shared/bytes.ts';

// KEEP IN SYNC: migrations.ts, which makes these tables; a test compares them.

const hex = (name: string) => text(name).$type<Hex>().notNull();
const count = (name: string) => bigint(name, { mode: 'bigint' }).notNull();
const amount = (name: string) =>
  numeric(name, { mode: 'bigint', precision: 78, scale: 0 }).notNull();
const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });
const block = {
  blockNumber: integer('block_number').notNull(),
  /** Its block is final, and the contract's own count and head at a final block cover it. */
  isFinal: boolean('is_final').notNull(),
};

export const messages = pgTable(
  'messages',
  {
    chainId: count('chain_id'),
    index: count('index'),
    sentAtSec: count('sent_at_sec'),
    sender: hex('sender'),
    refundTo: hex('refund_to'),
    asset: hex('asset'),
    amount: amount('amount'),
    fee: amount('fee'),
    destination: amount('destination'),
    envelope: hex('envelope'),
    ...block,
  },
  (table) => [primaryKey({ columns: [table.chainId, table.index] })],
);

export const commits = pgTable('commits', {
  number: count('number').primaryKey(),
  round: count('round'),
  asOf: count('as_of'),
  prevState: hex('prev_state'),
  postState: hex('post_state'),
  /** JSON: cursors by ascending chain id. */
  inputs: text('inputs').notNull(),
  control: count('control'),
  /** JSON: cursors by ascending chain id. */
  paid: text('paid').notNull(),
  beneficiary: hex('beneficiary'),
  ...block,
});

export const controlMessages = pgTable('control_messages', {
  index: count('index').primaryKey(),
  sentAtSec: count('sent_at_sec'),
  round: count('round'),
  kind: integer('kind').notNull(),
  payload: hex('payload'),
  ...block,
});

export const batches = pgTable(
  'batches',
  {
    chainId: count('chain_id'),
    /** The gateway's released head before the batch: what names it, whoever submits it. */
    prevHead: hex('prev_head'),
    firstIndex: count('first_index'),
    epoch: count('epoch'),
    /** JSON of the release batch, integers decimal. */
    batch: text('batch').notNull(),
    submitter: hex('submitter'),
    /** JSON: signatures by ascending signer. */
    signatures: text('signatures').notNull(),
  },
  (table) => [primaryKey({ columns: [table.chainId, table.prevHead] })],
);

export const snapshots = pgTable(
  'snapshots',
  {
    number: count('number'),
    chunk: integer('chunk').notNull(),
    chunks: integer('chunks').notNull(),
    /** Sealed by an enclave. */
    bytes: bytes('bytes').notNull(),
  },
  (table) => [primaryKey({ columns: [table.number, table.chunk] })],
);

export const cursors = pgTable('cursors', {
  chainId: count('chain_id').primaryKey(),
  blockNumber: integer('block_number').notNull(),
  readTo: integer('read_to').notNull(),
  settledTo: integer('settled_to').notNull(),
  sentHead: hex('sent_head'),
  controlHead: hex('control_head'),
  released: count('released'),
});

export const submissions = pgTable('submissions', {
  hash: hex('hash').primaryKey(),
  chainId: count('chain_id'),
  account: hex('account'),
  nonce: integer('nonce').notNull(),
  raw: hex('raw'),
  signedAt: integer('signed_at').notNull(),
  /** What it is for, as an id: a commit or a batch. */
  subject: text('subject').notNull(),
  state: text('state').$type<SubmissionState>().notNull(),
  blockNumber: integer('block_number'),
});

/** A transaction's way: written down, handed over, in a block, final; or its nonce went to another. */
export type SubmissionState = 'intent' | 'broadcast' | 'included' | 'final' | 'failed' | 'lost';

export const stateChanges = pgTable(
  'state_changes',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    subject: text('subject').notNull(),
    state: text('state').$type<TransferState>().notNull(),
    reason: text('reason').$type<StateReason>().notNull(),
    chainId: count('chain_id'),
    blockNumber: integer('block_number').notNull(),
    atMs: bigint('at_ms', { mode: 'number' }).notNull(),
  },
  (table) => [unique('state_changes_once').on(table.subject, table.state, table.reason)],
);
