// Applied in order, each once; what has shipped is never changed, only followed. KEEP IN SYNC: schema.ts, which a test compares.

const BLOCK = 'block_number integer NOT NULL, is_final boolean NOT NULL';

/**
 * Version of the last journal of a bridge without rounds. Nothing of it is taken over: all that a journal holds is read
 * from the chains again, and a transaction that it had open is outbid by the next one of its account.
 */
export const RETIRED_VERSION = 20;

/** The statements that make the journal's tables, from version {@link RETIRED_VERSION} on. */
export const MIGRATIONS: readonly string[] = [
  'DROP TABLE IF EXISTS messages, commits, batches, releases, cursors, submissions, state_changes',
  `CREATE TABLE messages (
    chain_id bigint, index bigint, sent_at_sec bigint NOT NULL, sender text NOT NULL,
    refund_to text NOT NULL, asset text NOT NULL, amount numeric(78, 0) NOT NULL,
    fee numeric(78, 0) NOT NULL, destination numeric(78, 0) NOT NULL, envelope text NOT NULL, ${BLOCK}, PRIMARY KEY (chain_id, index))`,
  `CREATE TABLE commits (
    number bigint PRIMARY KEY, round bigint NOT NULL, as_of bigint NOT NULL, prev_state text NOT NULL,
    post_state text NOT NULL, inputs text NOT NULL, control bigint NOT NULL, paid text NOT NULL,
    beneficiary text NOT NULL, ${BLOCK})`,
  `CREATE TABLE control_messages (
    index bigint PRIMARY KEY, sent_at_sec bigint NOT NULL, round bigint NOT NULL, kind integer NOT NULL,
    payload text NOT NULL, ${BLOCK})`,
  `CREATE TABLE batches (
    chain_id bigint, prev_head text, first_index bigint NOT NULL, epoch bigint NOT NULL,
    batch text NOT NULL, submitter text NOT NULL, signatures text NOT NULL,
    PRIMARY KEY (chain_id, prev_head))`,
  'CREATE INDEX batches_by_index ON batches (chain_id, first_index)',
  `CREATE TABLE snapshots (
    number bigint, chunk integer, chunks integer NOT NULL, bytes bytea NOT NULL, PRIMARY KEY (number, chunk))`,
  'CREATE TABLE cursors (chain_id bigint PRIMARY KEY, block_number integer NOT NULL)',
  `CREATE TABLE submissions (
    hash text PRIMARY KEY, chain_id bigint NOT NULL, account text NOT NULL, nonce integer NOT NULL,
    raw text NOT NULL, signed_at integer NOT NULL, subject text NOT NULL, state text NOT NULL,
    block_number integer)`,
  'CREATE INDEX submissions_by_account ON submissions (chain_id, account, state)',
  `CREATE TABLE state_changes (
    id bigserial PRIMARY KEY, subject text NOT NULL, state text NOT NULL, reason text NOT NULL,
    chain_id bigint NOT NULL, block_number integer NOT NULL, at_ms bigint NOT NULL,
    CONSTRAINT state_changes_once UNIQUE (subject, state, reason))`,
  'CREATE TABLE holds (subject text PRIMARY KEY, reason text NOT NULL, at_ms bigint NOT NULL)',
  'CREATE TABLE retries (lane text PRIMARY KEY, asked bigint NOT NULL)',
  'ALTER TABLE messages ADD COLUMN transaction_hash text',
  'CREATE INDEX messages_by_transaction ON messages (transaction_hash)',
  'ALTER TABLE commits ADD COLUMN transaction_hash text',
  `CREATE TABLE releases (
    chain_id bigint, index bigint, tag text NOT NULL, asset text, recipient text,
    paid numeric(78, 0) NOT NULL, deferred numeric(78, 0) NOT NULL, defer_reason integer NOT NULL,
    skip_reason integer, block_hash text NOT NULL, transaction_hash text NOT NULL, time_sec bigint,
    ${BLOCK}, PRIMARY KEY (chain_id, index))`,
  'CREATE INDEX releases_by_tag ON releases (tag)',
  'CREATE INDEX releases_by_block ON releases (chain_id, block_number)',
  `CREATE TABLE claims (
    chain_id bigint, index bigint, amount_left numeric(78, 0), recipient text NOT NULL,
    amount numeric(78, 0) NOT NULL, transaction_hash text NOT NULL,
    ${BLOCK}, PRIMARY KEY (chain_id, index, amount_left))`,
  // All logs are read once more, for what the columns and tables above keep of them.
  'DELETE FROM cursors',
  // What was called final was held to counts alone, releases to nothing: all of it is read again.
  'TRUNCATE messages, commits, control_messages, releases, claims, cursors',
  `ALTER TABLE cursors ADD COLUMN read_to integer NOT NULL, ADD COLUMN settled_to integer NOT NULL,
    ADD COLUMN sent_head text NOT NULL, ADD COLUMN control_head text NOT NULL`,
  'CREATE INDEX state_changes_by_block ON state_changes (chain_id, block_number)',
  'CREATE INDEX messages_by_refund ON messages (chain_id, refund_to)',
  'CREATE INDEX messages_unsettled ON messages (chain_id, block_number) WHERE NOT is_final',
  'CREATE INDEX commits_unsettled ON commits (block_number) WHERE NOT is_final',
  'CREATE INDEX control_unsettled ON control_messages (block_number) WHERE NOT is_final',
  'CREATE INDEX state_changes_by_state ON state_changes (state, id)',
  'CREATE INDEX releases_by_time ON releases (time_sec)',
  // Who reads changes by their ids must not see a later one before an earlier: whoever adds some does it alone until they are visible.
  `CREATE OR REPLACE FUNCTION add_changes_alone() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock(7611894); RETURN NULL; END $$`,
  `CREATE TRIGGER state_changes_in_order BEFORE INSERT ON state_changes
    FOR EACH STATEMENT EXECUTE FUNCTION add_changes_alone()`,
  'CREATE TABLE bridge_places (place text PRIMARY KEY, contract text NOT NULL)',
  `ALTER TABLE submissions
    ADD COLUMN id bigserial, ADD COLUMN cost_wei numeric(78, 0) NOT NULL DEFAULT 0, ADD COLUMN sent_at integer,
    ADD COLUMN signed_time timestamptz NOT NULL DEFAULT now()`,
  'CREATE INDEX submissions_by_nonce ON submissions (chain_id, account, nonce)',
  `CREATE TABLE leases (
    name text PRIMARY KEY, holder text NOT NULL, token bigint NOT NULL, expires_at timestamptz NOT NULL)`,
  'CREATE TABLE probes (id integer PRIMARY KEY, written bigint NOT NULL)',
  'CREATE TABLE traced (id integer PRIMARY KEY, change_id bigint NOT NULL)',
  'ALTER TABLE submissions ADD COLUMN call text',
];
