import { zstdDecompressSync } from 'node:zlib';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import {
  CHILD_PREFIX,
  type ChainState,
  EMPTY_STATE,
  getNextChildKey,
  getNextKey,
  getStorage,
  type StorageDiff,
} from './chain-state.ts';
import { ExecutorThread, type StateReader } from './executor-thread.ts';
import { bytesOf } from './hex.ts';
import { createSerialQueue } from './serial-queue.ts';

export type RuntimeCall = readonly [method: string, args: readonly Hex[]];
export type CallResult = { readonly result: Hex; readonly diff: StorageDiff };

export type RuntimeVersion = {
  readonly specName: string;
  readonly implName: string;
  readonly authoringVersion: number;
  readonly specVersion: number;
  readonly implVersion: number;
  readonly apis: readonly (readonly [Hex, number])[];
  readonly transactionVersion: number;
  readonly stateVersion: number;
};

/** Runs functions of a runtime's wasm over a state. */
export type Executor = {
  /** Runs the calls in order over one overlay; the result is the last call's. */
  run(state: ChainState, calls: readonly RuntimeCall[]): Promise<CallResult>;
  /** The version of a state's runtime, as its wasm declares it. */
  version(state: ChainState): Promise<RuntimeVersion>;
  close(): Promise<void>;
};

/** `:code` */
const CODE_KEY = '0x3a636f6465';
/** SPEC: sp-maybe-compressed-blob, `ZSTD_PREFIX`. */
const ZSTD_MAGIC = Buffer.from('52bc537646db8e05', 'hex');

/** Starts an executor with a thread of its own; `genesisCode` serves states without `:code`. */
export function createExecutor(genesisCode: Uint8Array): Executor {
  const thread = new ExecutorThread();
  // Tasks would take turns at every read and all end late.
  const queue = createSerialQueue();
  const decompress = memoizeWasm();
  const wasmOf = (state: ChainState) => decompress(getStorage(state, CODE_KEY) ?? genesisCode);
  return {
    async run(state, calls) {
      const task = () => thread.run(wasmOf(state), calls, readerOf(state));
      // CAST: the shape is the executor package's, see the type.
      const response = (await queue.run(task)) as TaskResponse;
      if ('Error' in response) throw runtimeTrap(response.Error, calls);
      const { result, storageDiff } = response.Call;
      return { result, diff: storageDiff.map(([key, value]) => [key, value ?? null] as const) };
    },
    async version(state) {
      // CAST: as above.
      const version = (await thread.version(wasmOf(state))) as RuntimeVersion;
      const { specName, implName } = version;
      return { ...version, specName: textOf(specName), implName: textOf(implName) };
    },
    close: () => thread.close(),
  };
}

/** The package's answer; a removed key comes as null or undefined. */
type TaskResponse =
  | { readonly Error: string }
  | {
      readonly Call: {
        readonly result: Hex;
        readonly storageDiff: readonly (readonly [Hex, (Hex | null)?])[];
      };
    };

function textOf(hex: string): string {
  return new TextDecoder().decode(bytesOf(hex));
}

function memoizeWasm(): (code: Uint8Array) => Hex {
  const known = new WeakMap<Uint8Array, Hex>();
  return (code) => {
    const cached = known.get(code);
    if (cached !== undefined) return cached;
    const isCompressed = ZSTD_MAGIC.equals(code.subarray(0, ZSTD_MAGIC.length));
    const wasm = toHex(isCompressed ? zstdDecompressSync(code.subarray(ZSTD_MAGIC.length)) : code);
    known.set(code, wasm);
    return wasm;
  };
}

function readerOf(state: ChainState): StateReader {
  return {
    get(key) {
      const value = getStorage(state, key);
      return value === undefined ? undefined : toHex(value);
    },
    next: (prefix, key) => nextKeyOf(state, prefix, key),
  };
}

/** Inside a child trie the executor gives absolute keys and wants the next one relative to it. */
function nextKeyOf(state: ChainState, prefix: Hex, key: Hex): Hex | undefined {
  const rootDigits = CHILD_PREFIX.length + 64;
  const digits = prefix.slice(2);
  if (!digits.startsWith(CHILD_PREFIX) || digits.length < rootDigits) {
    return getNextKey(state, prefix, key);
  }
  return getNextChildKey(state, digits.slice(CHILD_PREFIX.length, rootDigits), {
    prefix: `0x${digits.slice(rootDigits)}`,
    after: `0x${key.slice(2 + rootDigits)}`,
  });
}

/** A call result over no state at all: the genesis builder and the metadata need none. */
export function runStateless(executor: Executor, call: RuntimeCall): Promise<CallResult> {
  return executor.run(EMPTY_STATE, [call]);
}

function runtimeTrap(reason: string, calls: readonly RuntimeCall[]): RuntimeTrapError {
  return new RuntimeTrapError(
    reason,
    calls.map(([method]) => method),
  );
}

export class RuntimeTrapError extends BridgeError<{ reason: string; calls: readonly string[] }> {
  readonly code = 'DEVNET_RUNTIME_TRAPPED';
  readonly disposition = 'reject';
  constructor(reason: string, calls: readonly string[]) {
    super(`The runtime trapped in ${calls.at(-1)}: ${reason.slice(0, 300)}.`, { reason, calls });
  }
}
