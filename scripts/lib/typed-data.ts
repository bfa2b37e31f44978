import { computeAddress, SigningKey } from 'ethers';
import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import { type Commit, type Cursor, commitDigest } from '../../src/protocol/commit.ts';
import { ANCHOR_SLOTS, anchorIdSlot, GATEWAY_SLOTS } from '../../src/protocol/contracts.ts';
import {
  appendMessage,
  type ChainPosition,
  EMPTY_HEAD,
  HEAD_INTERVAL,
  MAX_ENVELOPE_BYTES,
  MESSAGE_VERSION,
  type Message,
  messageLeaf,
} from '../../src/protocol/message.ts';
import {
  type Fee,
  MAX_BATCH_RELEASES,
  positionAfterBatch,
  type Release,
  type ReleaseBatch,
  releaseBatchDigest,
} from '../../src/protocol/release.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';

// What test/vectors/typed-data.json holds. The Solidity tests recompute it with the contracts.

const CHAIN_ID = 31_337n;
const REMOTE_CHAIN_ID = 420_420_499n;
const GATEWAY: Hex = `0x${'a1'.repeat(20)}`;
const ANCHOR: Hex = `0x${'b2'.repeat(20)}`;
const NATIVE = assetId(CHAIN_ID, NATIVE_TOKEN);
const BRIDGED = assetId(REMOTE_CHAIN_ID, NATIVE_TOKEN);

/** The epoch that everything below is signed in. */
export const VECTOR_EPOCH = 3n;

/** Fixed signing keys, by ascending address. */
export const VECTOR_KEYS: readonly Hex[] = [`0x${'22'.repeat(32)}`, `0x${'11'.repeat(32)}`];

/** Two deposits of the native coin: a transparent envelope, then one of full length. */
export const VECTOR_MESSAGES: readonly Message[] = [
  {
    chainId: CHAIN_ID,
    gateway: GATEWAY,
    index: 0n,
    sentAtSec: 1_900_000_001n,
    sender: filled('c3'),
    refundTo: filled('c4'),
    asset: NATIVE,
    amount: 1_000_000_000_000_000_001n,
    fee: 7n,
    destination: REMOTE_CHAIN_ID,
    envelope: Uint8Array.of(0, ...new Uint8Array(20).fill(0xd4)),
  },
  {
    chainId: CHAIN_ID,
    gateway: GATEWAY,
    index: 1n,
    sentAtSec: 1_900_000_013n,
    sender: filled('e5'),
    refundTo: filled('e5'),
    asset: NATIVE,
    amount: 2n ** 90n,
    fee: 7n,
    destination: 1n,
    envelope: Uint8Array.from({ length: 512 }, (_, i) => (i * 7 + 1) & 255),
  },
];

/** The first transition of a ledger over two chains, as the anchor takes it. */
const VECTOR_COMMIT: Commit = {
  number: 1n,
  round: 0n,
  asOf: 0n,
  prevState: word('f6'),
  postState: word('07'),
  inputs: [
    { chainId: CHAIN_ID, count: 2n },
    { chainId: REMOTE_CHAIN_ID, count: 2n ** 63n + 5n },
  ],
  control: 0n,
  paid: [],
  beneficiary: `0x${'00'.repeat(12)}${'18'.repeat(20)}`,
};

/** A transition with every field in use, as no anchor takes it yet. */
const FULL_COMMIT: Commit = {
  number: 2n ** 64n - 1n,
  round: 2n ** 40n + 1n,
  asOf: 1_900_000_029n,
  prevState: word('08'),
  postState: word('09'),
  inputs: [{ chainId: CHAIN_ID, count: 3n }],
  control: 4n,
  paid: [
    { chainId: CHAIN_ID, count: 5n },
    { chainId: REMOTE_CHAIN_ID, count: 6n },
  ],
  beneficiary: word('19'),
};

/** Both of them, the one that the anchor takes first. */
export const VECTOR_COMMITS: readonly Commit[] = [VECTOR_COMMIT, FULL_COMMIT];

/** Who submits every batch. */
export const VECTOR_SUBMITTER: Hex = filled('fe');

/** Where the commits and batches are checked. */
export const VECTOR_DOMAINS = {
  commit: { chainId: CHAIN_ID, verifyingContract: ANCHOR },
  release: { chainId: CHAIN_ID, verifyingContract: GATEWAY },
} as const;

/** Batches of 0, 1 and 3 releases with 0, 1 and 2 fees, each after the one before; the last gives message 1 back. */
export const VECTOR_BATCHES: readonly ReleaseBatch[] = chainBatches([
  { releases: [], fees: [] },
  { releases: [release('21', NATIVE, 10n ** 17n)], fees: [{ asset: NATIVE, amount: 12_345n }] },
  {
    releases: [
      release('32', NATIVE, 1n),
      release('43', BRIDGED, 2n ** 100n),
      { ...release('54', NATIVE, 10n ** 18n), refundOf: 2n },
    ],
    fees: [
      { asset: NATIVE, amount: 10n ** 15n },
      { asset: BRIDGED, amount: 77n },
    ],
  },
]);

/** The JSON document: amounts as decimal text, bytes as hex. */
export function typedDataVectors(): object {
  return {
    constants: constantVectors(),
    chainId: text(CHAIN_ID),
    gateway: GATEWAY,
    anchor: ANCHOR,
    epoch: text(VECTOR_EPOCH),
    signers: VECTOR_KEYS.map((key) => addressOf(key)),
    feeFlat: '7',
    messages: messageVectors(),
    commits: VECTOR_COMMITS.map(commitVector),
    submitter: VECTOR_SUBMITTER,
    batches: VECTOR_BATCHES.map(batchVector),
  };
}

/** What the contracts and src/protocol must have in common. */
function constantVectors(): object {
  return {
    messageVersion: text(MESSAGE_VERSION),
    headInterval: text(HEAD_INTERVAL),
    maxEnvelopeBytes: String(MAX_ENVELOPE_BYTES),
    maxBatchReleases: String(MAX_BATCH_RELEASES),
    gatewaySlots: GATEWAY_SLOTS,
    anchorSlots: ANCHOR_SLOTS,
    anchorIdSlots: { genesis: anchorIdSlot(0n), first: anchorIdSlot(1n) },
  };
}

function messageVectors(): object[] {
  let position: ChainPosition = { count: 0n, head: EMPTY_HEAD };
  return VECTOR_MESSAGES.map((message) => {
    position = appendMessage(position, message);
    return {
      sentAtSec: text(message.sentAtSec),
      sender: message.sender,
      refundTo: message.refundTo,
      asset: message.asset,
      amount: text(message.amount),
      fee: text(message.fee),
      destination: text(message.destination),
      envelope: toHex(message.envelope),
      leaf: toHex(messageLeaf(message)),
      head: position.head,
    };
  });
}

function commitVector(commit: Commit): object {
  const digest = commitDigest(VECTOR_DOMAINS.commit, VECTOR_EPOCH, commit);
  return {
    ...commit,
    number: text(commit.number),
    round: text(commit.round),
    asOf: text(commit.asOf),
    inputs: commit.inputs.map(cursorVector),
    control: text(commit.control),
    paid: commit.paid.map(cursorVector),
    digest: toHex(digest),
    signatures: VECTOR_KEYS.map((key) => sign(key, digest)),
  };
}

function cursorVector({ chainId, count }: Cursor): object {
  return { chainId: text(chainId), count: text(count) };
}

function batchVector(batch: ReleaseBatch): object {
  const digest = releaseBatchDigest(VECTOR_EPOCH, VECTOR_SUBMITTER, batch);
  const after = positionAfterBatch(batch);
  return {
    firstIndex: text(batch.firstIndex),
    prevHead: batch.prevHead,
    releases: batch.releases.map((item) => ({
      ...item,
      amount: text(item.amount),
      refundOf: text(item.refundOf),
    })),
    fees: batch.fees.map((fee) => ({ ...fee, amount: text(fee.amount) })),
    consumedCount: text(batch.consumedCount),
    digest: toHex(digest),
    signatures: VECTOR_KEYS.map((key) => sign(key, digest)),
    countAfter: text(after.count),
    headAfter: after.head,
  };
}

function chainBatches(
  contents: readonly { readonly releases: readonly Release[]; readonly fees: readonly Fee[] }[],
): ReleaseBatch[] {
  let position: ChainPosition = { count: 0n, head: EMPTY_HEAD };
  return contents.map(({ releases, fees }, i) => {
    const place = { firstIndex: position.count, prevHead: position.head };
    const consumedCount = BigInt(i);
    const batch = { chainId: CHAIN_ID, gateway: GATEWAY, ...place, releases, fees, consumedCount };
    position = positionAfterBatch(batch);
    return batch;
  });
}

function release(byte: string, asset: Hex, amount: bigint): Release {
  return { tag: word(byte), asset, recipient: filled(byte), amount, refundOf: 0n };
}

function sign(key: Hex, digest: Uint8Array): string {
  return new SigningKey(key).sign(digest).serialized;
}

function addressOf(key: Hex): string {
  return computeAddress(key).toLowerCase();
}

function filled(byte: string): Hex {
  return `0x${byte.repeat(20)}`;
}

function word(byte: string): Hex {
  return `0x${byte.repeat(32)}`;
}

function text(value: bigint): string {
  return value.toString();
}
