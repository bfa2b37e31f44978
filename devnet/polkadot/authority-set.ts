import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { decodeCompact, fromLittleEndian } from './compact.ts';
import type { Header } from './header.ts';
import { bytesOf } from './hex.ts';

export type Authority = { readonly id: Hex; readonly weight: bigint };
export type AuthoritySet = { readonly setId: number; readonly authorities: readonly Authority[] };

/** Whose votes finalize a block, and who follows. */
export type GrandpaPoint = {
  readonly set: AuthoritySet;
  /** A change signalled and not yet in force. */
  readonly pending: ScheduledChange | undefined;
  /** True for the last block of the set. */
  readonly endsSet: boolean;
  /** The set of the child blocks, and the first block it finalizes. */
  readonly next: AuthoritySet;
  readonly nextSince: number;
};

type ScheduledChange = { readonly atNumber: number; readonly authorities: readonly Authority[] };

/** Digest item 4 (consensus), engine `FRNK`, log 1 (ScheduledChange). */
const SCHEDULED_CHANGE = '0x0446524e4b';

/** The smallest weight of votes that finalizes: more than two thirds, as GRANDPA counts. */
export function computeThreshold({ authorities }: AuthoritySet): bigint {
  const total = authorities.reduce((sum, { weight }) => sum + weight, 0n);
  return total - (total - 1n) / 3n;
}

/** The GRANDPA side of the genesis block. */
export function createGenesisPoint(authorities: readonly Authority[]): GrandpaPoint {
  const set = { setId: 0, authorities };
  return { set, pending: undefined, endsSet: false, next: set, nextSince: 1 };
}

/** The GRANDPA side of a block on top of `parent`. */
export function advanceGrandpaPoint(parent: GrandpaPoint, header: Header): GrandpaPoint {
  const set = parent.next;
  const pending = parent.pending ?? readScheduledChange(header);
  if (pending === undefined || pending.atNumber > header.number) {
    return { set, pending, endsSet: false, next: set, nextSince: parent.nextSince };
  }
  const next = { setId: set.setId + 1, authorities: pending.authorities };
  return { set, pending: undefined, endsSet: true, next, nextSince: header.number + 1 };
}

function readScheduledChange(header: Header): ScheduledChange | undefined {
  for (const log of header.logs) {
    if (!log.startsWith(SCHEDULED_CHANGE)) continue;
    const bytes = bytesOf(log);
    const [, prefix] = decodeCompact(bytes, 5);
    const body = bytes.subarray(5 + prefix);
    if (body[0] !== 1) continue;
    const { authorities, length } = decodeAuthorities(body.subarray(1));
    const delay = fromLittleEndian(body.subarray(1 + length, 5 + length));
    return { atNumber: header.number + Number(delay), authorities };
  }
  return undefined;
}

/** Reads `Vec<([u8; 32], u64)>`. */
export function decodeAuthorities(bytes: Uint8Array): {
  authorities: readonly Authority[];
  length: number;
} {
  const [count, prefix] = decodeCompact(bytes);
  const authorities = Array.from({ length: count }, (_, i) => {
    const at = prefix + 40 * i;
    return {
      id: toHex(bytes.subarray(at, at + 32)),
      weight: fromLittleEndian(bytes.subarray(at + 32, at + 40)),
    };
  });
  return { authorities, length: prefix + 40 * count };
}
