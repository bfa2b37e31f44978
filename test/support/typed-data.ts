import { computeAddress, SigningKey } from 'ethers';
import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import { type Commit, commitDigest } from '../../src/protocol/commit.ts';
import {
  appendMessage,
  type ChainPosition,
  EMPTY_HEAD,
  type Message,
  messageLeaf,
} from '../../src/protocol/message.ts';
import {
  type Fee,
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
    sender: filled('c3'),
    asset: NATIVE,
    amount: 1_000_000_000_000_000_001n,
    fee: 1_000_000_000_000_007n,
    destination: REMOTE_CHAIN_ID,
    envelope: Uint8Array.of(0, ...new Uint8Array(20).fill(0xd4)),
  },
  {
    chainId: CHAIN_ID,
    gateway: GATEWAY,
    index: 1n,
    sender: filled('e5'),
    asset: NATIVE,
    amount: 2n ** 90n,
    fee: 2n ** 90n / 1000n + 7n,
    destination: 1n,
    envelope: Uint8Array.from({ length: 512 }, (_, i) => (i * 7 + 1) & 255),
  },
];

/** The first transition of a ledger over two chains. */
export const VECTOR_COMMIT: Commit = {
  number: 1n,
  prevState: word('f6'),
  postState: word('07'),
  inputs: [
    { chainId: CHAIN_ID, count: 2n },
    { chainId: REMOTE_CHAIN_ID, count: 2n ** 63n + 5n },
  ],
  beneficiary: filled('18'),
};

/** Where the commits and batches are checked. */
export const VECTOR_DOMAINS = {
  commit: { chainId: CHAIN_ID, verifyingContract: ANCHOR },
  release: { chainId: CHAIN_ID, verifyingContract: GATEWAY },
} as const;

/** Batches of 0, 1 and 3 releases with 0, 1 and 2 fees, each after the one before. */
export const VECTOR_BATCHES: readonly ReleaseBatch[] = chainBatches([
  { releases: [], fees: [] },
  { releases: [release('21', NATIVE, 10n ** 17n)], fees: [{ asset: NATIVE, amount: 12_345n }] },
  {
    releases: [
      release('32', NATIVE, 1n),
      release('43', BRIDGED, 2n ** 100n),
      release('54', NATIVE, 10n ** 18n),
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
    chainId: text(CHAIN_ID),
    gateway: GATEWAY,
    anchor: ANCHOR,
    epoch: text(VECTOR_EPOCH),
    signers: VECTOR_KEYS.map((key) => addressOf(key)),
    feeFlat: '7',
    feeBps: '10',
    messages: messageVectors(),
    commit: commitVector(),
    batches: VECTOR_BATCHES.map(batchVector),
  };
}

function messageVectors(): object[] {
  let position: ChainPosition = { count: 0n, head: EMPTY_HEAD };
  return VECTOR_MESSAGES.map((message) => {
    position = appendMessage(position, message);
    return {
      sender: message.sender,
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

function commitVector(): object {
  const digest = commitDigest(VECTOR_DOMAINS.commit, VECTOR_EPOCH, VECTOR_COMMIT);
  return {
    ...VECTOR_COMMIT,
    number: text(VECTOR_COMMIT.number),
    inputs: VECTOR_COMMIT.inputs.map(({ chainId, count }) => ({
      chainId: text(chainId),
      count: text(count),
    })),
    digest: toHex(digest),
    signatures: VECTOR_KEYS.map((key) => sign(key, digest)),
  };
}

function batchVector(batch: ReleaseBatch): object {
  const digest = releaseBatchDigest(VECTOR_EPOCH, batch);
  const after = positionAfterBatch(batch);
  return {
    firstIndex: text(batch.firstIndex),
    prevHead: batch.prevHead,
    releases: batch.releases.map((item) => ({ ...item, amount: text(item.amount) })),
    fees: batch.fees.map((fee) => ({ ...fee, amount: text(fee.amount) })),
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
  return contents.map(({ releases, fees }) => {
    const place = { firstIndex: position.count, prevHead: position.head };
    const batch = { chainId: CHAIN_ID, gateway: GATEWAY, ...place, releases, fees };
    position = positionAfterBatch(batch);
    return batch;
  });
}

function release(byte: string, asset: Hex, amount: bigint): Release {
  return { tag: word(byte), asset, recipient: filled(byte), amount };
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
