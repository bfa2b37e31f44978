import * as z from 'zod';
import { bytesUpTo, hexOf, hexUpTo } from '../shared/hex-schema.ts';
import { MAX_CONTROL_PAYLOAD_BYTES } from './control.ts';
import { MAX_ANSWER_BYTES, MAX_CHAINS, MAX_QUERY_BYTES } from './limits.ts';
import { MAX_ENVELOPE_BYTES } from './message.ts';
import { MAX_BATCH_RELEASES } from './release.ts';
import { stateProofSchema } from './state-proof.ts';

// Everything that crosses the pipe between an enclave and its host. One request, one response, in order.
// A frame is a u32 big-endian length and that many bytes of UTF-8 JSON. Integers are decimal strings,
// byte strings 0x-prefixed hex. A frame longer than MAX_FRAME_BYTES ends the connection.

/** The longest frame either side reads. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** Messages in one `ingest` at most: a portion takes a fraction of a second. */
export const MAX_INGEST_MESSAGES = 750;

/** Messages in one `ingestControl` at most. */
export const MAX_INGEST_CONTROL = 16_384;

/** Batches in one answer of `reveal` at most. */
export const MAX_REVEAL_BATCHES = 256;

/** Bytes of one chunk of a sealed snapshot at most. */
export const MAX_SNAPSHOT_CHUNK_BYTES = 8 * 1024 * 1024;

/** Updates in one `advance` at most; the light client of a kind may take fewer. */
export const MAX_ADVANCE_UPDATES = 256;

const uint = (bits: number) =>
  z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,77})$/, 'a decimal integer')
    .transform((text) => BigInt(text))
    .refine((value) => value >> BigInt(bits) === 0n, `at most ${bits} bits`);

const hash = hexOf(32);
const address = hexOf(20);
const signature = hexOf(65);

const cursor = z.strictObject({ chainId: uint(64), count: uint(64) });
const cursors = z.array(cursor).min(1).max(MAX_CHAINS);
/** What destinations are proven to have paid, by ascending chain id; may be of some chains only. */
const paid = z.array(cursor).max(MAX_CHAINS);
const position = z.strictObject({ count: uint(64), head: hash });

const messageBody = z.strictObject({
  sentAtSec: uint(64),
  sender: address,
  refundTo: address,
  asset: hash,
  amount: uint(128),
  fee: uint(128),
  /** As wide as gateways take it: one that no chain has is refunded, and must not hold up the others. */
  destination: uint(256),
  envelope: bytesUpTo(MAX_ENVELOPE_BYTES),
});

/** The name that the measured configuration gives a light client. */
const clientId = z.string().min(1).max(32);

const held = hexOf(32).describe('hash of the newest block that the client knows to be final');

/** What a light client says of itself. Common to all kinds: `client`, `kind`, `held`, `committee`. */
const lightClientStatus = z.discriminatedUnion('kind', [
  z.strictObject({
    client: clientId,
    kind: z.literal('ethereum'),
    /** Hash of the final execution block; null until the bootstrap. */
    held: held.nullable(),
    /** Sync period of the finalized header. */
    committee: uint(64),
    /** The pinned beacon block, whose bootstrap the client starts from. */
    checkpointRoot: hash,
    finalizedSlot: uint(64),
    knowsNextSyncCommittee: z.boolean(),
  }),
  z.strictObject({
    client: clientId,
    kind: z.literal('substrate'),
    held,
    /** Id of the GRANDPA set that finalizes the next block. */
    committee: uint(64),
    finalizedNumber: uint(32),
  }),
]);
/** See {@link EnclaveStatus}. */
export type LightClientStatus = z.output<typeof lightClientStatus>;

const commit = z.strictObject({
  number: uint(64),
  round: uint(64),
  asOf: uint(64),
  prevState: hash,
  postState: hash,
  inputs: cursors,
  control: uint(64),
  paid,
  beneficiary: hash,
});

const release = z.strictObject({
  tag: hash,
  asset: hash,
  recipient: address,
  amount: uint(128),
  refundOf: uint(64),
});
const fee = z.strictObject({ asset: hash, amount: uint(128) });
const batch = z.strictObject({
  chainId: uint(64),
  gateway: address,
  firstIndex: uint(64),
  prevHead: hash,
  releases: z.array(release).max(MAX_BATCH_RELEASES),
  fees: z.array(fee).max(MAX_BATCH_RELEASES),
  consumedCount: uint(64),
});

/** What an enclave knows of a chain's outbox. */
const outbox = z.strictObject({
  chainId: uint(64),
  /** Up to where it is proven and its messages are at hand. */
  position,
  /**
   * Up to where portions reach that no proof has confirmed yet; `position` if there are none. The next portion starts
   * here, or at `position` with a new run.
   */
  scanned: position,
  /**
   * Proven beyond `position`, without the messages, for which there was no room: the next portion starts at `position`
   * and ends exactly here. Null if nothing is.
   */
  ahead: position.nullable(),
  /**
   * All that the outbox took before this second is at hand, in Unix time: by the newest final header under which `position` was proven
   * to be all, or by its last message where more is proven than there was room for. 0 before the first proof.
   */
  provenAtSec: uint(64),
  /** Releases that the chain's gateway is proven to have paid. */
  paid: uint(64),
});
/** See {@link EnclaveStatus}. */
export type OutboxStatus = z.output<typeof outbox>;

const status = z.strictObject({
  /** SHA-256 of the enclave's code and measured configuration. */
  measurement: hash,
  /** Address of the enclave's signing key. */
  signer: address,
  epoch: uint(64),
  /** The key epoch that the ledger's next round has. */
  keyEpoch: uint(64),
  /** X25519 public key that users of that key epoch seal to. */
  epochKey: hash,
  ledger: z.strictObject({
    number: uint(64),
    stateId: hash,
    /** The last round consumed. */
    round: uint(64),
    asOf: uint(64),
    /** What is consumed of the anchor's own outbox. */
    control: uint(64),
    /** Chains that the ledger knows to be suspended. */
    suspended: z.array(uint(64)).max(MAX_CHAINS),
    /** What the ledger knows to be paid. */
    paid,
    /** Consumed per chain, by ascending chain id. */
    inputs: cursors,
    released: z.array(z.strictObject({ chainId: uint(64), position })).max(MAX_CHAINS),
  }),
  /** Per chain: up to where its outbox is known. */
  ingested: z.array(outbox).max(MAX_CHAINS),
  /** The anchor's own outbox; `provenAtSec` bounds what a commit may name as `asOf`. */
  control: z.strictObject({ position, provenAtSec: uint(64) }),
  /** One per light client, in the order of the measured configuration. */
  lightClients: z.array(lightClientStatus).min(1).max(MAX_CHAINS),
});
/** What an enclave tells anyone about itself. */
export type EnclaveStatus = z.output<typeof status>;

const evidence = z.strictObject({
  /** `emulated` says on its face that no hardware stands behind it. */
  kind: z.literal('emulated'),
  measurement: hash,
  /** Binds signing key, epoch key, epoch and the caller's challenge. */
  reportData: hexOf(64),
  publicKey: hexUpTo(256),
  signature: hexUpTo(256),
});

const signedBatch = z.strictObject({ batch, submitter: address, epoch: uint(64), signature });
/** A release batch, who alone may submit it, and this enclave's signature over both. */
export type SignedBatch = z.output<typeof signedBatch>;

const controlBody = z.strictObject({
  sentAtSec: uint(64),
  round: uint(64),
  /** A code of `CONTROL_KINDS`. */
  kind: z.int().min(0).max(255),
  /** As the anchor's event has it: see control.ts. */
  payload: bytesUpTo(MAX_CONTROL_PAYLOAD_BYTES),
});

/** Every command: what it takes and what it answers. Both sides check both. */
export const COMMANDS = {
  /** Who the enclave is and how far it has come. */
  status: { params: z.strictObject({}), result: status },
  /** Evidence over the enclave's keys, bound to a challenge of the caller's. */
  evidence: { params: z.strictObject({ challenge: hash }), result: evidence },
  /** Starts a light client from its pinned checkpoint: gives what the checkpoint commits to, in its kind's form. */
  bootstrap: {
    params: z.strictObject({ client: clientId, bootstrap: z.unknown() }),
    result: status,
  },
  /** Finality, in order and in the form of the light client's kind; all updates or, at the first bad one, none. */
  advance: {
    params: z.strictObject({
      client: clientId,
      updates: z.array(z.unknown()).min(1).max(MAX_ADVANCE_UPDATES),
    }),
    result: status,
  },
  /**
   * A portion of a chain's messages, from index `fromIndex` on. A run of portions counts once one of them comes with a proof of
   * the sent head that they end in; without messages a portion shows until when there have been no more. Where `ahead` says so,
   * the portion is proven already and comes without a proof. Envelopes are opened when their round is proposed.
   */
  ingest: {
    params: z.strictObject({
      chainId: uint(64),
      fromIndex: uint(64),
      messages: z.array(messageBody).max(MAX_INGEST_MESSAGES),
      proof: stateProofSchema.nullable(),
    }),
    result: outbox,
  },
  /**
   * Messages of the anchor's own outbox from index `fromIndex` on, always with a proof of its head: governance says so little
   * that it needs no portions.
   */
  ingestControl: {
    params: z.strictObject({
      fromIndex: uint(64),
      messages: z.array(controlBody).max(MAX_INGEST_CONTROL),
      proof: stateProofSchema,
    }),
    result: status,
  },
  /** Proves how many releases a chain's gateway has paid (`releasedCount`). */
  proveReleased: {
    params: z.strictObject({ chainId: uint(64), proof: stateProofSchema }),
    result: status,
  },
  /**
   * Computes, and keeps, the transition that takes the ledger's state over the rounds up to `round`. Shows only its commit.
   * `prevState` must be the ledger's own: transition N + 1 is proposed when N is proven final.
   */
  propose: {
    params: z.strictObject({
      prevState: hash,
      round: uint(64),
      asOf: uint(64),
      control: uint(64),
      paid,
      beneficiary: hash,
    }),
    result: z.strictObject({ commit }),
  },
  /** Signs the commit of a transition proposed before. */
  signCommit: {
    params: z.strictObject({ postState: hash }),
    result: z.strictObject({ commit, epoch: uint(64), signature }),
  },
  /** Proves that the anchor keeps the state id of a transition that was proposed; it becomes the ledger. */
  confirmAnchored: {
    params: z.strictObject({ number: uint(64), proof: stateProofSchema }),
    result: z.strictObject({ number: uint(64), stateId: hash }),
  },
  /**
   * Signed release batches of a chain, from the one that begins at `firstIndex` on: of the ledger's state, which is anchored and final,
   * as long as the gateway is not known to have paid them. At most {@link MAX_REVEAL_BATCHES}; none if nothing is outstanding there.
   */
  reveal: {
    params: z.strictObject({ chainId: uint(64), firstIndex: uint(64), submitter: address }),
    result: z.strictObject({ batches: z.array(signedBatch).max(MAX_REVEAL_BATCHES) }),
  },
  /** One chunk of a sealed snapshot of the ledger's state. */
  exportSnapshot: {
    params: z.strictObject({ chunk: uint(32) }),
    result: z.strictObject({
      number: uint(64),
      stateId: hash,
      chunks: uint(32),
      bytes: bytesUpTo(MAX_SNAPSHOT_CHUNK_BYTES),
    }),
  },
  /**
   * Takes one chunk of a snapshot, in order from 0; the last comes with the proof that its state is anchored under `number`,
   * and makes it the ledger.
   */
  restoreSnapshot: {
    params: z.strictObject({
      number: uint(64),
      chunk: uint(32),
      chunks: uint(32),
      bytes: bytesUpTo(MAX_SNAPSHOT_CHUNK_BYTES),
      proof: stateProofSchema.nullable(),
    }),
    result: status,
  },
  /** A question about an account that only its owner, or whoever holds their permit, can ask and read: see query.ts. */
  query: {
    params: z.strictObject({ sealed: bytesUpTo(MAX_QUERY_BYTES) }),
    result: z.strictObject({ sealed: bytesUpTo(MAX_ANSWER_BYTES) }),
  },
} as const;

export type CommandName = keyof typeof COMMANDS;
/** Parameters of a command, decoded. */
export type CommandParams<N extends CommandName> = z.output<(typeof COMMANDS)[N]['params']>;
/** Result of a command, decoded. */
export type CommandResult<N extends CommandName> = z.output<(typeof COMMANDS)[N]['result']>;
