import { ApiPromise, WsProvider } from '@polkadot/api';
import type { ProviderInterface } from '@polkadot/rpc-provider/types';
import type { z } from 'zod';
import { ChainError } from '../shared/bridged-chain.ts';
import { readShape } from '../shared/json-rpc.ts';

const RECONNECT_MS = 500;
const TIMEOUT_MS = 20_000;

/** The runtime's extensions that @polkadot/api does not know: both are empty on the wire. */
const SIGNED_EXTENSIONS = {
  EthSetOrigin: { extrinsic: {}, payload: {} },
  WeightReclaim: { extrinsic: {}, payload: {} },
};

/** A connection to a Substrate node. */
export interface PolkadotConnection {
  readonly api: ApiPromise;
  /** One method call past the API, which prints every refusal. */
  send(method: string, params: readonly unknown[]): Promise<unknown>;
}

/** Connects to a Substrate node. @throws {ChainError} CHAIN_UNAVAILABLE */
export async function connectPolkadot(wsUrl: string): Promise<PolkadotConnection> {
  const provider = new WsProvider(wsUrl, RECONNECT_MS, {}, TIMEOUT_MS);
  try {
    const api = await ApiPromise.create({
      // CAST: the class types its optional members without `undefined`; the interface is its own.
      provider: provider as unknown as ProviderInterface,
      signedExtensions: SIGNED_EXTENSIONS,
      noInitWarn: true,
      throwOnConnect: true,
    });
    return { api, send: (method, params) => provider.send(method, [...params]) };
  } catch (cause) {
    await provider.disconnect().catch(() => undefined);
    const what = `no answer from ${new URL(wsUrl).host}; is the node up?`;
    throw new ChainError('CHAIN_UNAVAILABLE', { chain: 'polkadot', what }, { cause });
  }
}

/** Waits for an answer; a failure becomes this folder's error. */
export async function ask<T>(what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.slice(0, 200) : 'unknown failure';
    const meta = { chain: 'polkadot', what: `${what} failed: ${why}` } as const;
    throw new ChainError('CHAIN_UNAVAILABLE', meta, { cause });
  }
}

/** A member that the chain's metadata gives, by pallet and name. @throws {ChainError} CHAIN_MISMATCH */
export function memberOf<T>(
  tree: Readonly<Record<string, Readonly<Record<string, T>> | undefined>>,
  name: `${string}.${string}`,
): T {
  const [pallet = '', member = ''] = name.split('.');
  const found = tree[pallet]?.[member];
  if (found !== undefined) return found;
  const what = `the runtime has no ${name}; is it a chain with pallet-revive?`;
  throw new ChainError('CHAIN_MISMATCH', { chain: 'polkadot', what });
}

interface RuntimeCodec {
  toJSON(): unknown;
}
type RuntimeCall = (...args: unknown[]) => Promise<RuntimeCodec>;

/** Calls a runtime interface by its camel-case names and reads the answer as JSON. */
export async function callRuntime<S extends z.ZodType>(
  calls: unknown,
  name: `${string}.${string}`,
  options: { readonly args: readonly unknown[]; readonly schema: S },
): Promise<z.output<S>> {
  // CAST: runtime interfaces come from the chain's metadata at run time; `readShape` checks what they answer.
  const run = memberOf(calls as Record<string, Record<string, RuntimeCall>>, name);
  const answer = await ask(name, run(...options.args));
  return readShape('polkadot', options.schema, answer.toJSON(), name);
}
