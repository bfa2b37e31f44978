import { z } from 'zod';
import { ApiPromise } from '#polkadot/api';
import { atMost } from '../shared/at-most.ts';
import { ChainError } from '../shared/bridged-chain.ts';
import { readShape, saysLate } from '../shared/json-rpc.ts';
import { LineLate, type LinePatience } from '../shared/node-line.ts';
import { createLineProvider } from './line-provider.ts';
import { createNodeLines, type NodeLines } from './node-lines.ts';

/** For all that is asked before the first call: metadata is large, and a node that shares its machine slow. */
const INIT_MS = 60_000;

/** The runtime's extensions that @polkadot/api does not know: both are empty on the wire. */
const SIGNED_EXTENSIONS = {
  EthSetOrigin: { extrinsic: {}, payload: {} },
  WeightReclaim: { extrinsic: {}, payload: {} },
};

/** A connection to a Substrate node. */
export interface SubstrateConnection {
  /** What the configuration calls whatever the node is asked for; stands in errors. */
  readonly name: string;
  readonly api: ApiPromise;
  /** One method call past the API, which prints every refusal. */
  send(method: string, params: readonly unknown[]): Promise<unknown>;
  /**
   * One method call about a block that the parameters name by its hash; what was answered lately is not asked again on a connection. The API
   * gives a failure of such a call to everybody who asks the same within 1.75 seconds of the last who did: for ever where a block is asked
   * for each second.
   *
   * SOURCE: @polkadot/rpc-core `util/refCountDelay.ts`.
   */
  sendOfBlock(method: string, params: readonly unknown[]): Promise<unknown>;
  readonly nodes: Omit<NodeLines, 'open' | 'close'>;
  /**
   * Has the library go by the runtime of the newest block: a node may have told of none since the connection was made.
   *
   * SOURCE: polkadot-js/api#3853.
   *
   * @throws {ChainError} CHAIN_UNAVAILABLE, CHAIN_TIMEOUT
   */
  renewRuntime(): Promise<void>;
}

const versionSchema = z.object({ specVersion: z.int().nonnegative() });
const VERSION = 'state_getRuntimeVersion';

/**
 * Connects to the nodes of a Substrate chain. A connection that is lost later is opened again; what was in flight on it is late, what is asked before
 * it is open again is unanswered.
 *
 * @param patience other than the usual one
 * @throws {ChainError} CHAIN_UNAVAILABLE
 */
export async function connectSubstrate(
  name: string,
  wsUrls: readonly [string, ...string[]],
  patience: Partial<LinePatience> = {},
): Promise<SubstrateConnection> {
  const line = createNodeLines(name, wsUrls, patience);
  try {
    await line.open();
    const provider = createLineProvider(line);
    const options = {
      provider,
      signedExtensions: SIGNED_EXTENSIONS,
      noInitWarn: true,
      throwOnConnect: true,
    };
    const api = await atMost(INIT_MS, ApiPromise.create(options), late);
    const send: NodeLines['call'] = (method, params) => line.call(method, params);
    const sendOfBlock: NodeLines['call'] = (method, params) =>
      provider.send(method, [...params], true);
    const renewRuntime = async () => {
      const version = await ask(name, VERSION, send(VERSION, []));
      const { specVersion } = readShape(name, versionSchema, version, VERSION);
      if (api.runtimeVersion.specVersion.eq(specVersion)) return;
      const renewed = new Promise<void>((resolve) => void api.once('decorated', resolve));
      provider.tell('state_subscribeRuntimeVersion', version);
      await ask(name, 'the metadata of its runtime', atMost(INIT_MS, renewed, late));
    };
    return { name, api, send, sendOfBlock, nodes: line, renewRuntime };
  } catch (cause) {
    line.close();
    if (cause instanceof ChainError) throw cause;
    const what = `${new URL(wsUrls[0]).host} does not tell of its runtime: ${reasonOf(cause)}`;
    throw new ChainError('CHAIN_UNAVAILABLE', { chain: name, what }, { cause });
  }
}

/** The library never gives up on a node that says nothing. @throws {LineLate} */
function late(): never {
  throw new LineLate('no answer in time');
}

/** Waits for an answer; a failure becomes this folder's error. @throws {ChainError} CHAIN_UNAVAILABLE, CHAIN_TIMEOUT, CHAIN_MISMATCH */
export async function ask<T>(chain: string, what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw unanswered(chain, what, cause);
  }
}

/** An answer that did not come, or was no answer: CHAIN_TIMEOUT if it is only late. */
export function unanswered(chain: string, what: string, cause: unknown): ChainError {
  if (cause instanceof ChainError) return cause;
  const why = reasonOf(cause);
  const isLate = cause instanceof LineLate || saysLate(why);
  const code = isLate ? 'CHAIN_TIMEOUT' : 'CHAIN_UNAVAILABLE';
  return new ChainError(code, { chain, what: `${what} failed: ${why}` }, { cause });
}

/** What a failure says of itself, in short. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.slice(0, 200) : 'no reason given';
}

/** Whether the node itself said no; a connection that broke or an answer that is late has no code. */
export function isRefusal(cause: unknown): boolean {
  const hasCode = cause instanceof Error && 'code' in cause && typeof cause.code === 'number';
  return hasCode && !saysLate(cause.message);
}

/** A member that the chain's metadata gives, by pallet and name. @throws {ChainError} CHAIN_MISMATCH */
export function memberOf<T>(
  chain: string,
  tree: Readonly<Record<string, Readonly<Record<string, T>> | undefined>>,
  name: `${string}.${string}`,
): T {
  const [pallet = '', member = ''] = name.split('.');
  const found = tree[pallet]?.[member];
  if (found !== undefined) return found;
  const what = `the runtime has no ${name}; is it a chain with pallet-revive?`;
  throw new ChainError('CHAIN_MISMATCH', { chain, what });
}

interface RuntimeCodec {
  toJSON(): unknown;
}
type RuntimeCall = (...args: unknown[]) => Promise<RuntimeCodec>;

/** A state whose runtime interfaces can be called: the newest, or an earlier block's. */
export interface RuntimeState {
  readonly name: string;
  readonly api: Pick<ApiPromise, 'call' | 'registry'>;
}

/** Calls a runtime interface by its camel-case names and reads the answer as JSON. */
export async function callRuntime<S extends z.ZodType>(
  { name: chain, api }: RuntimeState,
  name: `${string}.${string}`,
  options: { readonly args: readonly unknown[]; readonly schema: S },
): Promise<z.output<S>> {
  // CAST: runtime interfaces come from the chain's metadata at run time; `readShape` checks what they answer.
  const calls = api.call as unknown as Record<string, Record<string, RuntimeCall>>;
  const answer = await ask(chain, name, memberOf(chain, calls, name)(...options.args));
  return readShape(chain, options.schema, answer.toJSON(), name);
}
