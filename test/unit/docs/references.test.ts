import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  brokenReferences,
  brokenRuleSources,
  referringFiles,
  textOf,
} from '../../support/doc-references.ts';

const SELF = relative(join(import.meta.dirname, '../../..'), import.meta.filename);
const files = referringFiles().filter((path) => path !== SELF);
const faultsIn = (find: (text: string) => readonly string[]) =>
  files.flatMap((path) => find(textOf(path)).map((fault) => `${path}: ${fault}`));

describe('what the repository says of its pages', () => {
  it('comes from more files than a few', () => {
    expect(files.length).toBeGreaterThan(400);
    expect(files.filter((path) => textOf(path).includes('docs/')).length).toBeGreaterThan(20);
  });

  it('leads to pages, sections, rules and titles that exist', () => {
    expect(faultsIn(brokenReferences)).toEqual([]);
  });

  it('never leads to a document outside the repository', () => {
    const outside = /\bDESIGN\b|(?<!docs\/)\blight-clients C\.\d/g;
    expect(faultsIn((text) => text.match(outside) ?? [])).toEqual([]);
  });

  it('names sections and rules that exist in the tables of docs/light-clients.md', () => {
    const rows = textOf('docs/light-clients.md')
      .split('\n')
      .filter((line) => /^\| .*`.*\.ts` \|/.test(line));
    expect(rows.length).toBeGreaterThan(80);
    const broken = rows.flatMap((row) => brokenRuleSources(row.split('|')[2] ?? ''));
    expect(broken).toEqual([]);
  });

  it('names pages that exist where a page names another', () => {
    const pages = files.filter((path) => path.startsWith('docs/'));
    const names = pages.flatMap((path) =>
      [...textOf(path).matchAll(/`((?:adr\/)?[a-z\d-]+\.md)`/g)].map(([, name]) => `docs/${name}`),
    );
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !files.includes(name))).toEqual([]);
  });
});

describe('a reference', () => {
  it.each([
    'docs/protocol.md',
    'docs/protocol.md §1.',
    'docs/wire-formats.md, "Envelope".',
    'docs/light-client-rules.md C.2, rules 3, 4 (descent) and 6; elsewhere',
    'docs/light-client-rules.md C.3 "Child tries" and "pallet-revive": in this order',
    'docs/light-client-rules.md C.3; chap-state "Node header"',
  ])('is taken: %s', (text) => {
    expect(brokenReferences(text)).toEqual([]);
  });

  it.each([
    ['docs/nowhere.md §1', 'docs/nowhere.md'],
    ['docs/protocol.md §99', 'docs/protocol.md §99'],
    ['docs/light-client-rules.md C.9', 'docs/light-client-rules.md C.9'],
    ['docs/light-client-rules.md C.2, rules 3 to 9', 'docs/light-client-rules.md C.2 rule 9'],
    ['docs/light-client-rules.md C.3, rule 1', 'docs/light-client-rules.md C.3 rule 1'],
    ['docs/light-client-rules.md C.2 "Table"', 'docs/light-client-rules.md C.2 "Table"'],
    ['docs/wire-formats.md, "Nothing"', 'docs/wire-formats.md "Nothing"'],
  ])('is found broken: %s', (text, fault) => {
    expect(brokenReferences(text)).toEqual([fault]);
  });

  it('in a table is a title or a rule of its section', () => {
    expect(brokenRuleSources('C.1 rule 8, profile; C.3 verify; EIP-1559')).toEqual([]);
    expect(brokenRuleSources('C.1 execution layer (a); C.2 rules 1 and 4')).toEqual([]);
    expect(brokenRuleSources('C.1 rule 9; C.2 fork table; C.7')).toEqual([
      'C.1 rule 9',
      'C.2 fork table',
      'C.7',
    ]);
  });
});
