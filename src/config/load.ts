import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { BridgeError } from '../shared/errors.ts';

/** What a configuration is read from: a JSON file's path, or the object itself. */
export type ConfigSource = string | Readonly<Record<string, unknown>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** One key that the environment sets. */
interface Override {
  readonly name: string;
  readonly path: readonly string[];
  readonly text: string;
  /** Set of what a file holds, which is not to be repeated: a secret, as a rule. */
  readonly isHidden?: true;
}

type Json = Record<string, unknown>;

/**
 * Reads a process's configuration: the file, then the environment over it.
 *
 * `<PREFIX>__JOURNAL__POSTGRES_URL` sets `journal.postgresUrl`, `<PREFIX>__CHAINS__0__SIGNER` the `signer` of the first
 * entry of `chains`. A text is taken as it is, or as JSON where the key wants another type. `<PREFIX>__CHAINS__0__SIGNER_FILE` sets the
 * same key to what a file holds, without the line's end: so secrets stay out of the environment.
 *
 * @throws {ConfigError} CONFIG_UNREADABLE: no such file, or no JSON object; or no file where a variable names one
 * @throws {ConfigError} CONFIG_INVALID: a key that is unknown, missing or invalid, by name
 */
export function loadConfig<S extends z.ZodType>(
  schema: S,
  source: ConfigSource,
  env: Environment,
  prefix: string,
): z.output<S> {
  const overrides = readOverrides(env, prefix);
  const base = typeof source === 'string' ? readJsonFile(source) : source;
  const asText = applyOverrides(base, overrides, ({ text }) => text);
  const first = schema.safeParse(asText);
  if (first.success) return first.data;
  const mistyped = overrides.filter((override) =>
    first.error.issues.some((issue) => isMistyped(override, issue)),
  );
  const asJson = applyOverrides(asText, mistyped, parseText);
  const second = schema.safeParse(asJson);
  if (second.success) return second.data;
  throw invalid(second.error, { source, overrides });
}

/** Issues of a value that might be another one if its text were read as JSON. */
const MISTYPED: ReadonlySet<string | undefined> = new Set(['invalid_type', 'invalid_union']);

/** What is inside a value that fits none of its forms has no issue of its own. */
function isMistyped({ path }: Override, { code, path: at }: z.core.$ZodIssue): boolean {
  if (!MISTYPED.has(code)) return false;
  return isSame(at, code === 'invalid_union' ? path.slice(0, at.length) : path);
}

function readJsonFile(file: string): Json {
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isObject(json)) return json;
  } catch (cause) {
    throw new ConfigError('CONFIG_UNREADABLE', { key: file, what: 'no readable JSON' }, { cause });
  }
  throw new ConfigError('CONFIG_UNREADABLE', { key: file, what: 'expected a JSON object' });
}

function readOverrides(env: Environment, prefix: string): Override[] {
  const start = `${prefix}__`;
  const overrides = Object.entries(env).flatMap(([name, text]) => {
    if (!name.startsWith(start) || text === undefined) return [];
    return [
      name.endsWith(FILE) ? fromFile(name, text, { env, start }) : fromText(name, text, start),
    ];
  });
  // The whole before its parts, and a list's entries in its order: each may be the first that makes the next possible.
  return overrides.sort((a, b) => a.path.length - b.path.length || compare(a.path, b.path));
}

/** Ends the name of a variable that says where its key's value is. */
const FILE = '_FILE';

function fromText(name: string, text: string, start: string): Override {
  return { name, path: name.slice(start.length).split('__').map(toCamelCase), text };
}

function fromFile(
  name: string,
  file: string,
  { env, start }: { readonly env: Environment; readonly start: string },
): Override {
  const key = name.slice(0, -FILE.length);
  if (env[key] !== undefined) {
    throw new ConfigError('CONFIG_INVALID', { key: name, what: `${key} is set as well` });
  }
  const text = readSecret(name, file);
  return { ...fromText(key, text, start), name, isHidden: true };
}

function readSecret(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    const what = `no readable file ${file}`;
    throw new ConfigError('CONFIG_UNREADABLE', { key: name, what }, { cause });
  }
}

function compare(a: readonly string[], b: readonly string[]): number {
  return a.join('.').localeCompare(b.join('.'), 'en', { numeric: true });
}

function toCamelCase(part: string): string {
  return part.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function applyOverrides(
  base: Readonly<Json>,
  overrides: readonly Override[],
  valueFor: (override: Override) => unknown,
): Json {
  const result = structuredClone(base) as Json;
  for (const override of overrides) {
    let place: Place = { parent: result, key: override.path[0] ?? '' };
    for (const key of override.path.slice(1)) place = { parent: childOf(place, override), key };
    place.parent[checkedKey(place, override)] = valueFor(override);
  }
  return result;
}

/** An entry of a list has its place for a key. */
interface Place {
  readonly parent: Json;
  readonly key: string;
}

function childOf(place: Place, override: Override): Json {
  const key = checkedKey(place, override);
  const existing = opened(place.parent[key]);
  // CAST: a list's entries are reached as an object's keys are.
  const child = isObject(existing) || Array.isArray(existing) ? (existing as Json) : {};
  place.parent[key] = child;
  return child;
}

/** What another variable has set as a whole is JSON in a text. */
function opened(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** In a list: the place of an entry, or the next free one. A list with a hole would be another list than was meant. */
function checkedKey({ parent, key }: Place, { name }: Override): string {
  if (!Array.isArray(parent)) return key;
  if (/^(?:0|[1-9][0-9]{0,3})$/.test(key) && Number(key) <= parent.length) return key;
  const what = `"${key}" is no place in a list of ${parent.length}, counted from 0`;
  throw new ConfigError('CONFIG_INVALID', { key: name, what });
}

function parseText({ name, text, isHidden }: Override): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const said = isHidden ? 'what its file holds' : `"${text.slice(0, 80)}"`;
    const what = `${said} is neither the text nor the JSON that the key wants`;
    // What JSON.parse says quotes the text.
    throw new ConfigError('CONFIG_INVALID', { key: name, what }, isHidden ? {} : { cause });
  }
}

function invalid(
  error: z.ZodError,
  { source, overrides }: { source: ConfigSource; overrides: readonly Override[] },
): ConfigError {
  const issue = error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...(issue?.path ?? []), ...unknown];
  const override = overrides.find((candidate) => isSame(path, candidate.path));
  const key = override?.name ?? (path.join('.') || '(top)');
  const where = typeof source === 'string' ? ` in ${source}` : '';
  const what = `${unknown.length > 0 ? 'unknown key' : (issue?.message ?? 'invalid')}${override ? '' : where}`;
  return new ConfigError('CONFIG_INVALID', { key, what });
}

function isSame(a: readonly PropertyKey[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, i) => String(part) === b[i]);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export type ConfigErrorCode = 'CONFIG_UNREADABLE' | 'CONFIG_INVALID';

/** A process refuses to start under this configuration; the key says where. */
export class ConfigError extends BridgeError<{ key: string; what: string }> {
  readonly code: ConfigErrorCode;
  readonly disposition = 'reject';
  constructor(
    code: ConfigErrorCode,
    meta: { key: string; what: string },
    options?: { cause?: unknown },
  ) {
    super(`Configuration ${meta.key}: ${meta.what}; correct it and start again.`, meta, options);
    this.code = code;
  }
}
