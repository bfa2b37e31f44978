import type { FinalityOptions } from './shared/chain-adapter.ts';
import { createUnheardEndpoints } from './shared/endpoints.ts';
import type { FinalitySource } from './shared/finality-source.ts';
import type { Joining } from './shared/joining.ts';

const NONE: ReadonlySet<string> = new Set();
const NO_CALLS: ReadonlyMap<string, number> = new Map();

/** What is known of a source before it is there. */
export interface LazyFinalityOptions extends Pick<FinalityOptions, 'url' | 'urls'> {
  readonly kind: FinalitySource['kind'];
}

/** A source of finality that need not be there yet. It fails as the last attempt to open it did until a node answers. */
export function createLazyFinality(
  { kind, url, urls = [] }: LazyFinalityOptions,
  joining: Joining<FinalitySource>,
): FinalitySource {
  const unheard = createUnheardEndpoints([url, ...urls]);
  return {
    kind,
    async *follow(status) {
      return yield* (await joining.get()).follow(status);
    },
    isDue: async (status) => (await joining.get()).isDue(status),
    // Only what it has shown can be refused as overtaken.
    get overtaken() {
      return joining.opened?.overtaken ?? NONE;
    },
    distrust: (why) => joining.opened?.distrust(why),
    endpoints: () => joining.opened?.endpoints() ?? unheard.map((endpoint) => endpoint.health()),
    calls: () => joining.opened?.calls() ?? NO_CALLS,
    rule: async () => (await joining.get()).rule(),
    close: () => joining.close(),
  };
}
