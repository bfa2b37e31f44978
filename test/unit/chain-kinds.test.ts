import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

// Chains are data: which kind one is of is asked in two registries, and in what stands behind them. Anywhere else the name
// of a kind, or of a chain, would be a place that a third chain has to change.

const ROOT = join(import.meta.dirname, '../..');
const NAMES = new Set(['ethereum', 'polkadot', 'substrate']);

/** Where kinds have a place of their own. */
const PLACES = [
  'src/chains/',
  'src/light-client/',
  'src/protocol/chain-kind.ts',
  'src/protocol/state-proof.ts',
  'src/protocol/enclave-commands.ts',
  // Reads a format of the past, in which two chains had names.
  'src/verify/bundle-v1.ts',
  // The local world's own commands: their options name its two sides.
  'src/cli/commands/demo.ts',
  'src/cli/commands/devnet.ts',
];

/** Every name of a kind in a source: as a text, a key, a member or a variable. */
function kindsNamed(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isName = ts.isStringLiteralLike(node) || ts.isIdentifier(node);
    if (isName && NAMES.has(node.text)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1} ${node.text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('kinds of chains', () => {
  it('are named where they have a place of their own, and nowhere else', () => {
    const files = ['src/**/*.ts', 'web/src/**/*.{ts,tsx}']
      .flatMap((pattern) => globSync(join(ROOT, pattern)))
      .map((file) => relative(ROOT, file))
      .filter((file) => !PLACES.some((place) => file.startsWith(place)));
    expect(files.length).toBeGreaterThan(100);
    const named = files.flatMap((file) => kindsNamed(file, readFileSync(join(ROOT, file), 'utf8')));
    expect(named).toEqual([]);
  });

  it.each([
    ['a comparison', "if (kind === 'ethereum') go();"],
    ['a case', "switch (kind) { case 'polkadot': go(); }"],
    ['a template', 'go(`substrate`);'],
    ['a member', 'go(config.ethereum.gateway);'],
    ['a key', 'go({ polkadot: 1 });'],
    ['an index', "go(config['polkadot']);"],
    ['a variable', 'const { ethereum } = config;'],
    ['a type', "type Side = 'ethereum' | Other;"],
  ])('are found as %s', (_, text) => {
    expect(kindsNamed('a.ts', text)).toHaveLength(1);
  });

  it('may stand in a longer name or text', () => {
    expect(
      kindsNamed('a.ts', "import './ethereum/x.ts'; go(ethereumConfig, 'of ethereum');"),
    ).toEqual([]);
  });
});
