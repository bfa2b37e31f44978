import { parseArgs } from 'node:util';

/** An option that a script takes. */
export type ScriptOption =
  /** Given or not. */
  | { readonly type: 'flag'; readonly what: string }
  | {
      readonly type: 'text';
      readonly what: string;
      /** What stands for the value in the usage. */
      readonly value: string;
      readonly default?: string;
      /** Nothing else is taken. */
      readonly among?: readonly string[];
    }
  | {
      readonly type: 'number' | 'whole number';
      readonly what: string;
      readonly value: string;
      readonly default?: number;
      /** Nothing below is taken; 0 unless it says otherwise. */
      readonly least?: number;
    };

/** A script as whoever calls it sees it. */
export interface Script<O extends ScriptOptions> {
  /** How it is called, without options. */
  readonly command: string;
  readonly what: string;
  /** By name, without dashes. */
  readonly options: O;
}

type ScriptOptions = Readonly<Record<string, ScriptOption>>;

type ValueOf<O extends ScriptOption> = O['type'] extends 'flag'
  ? boolean
  :
      | (O['type'] extends 'text' ? string : number)
      | (O extends { readonly default: unknown } ? never : undefined);

/** What was given for each option, or its default. */
export type ScriptValues<O extends ScriptOptions> = { readonly [N in keyof O]: ValueOf<O[N]> };

/**
 * Reads what a script was called with. `--help` prints what it takes and ends the process; what it does not take, or is no number where one
 * is asked for, ends it with code 2 and a sentence.
 */
export function readScriptOptions<const O extends ScriptOptions>(
  script: Script<O>,
  args: readonly string[] = process.argv.slice(2),
): ScriptValues<O> {
  try {
    const given = parseGiven(script, args);
    if (given['help'] === true) {
      process.stdout.write(`${usageOf(script)}\n`);
      process.exit(0);
    }
    const values = Object.entries<ScriptOption>(script.options).map(([name, option]) => {
      return [name, readValue(name, option, given[name])] as const;
    });
    // CAST: each was read as its option says.
    return Object.fromEntries(values) as ScriptValues<O>;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n\n${usageOf(script)}\n`);
    process.exit(2);
  }
}

function parseGiven(
  { options }: Script<ScriptOptions>,
  args: readonly string[],
): Readonly<Record<string, string | boolean | undefined>> {
  const known = Object.entries(options).map(([name, { type }]) => {
    return [name, { type: type === 'flag' ? ('boolean' as const) : ('string' as const) }];
  });
  const { values } = parseArgs({
    args: [...args],
    options: { ...Object.fromEntries(known), help: { type: 'boolean' } },
  });
  return values as Readonly<Record<string, string | boolean | undefined>>;
}

/** @throws {TypeError} it is not what the option takes */
function readValue(
  name: string,
  option: ScriptOption,
  given: string | boolean | undefined,
): string | number | boolean | undefined {
  if (option.type === 'flag') return given === true;
  if (given === undefined) return option.default;
  const text = String(given);
  if (option.type !== 'text') return readNumber(name, option, text);
  const { among } = option;
  if (among === undefined || among.includes(text)) return text;
  throw new TypeError(`--${name} takes one of: ${among.join(', ')}; got: ${text}`);
}

type NumberOption = Extract<ScriptOption, { readonly least?: number }>;

function readNumber(name: string, { type, least = 0 }: NumberOption, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const isOne = type === 'number' ? Number.isFinite(value) : Number.isSafeInteger(value);
  if (isOne && value >= least) return value;
  throw new TypeError(`--${name} takes a ${type} from ${least} on; got: ${text}`);
}

/** What a script takes, as text of several lines. */
function usageOf({ command, what, options }: Script<ScriptOptions>): string {
  const rows = Object.entries(options).map(([name, option]) => {
    const isUsual = option.type !== 'flag' && option.default !== undefined;
    const said = isUsual ? `${option.what} (${option.default})` : option.what;
    return [option.type === 'flag' ? `--${name}` : `--${name} ${option.value}`, said] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
  return [`${command} -- [options]`, what, '', ...lines].join('\n');
}
