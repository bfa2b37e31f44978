import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { referringFiles, textOf } from '../../support/doc-references.ts';

const SELF = relative(join(import.meta.dirname, '../../..'), import.meta.filename);

/** Names that Substrate's RPC has had with an s, and still answers to. */
const RPC_NAMES = /chain_(?:get|subscribe|unsubscribe)FinalisedHeads?/g;

it('the repository spells finalize as the specifications do', () => {
  const texts = referringFiles()
    .filter((path) => path !== SELF)
    .map((path) => [path, textOf(path).replaceAll(RPC_NAMES, '')] as const);
  const others = texts.flatMap(([path, text]) =>
    (text.match(/\w*finalis(?:e|ing|ation)\w*/gi) ?? []).map((word) => `${path}: ${word}`),
  );
  expect(texts.length).toBeGreaterThan(400);
  expect(others).toEqual([]);
});
