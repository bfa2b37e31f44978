import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { type BrowserBundle, bundleForBrowser } from '../../support/browser-bundle.ts';

// What users run in a browser: deposits and transfer states, and the checks of evidence. With the most bytes that a single
// file may need; the greatest are the adapters of all kinds of chains in one, which a bundler that splits loads by kind.
const FOLDERS = [
  ['src/client', 2_000_000],
  ['src/verify', 500_000],
] as const;

describe.each(FOLDERS)('every file of %s', (folder, mostBytes) => {
  it('runs in a browser, by itself and without anything of Node', async () => {
    const bundles = await bundleForBrowser(folder);
    expect(bundles.length).toBeGreaterThan(3);
    for (const bundle of bundles) {
      expect(() => runAsPage(bundle), bundle.path).not.toThrow();
      expect(bundle.bytes, bundle.path).toBeLessThan(mostBytes);
    }
  }, 120_000);
});

describe('the client in a browser', async () => {
  const bundles = await bundleForBrowser('src/client');
  const entry = (path: string) => runAsPage(bundles.find((bundle) => bundle.path === path));

  it('says what comes next', () => {
    const { nextStep } = entry('src/client/next-step.ts');
    const refund = { state: 'refunded', reason: 'refund-included', chainId: 1n, blockNumber: 1 };
    expect(nextStep?.([refund])).toContain('the source chain has to finalize the refund');
  });

  it.each([
    ['ethereum', 'http://127.0.0.1:9'],
    ['substrate', 'ws://127.0.0.1:9'],
  ])(
    'loads what speaks to chains of kind %s, and says that nobody answers',
    async (kind, url) => {
      const { connect } = entry('src/client/connect.ts');
      const connected = connect?.(configOf(kind, url)) as Promise<unknown>;
      await expect(connected).rejects.toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
    },
    60_000,
  );
});

function configOf(kind: string, url: string) {
  const lightClient = { id: 'light', kind, url };
  const chain = { chainId: 1n, name: 'one', kind, url, lightClient: 'light', route: 'direct' };
  return { lightClients: [lightClient], chains: [chain] };
}

/** What pages have and may be used here: text, numbers at random, network and time. */
const PAGE_GLOBALS = {
  TextEncoder,
  TextDecoder,
  crypto: globalThis.crypto,
  URL,
  performance,
  DOMException,
  fetch,
  WebSocket,
  AbortController,
  AbortSignal,
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
};

type Exports = Readonly<Record<string, ((...args: readonly unknown[]) => unknown) | undefined>>;

/** Runs a bundle where there is what a page has, and nothing of Node; gives its exports. */
function runAsPage(bundle: BrowserBundle | undefined): Exports {
  if (bundle === undefined) throw new RangeError('no such bundle');
  const page: Record<string, unknown> = { ...PAGE_GLOBALS };
  page['self'] = page;
  const context = createContext(page);
  // CAST: the script assigns its exports to `entry`; the tests call functions by name.
  return runInContext(`${bundle.code};entry`, context) as Exports;
}
