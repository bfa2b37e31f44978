import { ed25519 } from '@noble/curves/ed25519.js';
import { blake2b } from '@noble/hashes/blake2.js';

// The slow twin of verifyFinality: hex strings, one rule after the other, every walk from the start.
// SPEC: docs/light-client-rules.md C.2, layout and rules 1 to 6.

/** What the twin knows of the store. */
export interface NaiveStore {
  readonly lastNumber: number;
  readonly setId: bigint;
  /** Public key in hex without prefix → weight. */
  readonly weights: ReadonlyMap<string, bigint>;
}

interface NaiveHeader {
  readonly hash: string;
  readonly parent: string;
  readonly number: number;
}

interface NaiveVote {
  readonly hash: string;
  readonly number: number;
  readonly signature: string;
  readonly id: string;
}

/** True if the justification makes the header final; false for every reason not to. */
export function naiveIsFinal(store: NaiveStore, header: string, justification: string): boolean {
  const block = parse(header, takeHeader);
  const proof = parse(justification, takeJustification);
  if (block === undefined || proof === undefined) return false;
  const { target, votes, ancestries } = proof;
  return (
    target.hash === block.hash &&
    target.number === block.number &&
    block.number > store.lastNumber &&
    new Set(ancestries.map(({ hash }) => hash)).size === ancestries.length &&
    new Set(votes.map(({ id }) => id)).size === votes.length &&
    votes.every(({ id }) => store.weights.has(id)) &&
    votes.every((vote) => routeOf(vote, target, ancestries) !== undefined) &&
    ancestries.every(({ hash }) =>
      votes.some((vote) => routeOf(vote, target, ancestries)?.includes(hash)),
    ) &&
    votes.every((vote) => isSigned(vote, proof.round, store.setId)) &&
    isEnough(votes, store.weights)
  );
}

/** The hashes from the vote down to, but without, the target; undefined if there is no way. */
function routeOf(
  vote: NaiveVote,
  target: { hash: string; number: number },
  ancestries: readonly NaiveHeader[],
): string[] | undefined {
  const route: string[] = [];
  let [hash, number] = [vote.hash, vote.number];
  while (hash !== target.hash) {
    const header = ancestries.find((ancestor) => ancestor.hash === hash);
    if (header === undefined || (route.length === 0 && header.number !== number)) return undefined;
    route.push(hash);
    [hash, number] = [header.parent, header.number - 1];
  }
  if (route.length === 0) return vote.number === target.number ? route : undefined;
  return vote.number >= target.number ? route : undefined;
}

function isSigned(vote: NaiveVote, round: string, setId: bigint): boolean {
  const payload = `01${vote.hash}${little(BigInt(vote.number), 4)}${round}${little(setId, 8)}`;
  const [signature, message, key] = [vote.signature, payload, vote.id].map(bytes) as Uint8Array[];
  return ed25519.verify(signature!, message!, key!, { zip215: false });
}

function isEnough(votes: readonly NaiveVote[], weights: ReadonlyMap<string, bigint>): boolean {
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0n);
  const voted = votes.reduce((sum, { id }) => sum + (weights.get(id) ?? 0n), 0n);
  // More than two thirds, as an inequality of integers.
  return 3n * voted > 2n * total;
}

interface Tape {
  rest: string;
}

function parse<T>(hex: string, takeAll: (tape: Tape) => T): T | undefined {
  const tape = { rest: hex };
  try {
    const value = takeAll(tape);
    return tape.rest === '' ? value : undefined;
  } catch {
    return undefined;
  }
}

function takeJustification(tape: Tape) {
  const round = take(tape, 8);
  const target = { hash: take(tape, 32), number: takeU32(tape) };
  const votes = takeList(tape, (t) => ({
    hash: take(t, 32),
    number: takeU32(t),
    signature: take(t, 64),
    id: take(t, 32),
  }));
  return { round, target, votes, ancestries: takeList(tape, takeHeader) };
}

function takeHeader(tape: Tape): NaiveHeader {
  const before = tape.rest;
  const parent = take(tape, 32);
  const number = takeCompact(tape);
  take(tape, 64);
  takeList(tape, takeDigestItem);
  const encoded = before.slice(0, before.length - tape.rest.length);
  const hash = Buffer.from(blake2b(bytes(encoded), { dkLen: 32 })).toString('hex');
  return { hash, parent, number };
}

function takeDigestItem(tape: Tape): void {
  const kind = take(tape, 1);
  if (kind === '08') return;
  if (!['00', '04', '05', '06'].includes(kind)) throw new Error(`digest item ${kind}`);
  if (kind !== '00') take(tape, 4);
  take(tape, takeCompact(tape));
}

function takeList<T>(tape: Tape, takeItem: (tape: Tape) => T): T[] {
  const items: T[] = [];
  for (let left = takeCompact(tape); left > 0; left--) items.push(takeItem(tape));
  return items;
}

function takeCompact(tape: Tape): number {
  const first = Number.parseInt(tape.rest.slice(0, 2), 16);
  const width = [1, 2, 4, 5][first % 4] ?? 0;
  const raw = fromLittle(take(tape, width));
  if (first % 4 === 3 && first !== 3) throw new Error('more than 32 bits');
  const value = first % 4 === 3 ? raw >> 8n : raw >> 2n;
  const least = [0n, 64n, 16_384n, 1n << 30n][first % 4] ?? 0n;
  if (value < least) throw new Error('not canonical');
  return Number(value);
}

function takeU32(tape: Tape): number {
  return Number(fromLittle(take(tape, 4)));
}

function take(tape: Tape, length: number): string {
  if (tape.rest.length < 2 * length) throw new Error('cut short');
  const taken = tape.rest.slice(0, 2 * length);
  tape.rest = tape.rest.slice(2 * length);
  return taken;
}

function fromLittle(hex: string): bigint {
  return BigInt(`0x${(hex.match(/../g) ?? []).reverse().join('') || '0'}`);
}

function little(value: bigint, length: number): string {
  const big = value.toString(16).padStart(2 * length, '0');
  return (big.match(/../g) ?? []).reverse().join('');
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
