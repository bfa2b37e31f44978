import type { Random } from './random.ts';

/** What JSON.parse gives. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** The way from a document to one of its values. */
type Path = readonly (string | number)[];

const STRANGERS: readonly Json[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, 4294967296, -0],
  ...['', '0', '-1', '0x', '0X00', '0xzz', '1e9', ' 1', '00', '18446744073709551616', 'null'],
  '9'.repeat(400),
  `0x${'00'.repeat(70_000)}`,
  ...[[], {}, [[]], [null], { length: 3 }, { __proto__: null }, { toString: '0x00' }],
];
const NAMES = ['__proto__', 'constructor', 'toString', 'length', '', 'data', 'version', '0'];
/** Places of one list that are chosen among: a committee's 512 keys are no more interesting than a few. */
const PLACES_OF_LIST = 4;

/** Every value in a document that a mutation may choose. */
export function placesOf(document: Json): readonly Path[] {
  const found: Path[] = [];
  const visit = (value: Json, path: Path) => {
    found.push(path);
    if (Array.isArray(value))
      value.slice(0, PLACES_OF_LIST).forEach((item, i) => void visit(item, [...path, i]));
    else if (isObject(value))
      for (const [name, member] of Object.entries(value)) visit(member, [...path, name]);
  };
  visit(document, []);
  return found;
}

/** A copy of the document with one place changed; `places` are those of the document. */
export function mutateJson(document: Json, places: readonly Path[], random: Random): Json {
  const path = random.pick(places);
  const other = random.pick(places);
  switch (random.below(8)) {
    case 0:
      return remove(document, path);
    case 1:
      return set(document, path, random.pick(STRANGERS));
    case 2:
      return set(set(document, path, get(document, other)), other, get(document, path));
    case 3:
      return set(document, path, get(document, other));
    case 4:
      return set(document, path, nest(get(document, path), 1 + random.below(2000)));
    case 5:
      return set(document, [...path, random.pick(NAMES)], random.pick(STRANGERS));
    default:
      return set(document, path, mutateValue(get(document, path), random));
  }
}

/** The document's text with one member written twice, which JSON.parse resolves to the last. */
export function duplicateMember(text: string, random: Random): string {
  const names = [...text.matchAll(/"[a-zA-Z_]+":/g)];
  if (names.length === 0) return text;
  const { 0: name, index } = random.pick(names);
  return `${text.slice(0, index)}${name}${JSON.stringify(random.pick(STRANGERS))},${text.slice(index)}`;
}

function mutateValue(value: Json, random: Random): Json {
  if (typeof value === 'string') return mutateText(value, random);
  if (typeof value === 'number') return random.pick([value + 1, -value, value * 1e15, value + 0.5]);
  if (Array.isArray(value)) return mutateItems(value, random);
  return random.pick(STRANGERS);
}

function mutateText(text: string, random: Random): Json {
  const at = random.below(text.length + 1);
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text + text;
    case 2:
      return text.toUpperCase();
    case 3:
      return text.replace(/^0x/, '');
    default:
      return `${text.slice(0, at)}${random.pick([...'0123456789abcdefxX ,-.\u0000é'])}${text.slice(at + 1)}`;
  }
}

function mutateItems(items: Json[], random: Random): Json {
  const at = random.below(items.length + 1);
  switch (random.below(5)) {
    case 0:
      return items.toSpliced(at, 1);
    case 1:
      return items.toSpliced(at, 0, items[at] ?? null);
    case 2:
      return items.toReversed();
    case 3:
      return [...items, ...items];
    default:
      return Array.from({ length: 1 + random.below(3000) }, () => items[0] ?? null);
  }
}

function nest(value: Json, depth: number): Json {
  let nested = value;
  for (let i = 0; i < depth; i++) nested = [nested];
  return nested;
}

function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function get(document: Json, path: Path): Json {
  let value: Json | undefined = document;
  for (const key of path) value = (value as { [name: string]: Json } | null | undefined)?.[key];
  return value ?? null;
}

function set(document: Json, [key, ...rest]: Path, value: Json): Json {
  if (key === undefined) return value;
  if (Array.isArray(document))
    return document.map((item, i) => (i === key ? set(item, rest, value) : item));
  if (!isObject(document)) return document;
  const copy: { [name: string]: Json } = { ...document };
  // defineProperty, so that "__proto__" becomes a member like any other.
  Object.defineProperty(copy, key, {
    value: set(copy[key] ?? null, rest, value),
    ...{ enumerable: true, configurable: true, writable: true },
  });
  return copy;
}

function remove(document: Json, path: Path): Json {
  const key = path.at(-1);
  if (key === undefined) return null;
  const parent = get(document, path.slice(0, -1));
  if (Array.isArray(parent))
    return set(document, path.slice(0, -1), parent.toSpliced(Number(key), 1));
  const { [key]: _, ...others } = parent as { [name: string]: Json };
  return set(document, path.slice(0, -1), others);
}
