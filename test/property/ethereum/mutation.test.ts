import fc from 'fast-check';
import { expect, it } from 'vitest';
import { applyLightClientUpdate } from '../../../src/light-client/ethereum/apply-light-client-update.ts';
import { initializeLightClientStore } from '../../../src/light-client/ethereum/initialize-light-client-store.ts';
import { parseBootstrap } from '../../../src/light-client/ethereum/parse-bootstrap.ts';
import { parseUpdate } from '../../../src/light-client/ethereum/parse-update.ts';
import { encodeLightClientStore } from '../../../src/light-client/ethereum/store-codec.ts';
import { verifyLightClientUpdate } from '../../../src/light-client/ethereum/verify-light-client-update.ts';
import { toHex } from '../../../src/shared/bytes.ts';
import { BridgeError } from '../../../src/shared/errors.ts';
import {
  MAINNET_CAPELLA as config,
  type Json,
  mainnetCapella,
} from '../../support/ethereum-vectors.ts';
import { vectorsMissing } from '../../support/vectors.ts';

// Recorded mainnet JSON with one or two places changed at random: refused with a typed error, or the
// change was to something that means nothing, and the result is byte for byte the same.

interface Change {
  readonly place: number;
  readonly kind: 'character' | 'delete' | 'null' | 'number' | 'double' | 'empty' | 'swap';
  readonly at: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  place: fc.nat(),
  kind: fc.constantFrom(
    'character',
    'character',
    'delete',
    'null',
    'number',
    'double',
    'empty',
    'swap',
  ),
  at: fc.nat(),
});

/** Every container in the document with a key in it; keys of committees are few among them. */
function places(node: Json, found: [Json, string][] = []): [Json, string][] {
  if (typeof node !== 'object' || node === null) return found;
  for (const key of Object.keys(node)) {
    if (Array.isArray(node) && Number(key) > 8) break;
    found.push([node, key]);
    places(node[key], found);
  }
  return found;
}

function apply(document: Json, { place, kind, at }: Change): void {
  const all = places(document);
  const [container, key] = all[place % all.length] ?? [{}, ''];
  const value = container[key];
  if (kind === 'delete') delete container[key];
  else if (kind === 'null') container[key] = null;
  else if (kind === 'number') container[key] = at;
  else if (kind === 'empty') container[key] = Array.isArray(value) ? [] : '';
  else if (kind === 'swap') swap(all, [container, key], at);
  else if (typeof value === 'string')
    container[key] = kind === 'double' ? value + value : flip(value, at);
  else if (Array.isArray(value) && kind === 'double') value.push(...value);
}

function swap(all: readonly [Json, string][], [container, key]: [Json, string], at: number): void {
  const [other, name] = all[at % all.length] ?? [container, key];
  const kept = container[key];
  container[key] = structuredClone(other[name]);
  other[name] = structuredClone(kept);
}

function flip(text: string, at: number): string {
  const position = at % Math.max(1, text.length);
  const digit = text[position] === '1' ? '2' : '1';
  return text.slice(0, position) + digit + text.slice(position + 1);
}

function orRefuse(run: () => Uint8Array): string {
  try {
    return toHex(run());
  } catch (error) {
    if (error instanceof BridgeError) return 'refused';
    throw error;
  }
}

it.skipIf(vectorsMissing)('a changed bootstrap is refused or gives the same store', () => {
  const start = (json: Json) =>
    encodeLightClientStore(initializeLightClientStore(config, parseBootstrap(json, config)));
  const original = toHex(start(mainnetCapella.bootstrap()));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
      const json = mainnetCapella.bootstrap();
      for (const one of changes) apply(json, one);
      expect(['refused', original]).toContain(orRefuse(() => start(json)));
    }),
    { numRuns: 200 },
  );
});

it.skipIf(vectorsMissing)('a changed update is refused or gives the same store', () => {
  const [first, second] = mainnetCapella.updates();
  const begin = initializeLightClientStore(
    config,
    parseBootstrap(mainnetCapella.bootstrap(), config),
  );
  const step = (from: typeof begin, json: Json) =>
    applyLightClientUpdate(from, verifyLightClientUpdate(from, parseUpdate(json, config), config));
  const store = step(begin, first);
  const original = toHex(encodeLightClientStore(step(store, second)));
  // Without the next committee the same update is a finality update, and leaves the committee unknown.
  const { next_sync_committee: _, next_sync_committee_branch: __, ...finality } = second.data;
  const withoutNext = toHex(encodeLightClientStore(step(store, finality)));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
      const json = structuredClone(second);
      for (const one of changes) apply(json, one);
      expect(['refused', original, withoutNext]).toContain(
        orRefuse(() => encodeLightClientStore(step(store, json))),
      );
    }),
    { numRuns: 200 },
  );
});
