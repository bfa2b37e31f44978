/** No line is longer, whatever is logged: collectors cut or drop what is. */
export const MAX_LINE_BYTES = 4096;
const MAX_TEXT = 300;
const MAX_ITEMS = 8;
const MAX_DEPTH = 5;

type Fields = Readonly<Record<string, unknown>>;

const encoder = new TextEncoder();

/** A line of the log that is no longer than {@link MAX_LINE_BYTES}: what is cut says so. */
export function fitLine(line: string): string {
  if (encoder.encode(line).length <= MAX_LINE_BYTES) return line;
  const fields = JSON.parse(line) as Fields;
  const cut = `${JSON.stringify(shorten(fields, 0))}\n`;
  if (encoder.encode(cut).length <= MAX_LINE_BYTES) return cut;
  const { level, time, name, msg, err } = fields;
  const code = codeOf(err);
  const text = typeof msg === 'string' ? cutText(msg) : undefined;
  const rest = `${line.length} characters were cut`;
  return `${JSON.stringify({ level, time, name, code, msg: text, cut: rest })}\n`;
}

function codeOf(err: unknown): unknown {
  return typeof err === 'object' && err !== null && 'code' in err ? err.code : undefined;
}

function shorten(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cutText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value)) {
    const kept = value.slice(0, MAX_ITEMS).map((item) => shorten(item, depth + 1));
    return kept.length === value.length ? kept : [...kept, `… ${value.length} items`];
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, shorten(inner, depth + 1)]),
  );
}

/** By characters, of which none is cut in two. */
function cutText(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  return `${[...text.slice(0, MAX_TEXT)].slice(0, -1).join('')}… ${text.length} characters`;
}

const URL_IN_TEXT = /\b([a-z][a-z0-9+]*:\/\/)(?:[^\s"'\\/@]*@)?([^\s"'\\/?#]+)([/?#][^\s"'\\]*)?/g;

/**
 * A line in which of every URL only the host is left.
 *
 * SECURITY: providers of nodes and of databases have their keys in paths, queries and user names of URLs.
 */
export function hideUrls(line: string): string {
  return line.replace(URL_IN_TEXT, (_, scheme: string, host: string, rest = '') => {
    return `${scheme}${host}${rest.length > 1 ? '/…' : ''}`;
  });
}

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};

/** A line for eyes: time, severity, what happened, and the facts behind it. */
export function prettyLine(line: string): string {
  const {
    level,
    time,
    msg,
    name: _name,
    ...facts
  } = JSON.parse(line) as Fields & {
    readonly level: number;
    readonly time: number;
  };
  const at = new Date(time).toISOString().slice(11);
  const shown = Object.entries(facts).map(([key, value]) => `${key}=${showFact(value)}`);
  return `${[at, (LEVELS[level] ?? `${level}`).padEnd(5), msg, ...shown].join(' ')}\n`;
}

function showFact(value: unknown): string {
  if (typeof value === 'string' && !value.includes(' ')) return value;
  return JSON.stringify(value);
}
