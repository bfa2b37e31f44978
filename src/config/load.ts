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
}

type Json = Record<string, unknown>;

/**
 * Reads a process's configuration: the file, then the environment over it.
 *
 * `<PREFIX>__JOURNAL__POSTGRES_URL` sets `journal.postgresUrl`. A text is taken as it is, or as JSON where the key wants
 * another type.
 *
 * @throws {ConfigError} CONFIG_UNREADABLE: no such file, or no JSON object
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
  const mistyped = overrides.filter(({ path }) =>
    first.error.issues.some(({ code, path: at }) => code === 'invalid_type' && isSame(at, path)),
  );
  const asJson = applyOverrides(asText, mistyped, parseText);
  const second = schema.safeParse(asJson);
  if (second.success) return second.data;
  throw invalid(second.error, { source, overrides });
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
  return Object.entries(env).flatMap(([name, text]) => {
    if (!name.startsWith(start) || text === undefined) return [];
    return [{ name, path: name.slice(start.length).split('__').map(toCamelCase), text }];
  });
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
    const parent = override.path.slice(0, -1).reduce(childObject, result);
    parent[override.path.at(-1) ?? ''] = valueFor(override);
  }
  return result;
}

function childObject(parent: Json, key: string): Json {
  const existing = parent[key];
  if (isObject(existing)) return existing;
  const created: Json = {};
  parent[key] = created;
  return created;
}

function parseText({ name, text }: Override): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const what = `"${text.slice(0, 80)}" is neither the text nor the JSON that the key wants`;
    throw new ConfigError('CONFIG_INVALID', { key: name, what }, { cause });
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
