import * as z from 'zod';

/** Where everyone can read what an answer says. There is no other kind of field: what the chains do not show is in no answer. */
export const PUBLIC_SOURCES = {
  deposit: 'the `Deposited` event of the gateway that took it',
  payout:
    'the events `Released`, `ReleaseDeferred`, `ReleaseSkipped`, `ClaimAssigned` and `Claimed` of the gateway that pays',
  commit: 'the anchor’s `Committed` event',
  block: 'the block, and whether its chain has finalized it',
  registry: 'the chain’s registry of enclaves',
  measured: 'the bridge’s measured configuration, which is public',
  words: 'these pages: it follows from the other fields',
  seen: 'when, or how far, this relayer has read any of it',
} as const;

/** One of {@link PUBLIC_SOURCES}. */
export type PublicSource = keyof typeof PUBLIC_SOURCES;

/** A field of an answer: what it says, and where everyone can read that. */
export function shown<T extends z.ZodType>(schema: T, source: PublicSource, what: string): T {
  return schema.describe(`${what} [${source}]`);
}

/** The source that {@link shown} noted in a description; undefined if it noted none. */
export function sourceIn(description: string | undefined): string | undefined {
  return /\[([a-z]+)\]$/.exec(description ?? '')?.[1];
}

/** An integer as decimal digits: amounts and chain ids do not fit a JSON number. */
export const decimal = z.string().regex(/^[0-9]{1,78}$/);
/** Hex of any length, with 0x. */
export const hex = z.string().regex(/^0x[0-9a-f]*$/);
/** A whole number. */
export const whole = z.int().min(0);
/** Seconds of Unix time. */
export const unixSec = z.int().min(0);
/** An instant, as ISO 8601 in UTC. */
export const instant = z.iso.datetime();
