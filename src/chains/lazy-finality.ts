import type { FinalitySource } from './shared/finality-source.ts';
import type { Joining } from './shared/joining.ts';

const NONE: ReadonlySet<string> = new Set();

/** A source of finality that need not be there yet. It fails as the last attempt to open it did until a node answers. */
export function createLazyFinality(
  kind: FinalitySource['kind'],
  joining: Joining<FinalitySource>,
): FinalitySource {
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
    rule: async () => (await joining.get()).rule(),
    close: () => joining.close(),
  };
}
