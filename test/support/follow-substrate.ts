import { loadAdapter } from '../../src/chains/kinds.ts';
import type { BridgedChain } from '../../src/chains/shared/bridged-chain.ts';
import type { ChainOptions } from '../../src/chains/shared/chain-adapter.ts';
import type { FinalitySource } from '../../src/chains/shared/finality-source.ts';
import type { PolkadotConfig } from '../../src/light-client/polkadot/config.ts';
import { polkadotLightClient } from '../../src/light-client/polkadot/light-client.ts';
import type { PolkadotStore } from '../../src/light-client/polkadot/store.ts';
import type { FinalityFragment } from '../../src/light-client/polkadot/verify-finality.ts';

/** A chain over its adapter, with the source of its finality. */
export interface OpenSubstrate {
  readonly chain: BridgedChain;
  readonly finality: FinalitySource;
  close(): Promise<void>;
}

/** Connects to a chain; `finalityUrl` is its own or its relay chain's. */
export async function openSubstrate(
  options: ChainOptions,
  finalityUrl: string = options.url,
): Promise<OpenSubstrate> {
  const adapter = await loadAdapter('substrate');
  const finality = await adapter.openFinality({ client: 'polkadot', url: finalityUrl });
  const chain = await adapter.openChain(options, finality);
  const close = async () => {
    await chain.close();
    await finality.close();
  };
  return { chain, finality, close };
}

/** A fragment of finality, and the store it was verified against. */
export interface TakenFragment {
  readonly fragment: FinalityFragment;
  readonly under: PolkadotStore;
}

/** Has a light client take all that the source has. */
export async function followOnce(
  finality: FinalitySource,
  config: PolkadotConfig,
  from: PolkadotStore,
): Promise<{ readonly store: PolkadotStore; readonly taken: readonly TakenFragment[] }> {
  const { describe, parse, verify, apply } = polkadotLightClient;
  const taken: TakenFragment[] = [];
  let store = from;
  const steps = finality.follow(describe('polkadot', store, config));
  for (let step = await steps.next(); !step.done; ) {
    if (step.value.command !== 'advance') throw new Error(`${step.value.command} of GRANDPA`);
    for (const update of step.value.params.updates) {
      const fragment = parse(update, config);
      taken.push({ fragment, under: store });
      store = apply(store, verify(store, fragment, config));
    }
    step = await steps.next(describe('polkadot', store, config));
  }
  return { store, taken };
}
