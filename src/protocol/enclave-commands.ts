import { z } from 'zod';
import { fromHex, type Hex } from '../shared/bytes.ts';
import { MAX_ENVELOPE_BYTES } from './message.ts';
import { MAX_BATCH_RELEASES } from './release.ts';

// Everything that crosses the pipe between an enclave and its host. One request, one response, in order.
// A frame is a u32 big-endian length and that many bytes of UTF-8 JSON. Integers are decimal strings,
// byte strings 0x-prefixed hex. A frame longer than MAX_FRAME_BYTES ends the connection.

/** The longest frame either side reads. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** Messages in one `ingest` at most. */
export const MAX_INGEST_MESSAGES = 10_000;

const MAX_PROOF_NODES = 512;
const MAX_NODE_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 256 * 1024;
/** Headers from a parachain's head down to the block proven. */
const MAX_PARENT_HEADERS = 1024;
const MAX_JUSTIFICATION_BYTES = 1024 * 1024;

const hexText = (maxBytes: number) =>
  z
    .string()
    .max(2 + 2 * maxBytes)
    .regex(/^0x(?:[0-9a-f]{2})*$/, 'lower-case 0x-prefixed hex');
const hexOf = (bytes: number) =>
  hexText(bytes)
    .length(2 + 2 * bytes)
    .transform((text) => text as Hex);
const bytesUpTo = (maxBytes: number) => hexText(maxBytes).transform((text) => fromHex(text));
const uint = (bits: number) =>
  z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,77})$/, 'a decimal integer')
    .transform((text) => BigInt(text))
    .refine((value) => value >> BigInt(bits) === 0n, `at most ${bits} bits`);

const hash = hexOf(32);
const address = hexOf(20);
const signature = hexOf(65);
const nodes = z.array(bytesUpTo(MAX_NODE_BYTES)).max(MAX_PROOF_NODES);

const cursor = z.strictObject({ chainId: uint(64), count: uint(64) });
const cursors = z.array(cursor).min(1).max(16);
const position = z.strictObject({ count: uint(64), head: hash });

const messageBody = z.strictObject({
  sender: address,
  asset: hash,
  amount: uint(128),
  fee: uint(128),
  /** As wide as gateways take it: one that no chain has is refunded, and must not hold up the others. */
  destination: uint(256),
  envelope: bytesUpTo(MAX_ENVELOPE_BYTES),
});

/** Leads from a final block of a relay chain to a block of the parachain that holds the contracts. */
const parachainHop = z.strictObject({
  /** Trie nodes of the path from the relay block's state root to the parachain's head. */
  headNodes: nodes,
  /** SCALE headers from the head's parent down to the block proven; empty if that is the head itself. */
  parents: z.array(bytesUpTo(MAX_HEADER_BYTES)).max(MAX_PARENT_HEADERS),
});

/** Proves one storage word of a contract under a header the enclave has verified as final. */
const stateProof = z.discriminatedUnion('chain', [
  z.strictObject({
    chain: z.literal('ethereum'),
    /** RLP of the execution header whose hash is final. */
    header: bytesUpTo(2048),
    accountProof: nodes,
    storageProof: nodes,
  }),
  z.strictObject({
    chain: z.literal('polkadot'),
    /** Hash of the final header; of the relay chain's, if the contracts are on a parachain. */
    blockHash: hash,
    /** Given if the contracts are on a parachain, and only then. */
    hop: parachainHop.optional(),
    /** Trie nodes of the path to the child root and of the path below it. */
    nodes,
  }),
]);
/** A storage proof of either chain. */
export type StateProof = z.output<typeof stateProof>;

const finality = z.strictObject({
  /** SCALE header. */
  header: bytesUpTo(MAX_HEADER_BYTES),
  /** SCALE GrandpaJustification for exactly that header. */
  justification: bytesUpTo(MAX_JUSTIFICATION_BYTES),
});

const commit = z.strictObject({
  number: uint(64),
  prevState: hash,
  postState: hash,
  inputs: cursors,
  beneficiary: address,
});

const release = z.strictObject({ tag: hash, asset: hash, recipient: address, amount: uint(128) });
const fee = z.strictObject({ asset: hash, amount: uint(128) });
const batch = z.strictObject({
  chainId: uint(64),
  gateway: address,
  firstIndex: uint(64),
  prevHead: hash,
  releases: z.array(release).max(MAX_BATCH_RELEASES),
  fees: z.array(fee).max(256),
});

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
    released: z.array(z.strictObject({ chainId: uint(64), position })).max(16),
  }),
  /** Messages proven and waiting, per chain: up to where the outbox is known. */
  ingested: z.array(z.strictObject({ chainId: uint(64), position })).max(16),
  ethereum: z
    .strictObject({
      finalizedSlot: uint(64),
      blockHash: hash,
      blockNumber: uint(64),
      /** Sync period of the finalized header. */
      period: uint(64),
      knowsNextSyncCommittee: z.boolean(),
    })
    .nullable(),
  polkadot: z.strictObject({ finalizedNumber: uint(32), blockHash: hash, setId: uint(64) }),
});
/** What an enclave tells anyone about itself. */
export type EnclaveStatus = z.output<typeof status>;

const evidence = z.strictObject({
  /** `emulated` says on its face that no hardware stands behind it. */
  kind: z.literal('emulated'),
  measurement: hash,
  /** Binds signing key, epoch key, epoch and the caller's challenge. */
  reportData: hexOf(64),
  publicKey: hexText(256),
  signature: hexText(256),
});

const signedBatch = z.strictObject({ batch, epoch: uint(64), signature });
/** A release batch and this enclave's signature over it. */
export type SignedBatch = z.output<typeof signedBatch>;

/** Every command: what it takes and what it answers. Both sides check both. */
export const COMMANDS = {
  /** Who the enclave is and how far it has come. */
  status: { params: z.strictObject({}), result: status },
  /** Evidence over the enclave's keys, bound to a challenge of the caller's. */
  evidence: { params: z.strictObject({ challenge: hash }), result: evidence },
  /** Gives the sync committee that the pinned checkpoint root commits to (Beacon API JSON). */
  bootstrapEthereum: { params: z.strictObject({ bootstrap: z.unknown() }), result: status },
  /** Light-client updates in order (Beacon API JSON items); all or, at the first bad one, none. */
  advanceEthereum: {
    params: z.strictObject({ updates: z.array(z.unknown()).min(1).max(128) }),
    result: status,
  },
  /** GRANDPA finality, in order; every header that changes the authority set must be there. */
  advancePolkadot: {
    params: z.strictObject({ fragments: z.array(finality).min(1).max(256) }),
    result: status,
  },
  /** The messages between what is known of a chain's outbox and the sent head that `proof` shows. */
  ingest: {
    params: z.strictObject({
      chainId: uint(64),
      proof: stateProof,
      messages: z.array(messageBody).max(MAX_INGEST_MESSAGES),
    }),
    result: z.strictObject({ chainId: uint(64), position }),
  },
  /** Computes, and keeps, the transition from `prevState` up to the cursors. Shows only its commit. */
  propose: {
    params: z.strictObject({ prevState: hash, inputs: cursors, beneficiary: address }),
    result: z.strictObject({ commit }),
  },
  /** Signs the commit of a transition proposed before. */
  signCommit: {
    params: z.strictObject({ postState: hash }),
    result: z.strictObject({ commit, epoch: uint(64), signature }),
  },
  /** Proves that a state id is anchored and final; the transitions up to it become the ledger. */
  confirmAnchored: {
    params: z.strictObject({ proof: stateProof }),
    result: z.strictObject({ number: uint(64), stateId: hash }),
  },
  /** The signed release batches of a transition that is anchored and final. */
  reveal: {
    params: z.strictObject({ number: uint(64) }),
    result: z.strictObject({ number: uint(64), batches: z.array(signedBatch).max(4096) }),
  },
} as const;

export type CommandName = keyof typeof COMMANDS;
/** Parameters of a command, decoded. */
export type CommandParams<N extends CommandName> = z.output<(typeof COMMANDS)[N]['params']>;
/** Result of a command, decoded. */
export type CommandResult<N extends CommandName> = z.output<(typeof COMMANDS)[N]['result']>;
