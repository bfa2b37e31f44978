import { ApiPromise, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import type { ProviderInterface } from '@polkadot/rpc-provider/types';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { deriveGrandpaKey } from './authority-keys.ts';

/** The going-on schedule of set changes; end it before the nodes. */
export interface NativeSetChanges {
  close(): Promise<void>;
}

/** The nodes that run hold these keys; the sets differ in weight, since the keys cannot. */
const WEIGHTS = [
  [2, 2, 2],
  [1, 1, 1],
] as const;
const AUTHORITY_URIS = ['//Alice', '//Bob', '//Charlie'] as const;

/** Has sudo schedule a change of the authority set, without delay, every `intervalBlocks`. */
export async function startNativeSetChanges(
  wsUrl: string,
  intervalBlocks: number,
): Promise<NativeSetChanges> {
  await cryptoWaitReady();
  const sudo = new Keyring({ type: 'sr25519' }).addFromUri('//Alice');
  const api = await ApiPromise.create({
    provider: new WsProvider(wsUrl) as ProviderInterface,
    noInitWarn: true,
    signedExtensions: {
      EthSetOrigin: { extrinsic: {}, payload: {} },
      WeightReclaim: { extrinsic: {}, payload: {} },
    },
  });
  let changes = 0;
  const unsubscribe = await api.rpc.chain.subscribeNewHeads((header) => {
    if (header.number.toNumber() % intervalBlocks !== 0) return;
    const weights = WEIGHTS[changes++ % WEIGHTS.length] ?? WEIGHTS[0];
    const authorities = AUTHORITY_URIS.map((uri, i) => [
      deriveGrandpaKey(uri).publicKey,
      weights[i] ?? 1,
    ]);
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
