import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import {
  encodeByteVector,
  encodeCompact,
  encodeU32,
  encodeU64,
  encodeVector,
} from '../../src/codec/scale.ts';
import { blake2b256 } from '../../src/crypto/hashes.ts';
import {
  type Authority,
  createAuthoritySet,
} from '../../src/light-client/polkadot/authority-set.ts';
import type { PolkadotStore } from '../../src/light-client/polkadot/store.ts';
import { concatBytes, fromHex, type Hex, toHex, utf8 } from '../../src/shared/bytes.ts';

// A small GRANDPA signer: authorities from seeds, blocks, precommits and justifications, well-formed or not.

/** An authority whose secret key the tests know. */
export interface TestAuthority extends Authority {
  readonly secret: KeyObject;
}

/** The authority number `index`, the same in every run. */
export function testAuthority(index: number, weight = 1n): TestAuthority {
  const seed = blake2b256(utf8(`test authority ${index}`));
  const secret = createPrivateKey({
    key: seed,
    format: 'raw-private',
    asymmetricKeyType: 'ed25519',
  });
  const id = createPublicKey(secret).export({ format: 'raw-public' });
  return { id: toHex(id), weight, secret };
}

/** Authorities 0 … count - 1, or those from `first` on. */
export function testAuthorities(count: number, first = 0): TestAuthority[] {
  return Array.from({ length: count }, (_, i) => testAuthority(first + i));
}

/** A block as tests need it: its header, and what is read from it all the time. */
export interface TestBlock {
  readonly header: Uint8Array;
  readonly hash: Uint8Array;
  readonly number: number;
  readonly stateRoot: Uint8Array;
}

/** What a test says of a block; the rest follows from its parent. */
export interface TestBlockOptions {
  readonly digest?: readonly Uint8Array[];
  readonly stateRoot?: Uint8Array;
  /** Tells siblings apart. */
  readonly salt?: string;
  readonly number?: number;
}

/** The child of `parent`. */
export function childBlock(
  parent: { readonly hash: Uint8Array; readonly number: number },
  {
    digest = [],
    stateRoot = new Uint8Array(32),
    salt = '',
    number = parent.number + 1,
  }: TestBlockOptions = {},
): TestBlock {
  const header = concatBytes(
    parent.hash,
    encodeCompact(number),
    stateRoot,
    blake2b256(utf8(salt)),
    encodeVector(digest),
  );
  return { header, hash: blake2b256(header), number, stateRoot };
}

/** `count` blocks, each the child of the one before, the first a child of `parent`. */
export function chainOf(
  parent: { readonly hash: Uint8Array; readonly number: number },
  count: number,
): TestBlock[] {
  const blocks: TestBlock[] = [];
  for (let i = 0; i < count; i++) blocks.push(childBlock(blocks.at(-1) ?? parent));
  return blocks;
}

/** The block from which the tests' chains grow. */
export const genesis: TestBlock = childBlock({ hash: new Uint8Array(32), number: -1 });

/** A store that has finalized `block` and trusts `authorities`. */
export function storeAt(
  authorities: readonly Authority[],
  { setId = 0n, block = genesis }: { setId?: bigint; block?: TestBlock } = {},
): PolkadotStore {
  const voters = authorities.map(({ id, weight }) => ({ id, weight }));
  return {
    finalized: { number: block.number, hash: toHex(block.hash), stateRoot: toHex(block.stateRoot) },
    authoritySet: createAuthoritySet(setId, voters),
  };
}

/** A digest item `Consensus("FRNK", log)`. */
export function grandpaDigest(log: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(4), utf8('FRNK'), encodeByteVector(log));
}

/** The log ScheduledChange. */
export function scheduledChange(authorities: readonly Authority[], delay = 0): Uint8Array {
  const list = authorities.map(({ id, weight }) => concatBytes(fromHex(id), encodeU64(weight)));
  return concatBytes(Uint8Array.of(1), encodeVector(list), encodeU32(delay));
}

/** The log ForcedChange. */
export function forcedChange(authorities: readonly Authority[], delay = 0): Uint8Array {
  const change = scheduledChange(authorities, delay).subarray(1);
  return concatBytes(Uint8Array.of(2), encodeU32(7), change);
}

/** The log OnDisabled. */
export function onDisabled(index: bigint): Uint8Array {
  return concatBytes(Uint8Array.of(3), encodeU64(index));
}

/** Where a vote is cast. */
export interface Ballot {
  readonly round?: bigint;
  readonly setId?: bigint;
  /** First byte of the signed payload: 1 for a precommit, 0 for a prevote. */
  readonly message?: number;
}

/** What a vote or a commit is for. */
export interface Target {
  readonly hash: Uint8Array;
  readonly number: number;
}

/** The voter's signed precommit for `block`, 132 bytes. */
export function signPrecommit(
  voter: TestAuthority,
  block: Target,
  { round = 1n, setId = 0n, message = 1 }: Ballot = {},
): Uint8Array {
  const vote = concatBytes(block.hash, encodeU32(block.number));
  const payload = concatBytes(Uint8Array.of(message), vote, encodeU64(round), encodeU64(setId));
  return concatBytes(vote, sign(null, payload, voter.secret), fromHex(voter.id));
}

/** The pieces of a justification, put together as they are. */
export interface JustificationParts {
  readonly round?: bigint;
  readonly target: Target;
  readonly precommits: readonly Uint8Array[];
  readonly ancestries?: readonly Uint8Array[];
}

/** SCALE of a justification, of whatever parts. */
export function encodeJustification({
  round = 1n,
  target,
  precommits,
  ancestries = [],
}: JustificationParts): Uint8Array {
  return concatBytes(
    encodeU64(round),
    target.hash,
    encodeU32(target.number),
    encodeVector(precommits),
    encodeVector(ancestries),
  );
}

/** A justification of `target` by the precommits of all `voters` for it. */
export function justify(
  voters: readonly TestAuthority[],
  target: Target,
  ballot: Ballot = {},
): Uint8Array {
  const precommits = voters.map((voter) => signPrecommit(voter, target, ballot));
  return encodeJustification({ round: ballot.round ?? 1n, target, precommits });
}

/** The block's hash as the errors name it. */
export function hashOf(block: Target): Hex {
  return toHex(block.hash);
}
