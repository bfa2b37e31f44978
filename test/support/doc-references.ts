import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** A part of a page: its headings and bold words, and the numbers of the rules it lists. */
interface Section {
  readonly titles: readonly string[];
  readonly rules: ReadonlySet<number>;
}

const SOURCES = [
  '{src,devnet,test,bench,scripts,config}/**/*.{ts,mjs,json,md}',
  'contracts-evm/{src,test}/**/*.sol',
  'contracts-evm/*.md',
  'substrate/**/*.{rs,sh,md}',
  'docs/**/*.md',
  '*.md',
];

/** Every file that can refer to a page, by its path below the repository. */
export function referringFiles(): string[] {
  return SOURCES.flatMap((pattern) => globSync(pattern, { cwd: ROOT, exclude: isForeign })).sort();
}

function isForeign(path: string): boolean {
  return /(^|\/)(node_modules|target|lib)(\/|$)/.test(path);
}

/** A file's text. @param path below the repository */
export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/**
 * What is wrong with the references to `docs/….md` in `text`: pages, sections (`§n`, `C.n`), rules and quoted titles
 * that are not there.
 */
export function brokenReferences(text: string): string[] {
  const references = text.matchAll(/\bdocs\/([\w/-]+\.md)((?:(?!docs\/)[^;\n])*)/g);
  return [...references].flatMap(([, page = '', tail = '']) => brokenIn(page, tail));
}

function brokenIn(page: string, tail: string): string[] {
  const path = `docs/${page}`;
  if (!existsSync(join(ROOT, path))) return [path];
  const [, id] = /^,? (§\d+|C\.\d+)/.exec(tail) ?? [];
  if (id !== undefined) return brokenInSection(path, id, tail);
  const [, title] = /^,? "([^"]+)"/.exec(tail) ?? [];
  const isKnown = title === undefined || hasTitle(wholePage(path), title);
  return isKnown ? [] : [`${path} "${title}"`];
}

function brokenInSection(path: string, id: string, tail: string): string[] {
  const section = sectionOf(path, id);
  if (section === undefined) return [`${path} ${id}`];
  const rules = rulesIn(tail).filter((rule) => !section.rules.has(rule));
  // The words of our own pages come first; what stands in quotes behind another source's name is not theirs.
  const quoted = /^,? [§C.\d]+,?((?: and|,)? "[^"]+")+/.exec(tail)?.[0] ?? '';
  const titles = [...quoted.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title);
  return [
    ...rules.map((rule) => `${path} ${id} rule ${rule}`),
    ...titles.filter((each) => !hasTitle(section, each)).map((each) => `${path} ${id} "${each}"`),
  ];
}

/**
 * What is wrong with the sources that a row of a rules table gives, as `C.1 rule 4, profile; EIP-2935`: parts that
 * name a section of `docs/light-client-rules.md` must name titles or rules of it.
 */
export function brokenRuleSources(cell: string): string[] {
  return cell.split(';').flatMap((source) => {
    const [, id, rest = ''] = /^\s*(C\.\d+)(.*)$/.exec(source) ?? [];
    if (id === undefined) return [];
    const section = sectionOf('docs/light-client-rules.md', id);
    if (section === undefined) return [id];
    return brokenParts(section, rest).map((part) => `${id} ${part}`);
  });
}

function brokenParts(section: Section, rest: string): string[] {
  const parts = rest.split(',').map((part) => part.trim().replace(/ \([a-d]\)$/, ''));
  return parts.filter((part) => {
    const rules = rulesIn(part);
    if (rules.length > 0) return rules.some((rule) => !section.rules.has(rule));
    return part !== '' && !hasTitle(section, part.replaceAll('"', ''));
  });
}

/** The numbers in `rule 4`, `rules 3, 4 (descent) and 6`, `rules 3 to 6`. */
function rulesIn(text: string): number[] {
  const [, list = ''] = /\brules? (\d+(?:(?: \(\w+\))?(?:,| and| to) \d+)*)/.exec(text) ?? [];
  return [...list.matchAll(/\d+/g)].map(([digits]) => Number(digits));
}

function hasTitle({ titles }: Section, title: string): boolean {
  return titles.some((each) => each.toLowerCase().startsWith(title.toLowerCase()));
}

function wholePage(path: string): Section {
  return parseSection(textOf(path));
}

function sectionOf(path: string, id: string): Section | undefined {
  const parts = textOf(path).split(/^## /m).slice(1);
  const part = parts.find((each) => each.startsWith(`${id} `));
  return part === undefined ? undefined : parseSection(`## ${part}`);
}

function parseSection(text: string): Section {
  const titles = [...text.matchAll(/^#+ (.+)$|^\*\*(.+?)\.?\*\*/gm)];
  const rules = [...text.matchAll(/^(\d+)\. /gm)];
  return {
    titles: titles.map(([, heading, bold]) => heading ?? bold ?? ''),
    rules: new Set(rules.map(([, digits]) => Number(digits))),
  };
}
