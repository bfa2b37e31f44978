import type { ProviderInterface } from '@polkadot/rpc-provider/types';
import { ApiPromise, WsProvider } from '../../dist/polkadot/api.mjs';
import { Keyring } from '../../dist/polkadot/keyring.mjs';
import { cryptoWaitReady } from '../../dist/polkadot/util-crypto.mjs';
import { deriveGrandpaKey } from './authority-keys.ts';

/** The going-on schedule of set changes; end it before the nodes. */
export interface NativeSetChanges {
  close(): Promise<void>;
}

export interface NativeSetChangesOptions {
  /** How many blocks a set lasts, as near as transactions can be timed. */
  readonly intervalBlocks: number;
  /** Derivation paths of the sets that take turns, the first one at the first change. */
  readonly sets: readonly (readonly string[])[];
}

/** Has sudo schedule a change of the authority set, without delay, every `intervalBlocks`. */
export async function startNativeSetChanges(
  wsUrl: string,
  { intervalBlocks, sets }: NativeSetChangesOptions,
): Promise<NativeSetChanges> {
  await cryptoWaitReady();
  const sudo = new Keyring({ type: 'sr25519' }).addFromUri('//Alice');
  const api = await connect(wsUrl);
  let changes = 0;
  let nextAt = intervalBlocks;
  const unsubscribe = await api.rpc.chain.subscribeNewHeads((header) => {
    const number = header.number.toNumber();
    // A transaction is included in the next block at the earliest.
    if (number + 1 < nextAt) return;
    nextAt = Math.max(nextAt, number + 1) + intervalBlocks;
    const uris = sets[changes++ % sets.length] ?? [];
    const authorities = uris.map((uri) => [deriveGrandpaKey(uri).publicKey, 1]);
    const change = api.tx['devValidators']?.['scheduleChange']?.(authorities, 0);
    const call = change && api.tx['sudo']?.['sudo']?.(change);
    // One that another fork's block took away is made up for by the next interval.
    void call?.signAndSend(sudo, { nonce: -1 }).catch(() => undefined);
  });
  return {
    close: async () => {
      unsubscribe();
      await api.disconnect();
    },
  };
}

function connect(wsUrl: string): Promise<ApiPromise> {
  return ApiPromise.create({
    // CAST: the class types its optional members without `undefined`; the interface is its own.
    provider: new WsProvider(wsUrl) as unknown as ProviderInterface,
    noInitWarn: true,
    signedExtensions: {
      EthSetOrigin: { extrinsic: {}, payload: {} },
      WeightReclaim: { extrinsic: {}, payload: {} },
    },
  });
}
