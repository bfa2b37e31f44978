import { sha256 } from '../../src/crypto/hashes.ts';
import { concatBytes, type Hex, toHex, utf8 } from '../../src/shared/bytes.ts';

// Marks that are planted in transfers, and where each of them may be found. Everything else is a leak.

/** What is planted. */
export type MarkName = keyof typeof WHAT;

/** The kinds of marks, and what they are of. */
const WHAT = {
  sender: 'who deposits, which the source chain shows',
  refundTo: 'where a refund would go, which the source chain shows',
  amount: 'what is deposited, which the source chain shows',
  envelope: 'the sealed bytes of an order, which the source chain shows',
  account: 'the account that an order names',
  owner: 'the key of such an account',
  recipient: 'who is paid by a leg that has left',
  paid: 'what a leg that has left pays, which the destination shows',
  tag: 'what that release is found by, which the destination shows',
  waiting: 'who is to be paid by a leg that waits',
  memo: 'the memo of an order',
  tagSecret: 'what the tags of an order come from',
  key: 'a secret key of an enclave or an operator',
} as const;

const PUBLIC_DEPOSIT = ['sender', 'refundTo', 'amount', 'envelope'] as const;
const RELEASE = ['recipient', 'paid', 'tag'] as const;

/** What may be found where, by name: whatever is not listed may not. */
export const MAY_STAND = {
  /** What an enclave answers before the commit is final, refusals included. */
  'answers before': [],
  /** What it answers then: the releases that leave. */
  'answers after': RELEASE,
  'enclave files': [],
  'enclave output': [],
  /** Every accepted proof and the messages that it confirmed, for whoever verifies them again. */
  'evidence record': PUBLIC_DEPOSIT,
  'relayer output': [],
  'thrown errors': [],
  /** What the chains show, and what is about to be submitted to them, signed. */
  journal: [...PUBLIC_DEPOSIT, ...RELEASE],
  queue: [],
  'process arguments': [],
  /** What a look at a transfer prints. */
  status: [],
  /** What the relayer tells its operator over HTTP. */
  'metrics and readiness': [],
  /** What it tells everybody: what the chains show. */
  'status API': [...PUBLIC_DEPOSIT, ...RELEASE],
} as const satisfies Record<string, readonly MarkName[]>;
export type Sink = keyof typeof MAY_STAND;

/** Something planted, and what it may look like where it is found. */
export interface Mark {
  readonly name: MarkName;
  readonly forms: readonly string[];
}

/** Bytes to plant, which nothing else has. */
export function markedBytes(what: string, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) => {
    return sha256(utf8(`canary ${what} ${i}`));
  });
  return concatBytes(...blocks).slice(0, length);
}

/** The same as digits. */
export function markedHex(what: string, length: number): Hex {
  return toHex(markedBytes(what, length));
}

/** Bytes: as digits, as base64 at any place of a longer text, as lists of numbers, and as they are. */
export function markOfBytes(name: MarkName, bytes: Uint8Array): Mark {
  const part = [...bytes.subarray(0, 8)];
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([new Uint8Array(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  const lists = [',', ', ', ' '].map((separator) => part.join(separator));
  const keyed = part.map((byte, i) => `"${i}":${byte}`).join(',');
  return {
    name,
    forms: [
      toHex(bytes).slice(2),
      Buffer.from(bytes).toString('latin1'),
      ...base64,
      ...lists,
      keyed,
    ],
  };
}

/** The same of hexadecimal text. */
export function markOfHex(name: MarkName, value: Hex): Mark {
  return markOfBytes(name, Uint8Array.fromHex(value.slice(2)));
}

/** A number of at least nine digits, so that it is not found by chance: in decimal and as the end of a word. */
export function markOfNumber(name: MarkName, value: bigint): Mark {
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return { name, forms: [`${value}`, digits, bytes.toString('latin1')] };
}

/** Text. */
export function markOfText(name: MarkName, value: string): Mark {
  return { name, forms: [value, ...markOfBytes(name, utf8(value)).forms] };
}

/** The marks that are in some content, each once. */
export function marksIn(content: string | Uint8Array, marks: readonly Mark[]): MarkName[] {
  const text = typeof content === 'string' ? content : Buffer.from(content).toString('latin1');
  const lower = text.toLowerCase();
  const isThere = (form: string) => text.includes(form) || lower.includes(form.toLowerCase());
  const found = marks.filter(({ forms }) => forms.some(isThere)).map(({ name }) => name);
  return [...new Set(found)];
}

/** The marks that are where they may not be. */
export function leaksInto(
  sink: Sink,
  content: string | Uint8Array,
  marks: readonly Mark[],
): MarkName[] {
  const allowed: readonly MarkName[] = MAY_STAND[sink];
  return marksIn(content, marks).filter((name) => !allowed.includes(name));
}

/** All that an error holds, however deep: what a careless logger would print. */
export function insideOf(error: unknown, depth = 5): string {
  if (depth === 0 || error === null || typeof error !== 'object') return String(error);
  const members = Object.getOwnPropertyNames(error).map((name) => {
    const value: unknown = Reflect.get(error, name);
    return `${name}: ${value instanceof Uint8Array ? toHex(value) : insideOf(value, depth - 1)}`;
  });
  return members.join('\n');
}
