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
  timestamp,
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
/** Null in what was recorded before it was kept, until that is read again. */
const transactionHash = text('transaction_hash').$type<Hex>();

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
    transactionHash,
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
  transactionHash,
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

/** What a gateway has done with its releases: a row for each that its released count counts. */
export const releases = pgTable(
  'releases',
  {
    chainId: count('chain_id'),
    index: count('index'),
    tag: hex('tag'),
    /** Null of a refund that was skipped, as the recipient is: its event says neither. */
    asset: text('asset').$type<Hex>(),
    recipient: text('recipient').$type<Hex>(),
    paid: amount('paid'),
    deferred: amount('deferred'),
    /** Place in `DEFER_REASONS`; 0 if nothing was put aside. */
    deferReason: integer('defer_reason').notNull(),
    /** Place in `SKIP_REASONS`; null unless it was skipped. */
    skipReason: integer('skip_reason'),
    blockHash: hex('block_hash'),
    transactionHash: hex('transaction_hash'),
    /** Of its block, in seconds of Unix time; null until a node was asked for it. */
    timeSec: bigint('time_sec', { mode: 'bigint' }),
    ...block,
  },
  (table) => [primaryKey({ columns: [table.chainId, table.index] })],
);

/** Claims that a gateway has paid, told apart by what they left: each leaves less than the one before. */
export const claims = pgTable(
  'claims',
  {
    chainId: count('chain_id'),
    /** Of the release that was put aside. */
    index: count('index'),
    left: amount('amount_left'),
    recipient: hex('recipient'),
    amount: amount('amount'),
    transactionHash: hex('transaction_hash'),
    ...block,
  },
  (table) => [primaryKey({ columns: [table.chainId, table.index, table.left] })],
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
});

export const submissions = pgTable('submissions', {
  hash: hex('hash').primaryKey(),
  chainId: count('chain_id'),
  account: hex('account'),
  nonce: integer('nonce').notNull(),
  raw: hex('raw'),
  /** JSON of what it does, integers decimal; null where that can be read out of `raw` for good, and of what was signed before it was kept. */
  call: text('call'),
  signedAt: integer('signed_at').notNull(),
  /** What it is for, as an id: a commit or a batch. */
  subject: text('subject').notNull(),
  state: text('state').$type<SubmissionState>().notNull(),
  blockNumber: integer('block_number'),
  /** In the order in which they were signed. */
  id: bigserial('id', { mode: 'number' }),
  /** Wei of 18 decimals: the most that it can cost, or what a block shows that it has cost. */
  costWei: amount('cost_wei'),
  /** Head when it was last handed to a node. */
  sentAt: integer('sent_at'),
  /** By the database's clock. */
  signedTime: timestamp('signed_time', { withTimezone: true }).notNull().defaultNow(),
});

/** Who may do what only one of several processes may. */
export const leases = pgTable('leases', {
  name: text('name').primaryKey(),
  /** Names a process. */
  holder: text('holder').notNull(),
  /** How often the lease has changed hands. */
  token: count('token'),
  expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
});

/** One row that is written to see whether anything can be. */
export const probes = pgTable('probes', {
  id: integer('id').primaryKey(),
  written: count('written'),
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

/**
 * What an operator can hold: one lane, or with `*` all of them; the batch of a gateway that begins at an index; a message.
 *
 * A lane's name is as `Vitals` has it, and one without its enclave stands for all of them: `lane prove ethereum`. A batch that is held
 * holds the gateway's line behind it. A message cannot be held: what a round consumes follows from the chains alone, so this is a mark
 * for whoever looks, and what can be held is the batch that pays for it.
 */
export type HoldSubject =
  | `lane ${string}`
  | `batch ${bigint}/${bigint}`
  | `message ${bigint}/${bigint}`;

export const holds = pgTable('holds', {
  subject: text('subject').$type<HoldSubject>().primaryKey(),
  reason: text('reason').notNull(),
  atMs: bigint('at_ms', { mode: 'number' }).notNull(),
});

/** How often an operator has asked for a lane to be tried again. */
export const retries = pgTable('retries', {
  lane: text('lane').primaryKey(),
  asked: count('asked'),
});

/** One row: the last state change whose spans a collector has, or was not given. */
export const traced = pgTable('traced', {
  id: integer('id').primaryKey(),
  changeId: bigint('change_id', { mode: 'number' }).notNull(),
});

/** Whose journal it is: the contracts of its bridge. */
export const bridgePlaces = pgTable('bridge_places', {
  place: text('place').primaryKey(),
  contract: text('contract').notNull(),
});
