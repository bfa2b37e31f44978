import { BridgeError } from '../../src/shared/errors.ts';

/** What a target is given: one byte string, or several that belong together. */
export type Input = readonly Uint8Array[];

/** A recorded input and what is known of it. */
export interface Seed {
  readonly input: Input;
  /**
   * What an input proves. Throws a BridgeError for what it refuses.
   *
   * A decoder proves the bytes that it has read: encoded again they must be the same.
   */
  readonly proves: (input: Input) => string | Promise<string>;
  /** What an input may prove: what the recorded one does, or itself. */
  readonly mayProve: (input: Input) => readonly string[];
}

/** A decoder or verifier under attack. */
export interface Target {
  readonly name: string;
  /** `json`: each input is one text. `nodes`: the order and number of inputs are changed too. */
  readonly form: 'bytes' | 'json' | 'nodes';
  readonly seeds: readonly Seed[];
}

/** A seed whose statement no mutation may change. */
export async function verifierSeed(
  input: Input,
  proves: Seed['proves'],
  alsoAllowed: readonly string[] = [],
): Promise<Seed> {
  const allowed = [await proves(input), ...alsoAllowed];
  return { input, proves, mayProve: () => allowed };
}

/** A seed of a decoder with an encoder: one encoding for each value. */
export function codecSeed(bytes: Uint8Array, reencode: (bytes: Uint8Array) => Uint8Array): Seed {
  return {
    input: [bytes],
    proves: ([given = bytes]) => reencode(given).toHex(),
    mayProve: ([given = bytes]) => [given.toHex()],
  };
}

/** A seed of a decoder without an encoder: it may read or refuse, and nothing else. */
export function decoderSeed(bytes: Uint8Array, decode: (bytes: Uint8Array) => unknown): Seed {
  return {
    input: [bytes],
    proves: ([given = bytes]) => {
      decode(given);
      return 'read';
    },
    mayProve: () => ['read'],
  };
}

/** The only input. */
export function only(input: Input): Uint8Array {
  const [bytes] = input;
  if (bytes === undefined || input.length !== 1) throw new NoSuchInputError();
  return bytes;
}

/** A document as a host would hand it over: text that is no JSON never reaches the verifiers. */
export function readJson(input: Input): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(only(input)));
  } catch {
    throw new NoSuchInputError();
  }
}

/** The bytes of a document. */
export function jsonBytes(document: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document));
}

/** What no decoder is ever called with. */
class NoSuchInputError extends BridgeError {
  readonly code = 'FUZZ_INPUT_IMPOSSIBLE';
  readonly disposition = 'reject';
  constructor() {
    super('Expected one JSON text, got another; nothing to do.', {});
  }
}
