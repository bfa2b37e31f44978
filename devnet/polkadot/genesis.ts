import { concatBytes, type Hex, toHex, utf8 } from '../../src/shared/bytes.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import {
  applyDiff,
  type ChainState,
  computeStateRoot,
  EMPTY_STATE,
  type StorageDiff,
} from './chain-state.ts';
import { decodeCompact, encodeBytes, littleEndian } from './compact.ts';
import { type Executor, runStateless } from './executor.ts';
import { type Header, ZERO_HASH } from './header.ts';
import { bytesOf } from './hex.ts';

export type JsonObject = { [key: string]: unknown };

export type GenesisRequest = {
  /** The runtime's compressed wasm, which becomes `:code`. */
  readonly code: Uint8Array;
  readonly preset: string;
  /** Merged over the preset's patch. */
  readonly patch?: JsonObject;
  /** Of the chain's EVM; the runtime's own if left out. */
  readonly evmChainId?: bigint | undefined;
};

/** The root of a trie without entries, which is the genesis block's extrinsics root. */
const EMPTY_TRIE_ROOT: Hex = '0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314';
const CODE_KEY = '0x3a636f6465';
/** twox128(":ChainId:"): where the runtime keeps what its parameter `ChainId` is. KEEP IN SYNC: substrate/runtime/src/lib.rs, to which a test holds it. */
export const EVM_CHAIN_ID_KEY = '0x9527366927478e710d3f7fb77c6d1f89';

/** Lets the runtime build its genesis state from a preset. The same state as a native node's. */
export async function buildGenesis(
  executor: Executor,
  request: GenesisRequest,
): Promise<{ header: Header; state: ChainState }> {
  const defaults = await getPreset(executor, Uint8Array.of(0));
  const patch = await getPreset(
    executor,
    concatBytes(Uint8Array.of(1), encodeBytes(utf8(request.preset))),
  );
  const config = mergeJson(mergeJson(defaults, patch), request.patch ?? {});
  const argument = toHex(encodeBytes(utf8(JSON.stringify(config))));
  const built = await runStateless(executor, ['GenesisBuilder_build_state', [argument]]);
  if (built.result !== '0x00') throw new GenesisError(reasonOf(built.result), request.preset);
  const state = applyDiff(EMPTY_STATE, [
    ...built.diff,
    [CODE_KEY, toHex(request.code)],
    ...listChainId(request.evmChainId),
  ]);
  const header = {
    parentHash: ZERO_HASH,
    number: 0,
    stateRoot: computeStateRoot(state),
    extrinsicsRoot: EMPTY_TRIE_ROOT,
    logs: [],
  };
  return { header, state };
}

/** No preset knows the chain id, for it belongs to no pallet: it is written as the runtime reads it. */
function listChainId(chainId: bigint | undefined): StorageDiff {
  return chainId === undefined ? [] : [[EVM_CHAIN_ID_KEY, toHex(littleEndian(chainId, 8))]];
}

async function getPreset(executor: Executor, id: Uint8Array): Promise<JsonObject> {
  const { result } = await runStateless(executor, ['GenesisBuilder_get_preset', [toHex(id)]]);
  if (result === '0x00') throw new GenesisError('the runtime has no such preset', toHex(id));
  const bytes = bytesOf(result).subarray(1);
  const [length, prefix] = decodeCompact(bytes);
  return parseExact(new TextDecoder().decode(bytes.subarray(prefix, prefix + length)));
}

type ExactJson = {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(source: string): unknown;
  isRawJSON(value: unknown): boolean;
};
// CAST: ES2026's source text access, which the type library of ES2023 does not know yet.
const exactJson = JSON as unknown as ExactJson;

/** Balances exceed 2^53: numbers that do not fit keep their source text. */
function parseExact(text: string): JsonObject {
  return exactJson.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined
      ? exactJson.rawJSON(source)
      : value,
  ) as JsonObject;
}

/** Objects merge key by key, everything else is replaced. SPEC: RFC 7396, without removal. */
function mergeJson(base: JsonObject, patch: JsonObject): JsonObject {
  const merged: JsonObject = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    const under = merged[key];
    merged[key] = isObject(under) && isObject(value) ? mergeJson(under, value) : value;
  }
  return merged;
}

function isObject(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !exactJson.isRawJSON(value)
  );
}

function reasonOf(result: Hex): string {
  const bytes = bytesOf(result).subarray(1);
  const [, prefix] = decodeCompact(bytes);
  return new TextDecoder().decode(bytes.subarray(prefix));
}

export class GenesisError extends BridgeError<{ reason: string; preset: string }> {
  readonly code = 'DEVNET_GENESIS_REFUSED';
  readonly disposition = 'reject';
  constructor(reason: string, preset: string) {
    super(`The runtime refused the genesis configuration (${preset}): ${reason}.`, {
      reason,
      preset,
    });
  }
}
