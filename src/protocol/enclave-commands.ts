import * as z from 'zod';
import { bytesUpTo, hexOf, hexUpTo } from '../shared/hex-schema.ts';
import { MAX_CHAINS } from './limits.ts';
import { MAX_ENVELOPE_BYTES } from './message.ts';
import { MAX_BATCH_RELEASES } from './release.ts';
import { stateProofSchema } from './state-proof.ts';

// Everything that crosses the pipe between an enclave and its host. One request, one response, in order.
// A frame is a u32 big-endian length and that many bytes of UTF-8 JSON. Integers are decimal strings,
// byte strings 0x-prefixed hex. A frame longer than MAX_FRAME_BYTES ends the connection.

/** The longest frame either side reads. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** Messages in one `ingest` at most: so small that the longest transition and a portion behind it fit an inbox. */
export const MAX_INGEST_MESSAGES = 750;

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

/** A field whose rule is not built: what no rule reads must not mean anything. */
const unused = uint(64).refine((value): boolean => value === 0n, 'zero, as nothing reads it yet');

const cursor = z.strictObject({ chainId: uint(64), count: uint(64) });
const cursors = z.array(cursor).min(1).max(MAX_CHAINS);
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
  round: unused,
  asOf: unused,
  prevState: hash,
  postState: hash,
  inputs: cursors,
  control: unused,
  paid: z.array(cursor).max(0, 'empty, as nothing reads it yet'),
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
});
/** See {@link EnclaveStatus}. */
export type OutboxStatus = z.output<typeof outbox>;

const status = z.strictObject({
  /** SHA-256 of the enclave's code and measured configuration. */
  measurement: hash,
  /** Address of the enclave's signing key. */
  signer: address,
  epoch: uint(64),
  /** X25519 public key that users of this epoch seal to. */
  epochKey: hash,
  ledger: z.strictObject({
    number: uint(64),
    stateId: hash,
    /** Consumed per chain, by ascending chain id. */
    inputs: cursors,
    released: z.array(z.strictObject({ chainId: uint(64), position })).max(MAX_CHAINS),
  }),
  /** Per chain: up to where its outbox is known. */
  ingested: z.array(outbox).max(MAX_CHAINS),
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

const submitters = z
  .array(z.strictObject({ chainId: uint(64), submitter: address }))
  .max(MAX_CHAINS)
  .refine(
    (list) => new Set(list.map(({ chainId }) => chainId)).size === list.length,
    'each chain once',
  );

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
   * A portion of a chain's messages, from index `fromIndex` on. A run of portions counts, and its envelopes are opened,
   * once one of them comes with a proof of the sent head that they end in. Where `ahead` says so, the portion is proven
   * already and comes without a proof.
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
  /** Computes, and keeps, the transition from `prevState` up to the cursors. Shows only its commit. */
  propose: {
    params: z.strictObject({ prevState: hash, inputs: cursors, beneficiary: hash }),
    result: z.strictObject({ commit }),
  },
  /** Signs the commit of a transition proposed before. */
  signCommit: {
    params: z.strictObject({ postState: hash }),
    result: z.strictObject({ commit, epoch: uint(64), signature }),
  },
  /**
   * Proves the state id that the anchor keeps for a transition, any that is final; the transitions up to it become the
   * ledger. Answers where the ledger stands then.
   */
  confirmAnchored: {
    params: z.strictObject({ number: uint(64), proof: stateProofSchema }),
    result: z.strictObject({ number: uint(64), stateId: hash }),
  },
  /**
   * The signed release batches of a transition that is anchored and final: those of the chains that are named, each for
   * the submitter named with it.
   */
  reveal: {
    params: z.strictObject({ number: uint(64), submitters }),
    result: z.strictObject({ number: uint(64), batches: z.array(signedBatch).max(4096) }),
  },
} as const;

export type CommandName = keyof typeof COMMANDS;
/** Parameters of a command, decoded. */
export type CommandParams<N extends CommandName> = z.output<(typeof COMMANDS)[N]['params']>;
/** Result of a command, decoded. */
export type CommandResult<N extends CommandName> = z.output<(typeof COMMANDS)[N]['result']>;
