import { type Hex, toHex } from '../../../src/shared/bytes.ts';
import type { Block } from '../block-tree.ts';
import type { Chain } from '../chain.ts';
import { getStorage } from '../chain-state.ts';
import { decodeCompact } from '../compact.ts';
import { RuntimeTrapError, type RuntimeVersion } from '../executor.ts';
import { bytesOf } from '../hex.ts';
import { RpcError } from './rpc-error.ts';

/** Runtime functions as the RPC interface asks for them. */
export type RuntimeApi = {
  call(at: Block, method: string, argument: Hex): Promise<Hex>;
  metadata(at: Block): Promise<Hex>;
  version(at: Block): Promise<RuntimeVersion>;
  isCodeChanged(chain: Chain, block: Block): boolean;
};

/** `:code` */
const CODE_KEY = '0x3a636f6465';
const CLIENT_ERROR = 4003;

export function createRuntimeApi({ executor }: Chain): RuntimeApi {
  // Metadata depends on the code and on what genesis set alone, and every client asks for it.
  const constants = new WeakMap<Uint8Array, Map<string, Promise<Hex>>>();
  const versions = new WeakMap<Uint8Array, Promise<RuntimeVersion>>();

  const run = async (at: Block, method: string, argument: Hex) => {
    try {
      const args = argument === '0x' ? [] : [argument];
      return (await executor.run(at.state, [[method, args]])).result;
    } catch (error) {
      if (!(error instanceof RuntimeTrapError)) throw error;
      const reason = error.meta.reason;
      throw new RpcError(CLIENT_ERROR, `Client error: Execution failed: ${reason}`);
    }
  };
  const call: RuntimeApi['call'] = (at, method, argument) => {
    if (!method.startsWith('Metadata_')) return run(at, method, argument);
    const known = mapOf(constants, codeOf(at));
    const name = `${method} ${argument}`;
    const result = known.get(name) ?? run(at, method, argument);
    known.set(name, result);
    return result;
  };
  return {
    call,
    async metadata(at) {
      const bytes = bytesOf(await call(at, 'Metadata_metadata', '0x'));
      return toHex(bytes.subarray(decodeCompact(bytes)[1]));
    },
    version(at) {
      const known = versions.get(codeOf(at)) ?? executor.version(at.state);
      versions.set(codeOf(at), known);
      return known;
    },
    isCodeChanged: ({ tree }, block) => codeOf(tree.parentOf(block)) !== codeOf(block),
  };
}

function codeOf({ state }: Block): Uint8Array {
  return getStorage(state, CODE_KEY) ?? new Uint8Array();
}

function mapOf<V>(maps: WeakMap<Uint8Array, Map<string, V>>, key: Uint8Array): Map<string, V> {
  const known = maps.get(key);
  if (known !== undefined) return known;
  const created = new Map<string, V>();
  maps.set(key, created);
  return created;
}

/** The version in a node's JSON. */
export function toVersionJson(version: RuntimeVersion): object {
  return {
    specName: version.specName,
    implName: version.implName,
    authoringVersion: version.authoringVersion,
    specVersion: version.specVersion,
    implVersion: version.implVersion,
    apis: version.apis,
    transactionVersion: version.transactionVersion,
    systemVersion: version.stateVersion,
    stateVersion: version.stateVersion,
  };
}
