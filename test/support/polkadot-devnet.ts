import { join } from 'node:path';
import { ApiPromise, WsProvider } from '#polkadot/api';
import { createPolkadotDevnet, type PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import type { PolkadotDevnetOptions } from '../../devnet/polkadot/options.ts';
import type { Hex } from '../../src/shared/bytes.ts';

export const RUNTIME_WASM = join(
  import.meta.dirname,
  '../../substrate/veilspan_runtime.compact.compressed.wasm',
);

/** A chain whose blocks come when the test says so, in a time of its own. */
export function startManualChain(
  options: Partial<PolkadotDevnetOptions> = {},
): Promise<PolkadotDevnet> {
  return createPolkadotDevnet({
    wasm: RUNTIME_WASM,
    preset: 'three_finality',
    production: 'manual',
    genesisTimeMs: 1_800_000_000_000,
    ...options,
  });
}

/** What the node answers over HTTP: the whole JSON-RPC object. */
export async function askRaw(
  { httpUrl }: Pick<PolkadotDevnet, 'httpUrl'>,
  method: string,
  params: readonly unknown[] = [],
): Promise<{ result?: unknown; error?: { code: number; message: string; data?: unknown } }> {
  const response = await fetch(httpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return (await response.json()) as Awaited<ReturnType<typeof askRaw>>;
}

/** The result of a request that must succeed. */
export async function ask<T>(
  chain: Pick<PolkadotDevnet, 'httpUrl'>,
  method: string,
  ...params: readonly unknown[]
): Promise<T> {
  const { result, error } = await askRaw(chain, method, params);
  if (error !== undefined) throw new Error(`${method}: ${error.code} ${error.message}`);
  return result as T;
}

export type HeaderJson = {
  parentHash: Hex;
  number: Hex;
  stateRoot: Hex;
  extrinsicsRoot: Hex;
  digest: { logs: Hex[] };
};

/** The height of a block, the best one unless told otherwise. */
export async function heightOf(chain: PolkadotDevnet, hash?: Hex): Promise<number> {
  return Number((await ask<HeaderJson>(chain, 'chain_getHeader', hash)).number);
}

export async function finalizedHeight(chain: PolkadotDevnet): Promise<number> {
  return heightOf(chain, await ask<Hex>(chain, 'chain_getFinalizedHead'));
}

/** An unmodified client. */
export function connectApi({ wsUrl }: Pick<PolkadotDevnet, 'wsUrl'>): Promise<ApiPromise> {
  // CAST: the package's class and interface differ under exactOptionalPropertyTypes.
  return ApiPromise.create({ provider: new WsProvider(wsUrl) as never, noInitWarn: true });
}
