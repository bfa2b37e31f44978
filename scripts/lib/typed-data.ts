import { computeAddress, SigningKey } from 'ethers';
import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import { type Commit, type Cursor, commitDigest } from '../../src/protocol/commit.ts';
import { ANCHOR_SLOTS, anchorIdSlot, GATEWAY_SLOTS } from '../../src/protocol/contracts.ts';
import {
  appendControl,
  CONTROL_VERSION,
  type ControlContent,
  type ControlMessage,
  controlLeaf,
  encodeControl,
  MAX_RUNG,
  MAX_RUNGS,
} from '../../src/protocol/control.ts';
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
const POST_FEE = 5n;
const NATIVE = assetId(CHAIN_ID, NATIVE_TOKEN);
const BRIDGED = assetId(REMOTE_CHAIN_ID, NATIVE_TOKEN);

/** The epoch that everything below is signed in. */
export const VECTOR_EPOCH = 3n;

/** Fixed signing keys, by ascending address. */
export const VECTOR_KEYS: readonly Hex[] = [`0x${'22'.repeat(32)}`, `0x${'11'.repeat(32)}`];

/** Two deposits of the native coin, a transparent one and a sealed one that names no destination; then a post of full length. */
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
    destination: 0n,
    envelope: Uint8Array.from({ length: 640 }, (_, i) => (i * 7 + 1) & 255),
  },
  {
    chainId: CHAIN_ID,
    gateway: GATEWAY,
    index: 2n,
    sentAtSec: 1_900_000_014n,
    sender: filled('e6'),
    refundTo: filled('e6'),
    asset: NATIVE,
    amount: POST_FEE,
    fee: POST_FEE,
    destination: 0n,
    envelope: Uint8Array.from({ length: 832 }, (_, i) => (i * 11 + 2) & 255),
  },
];

const VECTOR_CONTENTS: readonly ControlContent[] = [
  {
    kind: 'registerAsset',
    asset: NATIVE,
    poolUnit: 10n ** 16n,
    rungs: [3, 4, 5, 6, 7, 8, 9],
    entryFee: 10n ** 14n,
    leastBalance: 2n ** 128n - 1n,
  },
  { kind: 'setRate', asset: NATIVE, chainId: REMOTE_CHAIN_ID, rate: 10n ** 14n },
  { kind: 'setReward', asset: BRIDGED, reward: 77n },
  { kind: 'suspend', chainId: REMOTE_CHAIN_ID },
  { kind: 'resume', chainId: REMOTE_CHAIN_ID },
  { kind: 'startEpoch', epoch: 2n ** 64n - 1n },
  { kind: 'nameSuccessor', measurement: word('3c') },
  {
    kind: 'registerAsset',
    asset: BRIDGED,
    poolUnit: 1n,
    rungs: [MAX_RUNG],
    entryFee: 0n,
    leastBalance: 0n,
  },
];

/** A control message of every kind and a second registration, before any commit; the epoch starts in round 9. */
export const VECTOR_CONTROLS: readonly ControlMessage[] = VECTOR_CONTENTS.map((content, i) => {
  // Of a suspension the anchor names the first round that is not committed.
  const round = content.kind === 'suspend' ? 1n : content.kind === 'startEpoch' ? 9n : 0n;
  const sentAtSec = 1_900_000_020n + BigInt(i);
  return { index: BigInt(i), sentAtSec, round, ...encodeControl(content) };
});

/** The first transition of a ledger over two chains, as the anchor takes it. */
const VECTOR_COMMIT: Commit = {
  number: 1n,
  round: 3n,
  asOf: 1_900_000_029n,
  prevState: word('f6'),
  postState: word('07'),
  inputs: [
    { chainId: CHAIN_ID, count: 2n },
    { chainId: REMOTE_CHAIN_ID, count: 2n ** 63n + 5n },
  ],
  control: 8n,
  paid: [],
  beneficiary: word('18'),
};

/** A transition with every field in use, of numbers that no anchor has reached. */
const FULL_COMMIT: Commit = {
  number: 2n ** 64n - 1n,
  round: 2n ** 40n + 1n,
  asOf: 1_900_000_031n,
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
    postFee: text(POST_FEE),
    messages: messageVectors(),
    controls: controlVectors(),
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
    controlVersion: text(CONTROL_VERSION),
    maxRungs: String(MAX_RUNGS),
    maxRung: String(MAX_RUNG),
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

function controlVectors(): object[] {
  const source = { chainId: CHAIN_ID, address: ANCHOR };
  let position: ChainPosition = { count: 0n, head: EMPTY_HEAD };
  return VECTOR_CONTROLS.map((message) => {
    position = appendControl(position, source, message);
    return {
      sentAtSec: text(message.sentAtSec),
      round: text(message.round),
      kind: String(message.kind),
      payload: toHex(message.payload),
      leaf: toHex(controlLeaf(source, message)),
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
