import { zstdDecompressSync } from 'node:zlib';
import { destroyWorker, runTask } from '@acala-network/chopsticks-core/wasm-executor/index';
import type { Hex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import {
  CHILD_PREFIX,
  type ChainState,
  EMPTY_STATE,
  getNextChildKey,
  getNextKey,
  getStorage,
  type StorageDiff,
} from './chain-state.ts';
import { hexOf } from './hex.ts';

export type RuntimeCall = readonly [method: string, args: readonly Hex[]];
export type CallResult = { readonly result: Hex; readonly diff: StorageDiff };

/** Runs functions of a runtime's wasm over a state. */
export type Executor = {
  /** Runs the calls in order over one overlay; the result is the last call's. */
  run(state: ChainState, calls: readonly RuntimeCall[]): Promise<CallResult>;
  /** The decompressed runtime of a state. */
  wasmOf(state: ChainState): Hex;
  close(): Promise<void>;
};

/** `:code` */
const CODE_KEY = '0x3a636f6465';
/** SPEC: sp-maybe-compressed-blob, `ZSTD_PREFIX`. */
const ZSTD_MAGIC = Buffer.from('52bc537646db8e05', 'hex');

let openExecutors = 0;
let closing: Promise<void> = Promise.resolve();

/** Starts the executor; `genesisCode` serves states that hold no `:code` yet. */
export async function createExecutor(genesisCode: Uint8Array): Promise<Executor> {
  await closing;
  openExecutors++;
  const decompress = memoizeWasm();
  const wasmOf = (state: ChainState) => decompress(getStorage(state, CODE_KEY) ?? genesisCode);
  return {
    wasmOf,
    async run(state, calls) {
      const wasm = wasmOf(state);
      const response = await runTask(
        {
          wasm,
          calls: calls.map(([method, args]) => [method, [...args]]),
          mockSignatureHost: false,
          allowUnresolvedImports: false,
          runtimeLogLevel: 0,
        },
        storageCallbacks(state),
      );
      if ('Error' in response) throw runtimeTrap(response.Error, calls);
      const { result, storageDiff } = response.Call;
      // A removal arrives as null or as undefined, whatever the package's types say.
      return { result, diff: storageDiff.map(([key, value]) => [key, value ?? null] as const) };
    },
    async close() {
      openExecutors--;
      // The worker thread is shared by every chain of the process: the last one ends it.
      if (openExecutors === 0) closing = destroyWorker();
      await closing;
    },
  };
}

function memoizeWasm(): (code: Uint8Array) => Hex {
  const known = new WeakMap<Uint8Array, Hex>();
  return (code) => {
    const cached = known.get(code);
    if (cached !== undefined) return cached;
    const isCompressed = ZSTD_MAGIC.equals(code.subarray(0, ZSTD_MAGIC.length));
    const wasm = hexOf(isCompressed ? zstdDecompressSync(code.subarray(ZSTD_MAGIC.length)) : code);
    known.set(code, wasm);
    return wasm;
  };
}

function storageCallbacks(state: ChainState) {
  return {
    getStorage: async (key: Hex) => {
      const value = getStorage(state, key);
      return value === undefined ? undefined : hexOf(value);
    },
    getNextKey: async (prefix: Hex, key: Hex) => nextKeyOf(state, prefix, key),
    offchainGetStorage: async () => undefined,
    offchainTimestamp: async () => 0,
    offchainRandomSeed: async () => `0x${'00'.repeat(32)}` as Hex,
    offchainSubmitTransaction: async () => false,
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
