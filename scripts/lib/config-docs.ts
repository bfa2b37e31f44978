import { z } from 'zod';
import { devnetConfigSchema } from '../../devnet/config.ts';
import { apiConfigSchema } from '../../src/config/api.ts';
import { clientConfigSchema } from '../../src/config/client.ts';
import { enclaveConfigSchema } from '../../src/config/enclave.ts';
import { relayerConfigSchema } from '../../src/config/relayer.ts';
import { measuredConfigSchema } from '../../src/enclave/measured-config.ts';

/** A process with a configuration file. */
interface ConfiguredProcess {
  readonly name: string;
  readonly what: string;
  readonly schema: z.ZodType;
  readonly prefix: string;
}

/** Every process, in the order of the page. */
export const PROCESSES: readonly ConfiguredProcess[] = [
  {
    name: 'client',
    what: 'What `veilspan bridge` and `veilspan status` read. The account that deposits is not in it: its secret comes in `VEILSPAN_SIGNER`, a private key on Ethereum or a SURI such as `//Alice` on the Polkadot side.',
    schema: clientConfigSchema,
    prefix: 'VEILSPAN_CLIENT',
  },
  {
    name: 'enclave',
    what: 'What `veilspan enclave` reads.',
    schema: enclaveConfigSchema,
    prefix: 'VEILSPAN_ENCLAVE',
  },
  {
    name: 'relayer',
    what: 'What `veilspan relayer run` reads. Secrets are logged as `[redacted]`.',
    schema: relayerConfigSchema,
    prefix: 'VEILSPAN_RELAYER',
  },
  {
    name: 'api',
    what: 'What `veilspan api` reads. The devnet writes one; it needs `VEILSPAN_API__JOURNAL__POSTGRES_URL` where the relayer keeps its journal in a folder.',
    schema: apiConfigSchema,
    prefix: 'VEILSPAN_API',
  },
  {
    name: 'devnet',
    what: 'What `veilspan devnet` reads, if it is given a file; its options set the same keys. `VEILSPAN_NODE` names the native node to use with `"polkadot": "native"`.',
    schema: devnetConfigSchema,
    prefix: 'VEILSPAN_DEVNET',
  },
];

/** One key of a configuration. */
export interface ConfigKey {
  readonly path: readonly string[];
  readonly type: string;
  /** As JSON; undefined for a key that must be given, and for one that may be left out. */
  readonly byDefault: string | undefined;
  readonly isRequired: boolean;
  readonly description: string;
}

/** A JSON schema, as far as these have parts. */
interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly default?: unknown;
  readonly description?: string;
}

/** All keys of a schema, in its order; a key with parts comes before them if it has something to say. */
export function configKeys(schema: z.ZodType): ConfigKey[] {
  // CAST: the package's type allows more than it makes of these schemas.
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;
  return keysIn(json, []);
}

function keysIn(parent: Schema, at: readonly string[]): ConfigKey[] {
  return Object.entries(parent.properties ?? {}).flatMap(([name, schema]) => {
    const isList = schema.type === 'array';
    const path = [...at, isList ? `${name}[]` : name];
    const parts = formsOf(schema, path).flatMap((form) => keysIn(form.schema, form.path));
    const isRequired = parent.required?.includes(name) ?? false;
    const key = keyOf(schema, { path, isRequired });
    return parts.length > 0 && schema.description === undefined ? parts : [key, ...parts];
  });
}

/** The objects that may stand at a key. Entries of kinds are told apart in the path: `lightClients[ethereum]`. */
function formsOf(schema: Schema, path: readonly string[]) {
  const all = [schema, schema.items ?? {}].flatMap((one) => [
    one,
    ...(one.anyOf ?? []),
    ...(one.oneOf ?? []),
  ]);
  return all.map((form) => {
    const kind = form.properties?.['kind']?.const;
    if (kind === undefined) return { schema: form, path };
    const name = path.at(-1)?.replace('[]', `[${kind}]`) ?? '';
    return { schema: form, path: path.with(-1, name) };
  });
}

function keyOf(schema: Schema, rest: Pick<ConfigKey, 'path' | 'isRequired'>): ConfigKey {
  return {
    ...rest,
    type: typeOf(schema),
    byDefault: schema.default === undefined ? undefined : JSON.stringify(schema.default),
    description: schema.description ?? '',
  };
}

function typeOf(schema: Schema): string {
  const forms = schema.anyOf ?? schema.oneOf;
  if (forms) return [...new Set(forms.map(typeOf))].join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((each) => `\`${each}\``).join(', ');
  if (schema.format === 'uri') return 'URL';
  if (schema.type === 'integer') return rangeOf(schema);
  if (schema.type === 'array') return listOf(schema);
  const digits = /^\^0x\[0-9a-f\]\{(\d+)\}\$$/.exec(schema.pattern ?? '')?.[1];
  if (digits !== undefined) return `${Number(digits) / 2} bytes of hex`;
  return schema.type === 'string' ? 'text' : (schema.type ?? 'object');
}

function rangeOf({ minimum, exclusiveMinimum, maximum }: Schema): string {
  const least = minimum ?? (exclusiveMinimum === undefined ? undefined : exclusiveMinimum + 1);
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (most !== undefined) return `integer, ${least} to ${most}`;
  return least === undefined ? 'integer' : `integer, at least ${least}`;
}

function listOf({ items, minItems = 0, maxItems }: Schema): string {
  const count = maxItems === undefined ? `at least ${minItems}` : `${minItems} to ${maxItems}`;
  return `list of ${count}: ${typeOf(items ?? {})}`;
}

/** The environment variable that sets a key; of a list's entry, with `<n>` for its place. */
export function environmentName(prefix: string, path: readonly string[]): string {
  const parts = path.map((part, i) => {
    const name = part.replace('[]', '').replace(/[A-Z]/g, '_$&').toUpperCase();
    return part.endsWith('[]') && i < path.length - 1 ? `${name}__<n>` : name;
  });
  return [prefix, ...parts].join('__');
}

const INTRODUCTION = `# Configuration

Each process reads one JSON file, named by \`--config\`; \`veilspan devnet\` writes the files of the local world. Documented examples: \`config/*.example.json\`.

The environment is read over the file: the variable of a key is the process's prefix and the path to the key, parts joined by two underscores, words by one. Its text is
taken as it is, or as JSON where the key wants another type than text. An entry of a list is set by its place, counted from 0: \`VEILSPAN_RELAYER__CHAINS__0__SIGNER\`; a list can also be set
as a whole, as JSON. With \`_FILE\` behind it a variable names a file that holds the value, as secrets are mounted: \`VEILSPAN_RELAYER__CHAINS__0__SIGNER_FILE\`. A key left out takes its default. A key that is unknown, missing or has a
value that it cannot have stops the process with exit code 2 and its name.

This page is generated from the schemas in \`src/config\`: \`node scripts/write-config-docs.mjs\`.
`;

const MEASURED = `
## What the enclave believes

The key \`measured\` of \`enclave.json\`. Its hash is part of the enclave's measurement: to change it is to make another enclave, with another folder.

`;

/** The page docs/config.md. */
export function configPage(): string {
  const sections = PROCESSES.map(
    ({ name, what, schema, prefix }) =>
      `\n## ${name}.json\n\n${what}\n\n${table(configKeys(schema), prefix)}`,
  );
  return [INTRODUCTION, ...sections, MEASURED, table(configKeys(measuredConfigSchema))].join('');
}

function table(keys: readonly ConfigKey[], prefix?: string): string {
  const titles = ['key', 'what it is', 'type', 'default', ...(prefix ? ['environment'] : [])];
  const rows = keys.map((key) => [
    `\`${key.path.join('.')}\``,
    key.description,
    key.type,
    defaultOf(key),
    ...(prefix ? [variableOf(key, prefix)] : []),
  ]);
  const lines = [titles, titles.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function defaultOf({ byDefault, isRequired }: ConfigKey): string {
  if (byDefault !== undefined) return `\`${byDefault}\``;
  return isRequired ? 'must be given' : 'none';
}

function variableOf({ path }: ConfigKey, prefix: string): string {
  if (path[0] === 'measured') return '';
  return `\`${environmentName(prefix, path)}\``;
}
