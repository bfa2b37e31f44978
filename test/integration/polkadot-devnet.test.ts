import { join } from 'node:path';
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPolkadotDevnet, type PolkadotDevnet } from '../../src/devnet/polkadot/devnet.ts';

const wasm = join(import.meta.dirname, '../../substrate/veilspan_runtime.compact.compressed.wasm');

describe('an unmodified @polkadot/api on the devnet chain', () => {
  let devnet: PolkadotDevnet;
  let provider: WsProvider;
  let api: ApiPromise;
  const keys = new Keyring({ type: 'sr25519' });

  beforeAll(async () => {
    devnet = await createPolkadotDevnet({ wasm, preset: 'three_finality', slotMs: 300 });
    provider = new WsProvider(devnet.wsUrl);
    // CAST: the class and the interface of the same package differ under exactOptionalPropertyTypes.
    api = await ApiPromise.create({ provider: provider as never, noInitWarn: true });
  }, 60_000);

  afterAll(async () => {
    await api?.disconnect();
    await devnet?.close();
  });

  it('sees a transfer finalised with a justification', { timeout: 30_000 }, async () => {
    const [alice, bob] = [keys.addFromUri('//Alice'), keys.addFromUri('//Bob')];
    const seen: string[] = [];
    const hash = await new Promise<string>((resolve, reject) => {
      void api.tx['balances']!['transferKeepAlive']!(bob.address, 123n)
        .signAndSend(alice, ({ status }) => {
          seen.push(status.type);
          if (status.isFinalized) resolve(status.asFinalized.toHex());
        })
        .catch(reject);
    });
    expect(seen).toEqual(['Ready', 'InBlock', 'Finalized']);
    // The API remembers the block as it was before it became final, so ask the node itself.
    const block = await provider.send('chain_getBlock', [hash]);
    expect(block.justifications[0][0]).toEqual([70, 82, 78, 75]);
  });
});
