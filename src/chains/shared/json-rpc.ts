import { z } from 'zod';
import { ChainError } from './bridged-chain.ts';

/** The longest answer that is read. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Long: a node that shares its machine is slow before it is gone. */
const TIMEOUT_MS = 30_000;

const answerSchema = z.object({
  result: z.unknown().optional(),
  /** Null beside a result is what older servers say. */
  error: z
    .object({ code: z.number(), message: z.string(), data: z.unknown().optional() })
    .nullish(),
});

/** What a node says when it does not do what it was asked. */
export interface RpcRefusal {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** One method call over HTTP. @throws {ChainError} CHAIN_UNAVAILABLE, CHAIN_TIMEOUT, CHAIN_ANSWER_MALFORMED */
export type RpcClient = <S extends z.ZodType>(
  method: string,
  params: readonly unknown[],
  schema: S,
) => Promise<z.output<S>>;

/**
 * A JSON-RPC client that asks one thing at a time, believes no shape and remembers nothing.
 *
 * @param chain what the configuration calls whatever is asked; stands in errors
 */
export function createRpcClient(
  chain: string,
  url: string,
  timeoutMs: number = TIMEOUT_MS,
): RpcClient {
  let nextId = 1;
  return async (method, params, schema) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: nextId++, method, params });
    const headers = { 'content-type': 'application/json' };
    const asked = { method: 'POST', headers, body };
    const json = await fetchJson(chain, url, asked, { timeoutMs, mayRefuse: hasRefusal });
    const answer = readShape(chain, answerSchema, json, method);
    if (answer.error) throw refused(chain, method, answer.error);
    return readShape(chain, schema, answer.result, method);
  };
}

/** What the node refused with, if the error comes from that. */
export function refusalOf(error: unknown): RpcRefusal | undefined {
  const cause = error instanceof ChainError ? error.cause : undefined;
  return cause instanceof RpcError ? cause.refusal : undefined;
}

/** Whether a node says that it was too slow. There is no code for it: nodes and their proxies say it in words. */
export function saysLate(message: string): boolean {
  return /\btim(?:e|ed)[ -]?out\b|\bdeadline exceeded\b/i.test(message);
}

function refused(chain: string, method: string, refusal: RpcRefusal): ChainError {
  const code = saysLate(refusal.message) ? 'CHAIN_TIMEOUT' : 'CHAIN_UNAVAILABLE';
  const what = `the node refused ${method}: ${refusal.message.slice(0, 200)}`;
  return new ChainError(code, { chain, what }, { cause: new RpcError(method, refusal) });
}

function hasRefusal(json: unknown): boolean {
  const answer = answerSchema.safeParse(json);
  return answer.success && answer.data.error !== undefined && answer.data.error !== null;
}

/** How an answer over HTTP is waited for and read. */
export interface FetchTerms {
  readonly timeoutMs?: number;
  /** Whether what came with a status of failure is the server's answer all the same. */
  readonly mayRefuse?: (json: unknown) => boolean;
}

/** Statuses by which whatever stands before a server speaks for itself. */
const OF_OTHERS = new Set([401, 402, 403, 407, 408, 429, 502, 503, 504]);

/** Fetches JSON within bounds of time and size. @throws {ChainError} CHAIN_UNAVAILABLE, CHAIN_TIMEOUT */
export async function fetchJson(
  chain: string,
  url: string,
  init: RequestInit,
  { timeoutMs = TIMEOUT_MS, mayRefuse }: FetchTerms = {},
): Promise<unknown> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    if (response.ok) return JSON.parse(await readBounded(response));
    // Providers refuse with HTTP 400 or 413 and say why in the body: that a question for logs is too wide, for one.
    if (mayRefuse !== undefined && !OF_OTHERS.has(response.status)) {
      const json = await readRefusal(response);
      if (mayRefuse(json)) return json;
    } else {
      await response.body?.cancel();
    }
    throw new HttpStatusError(response.status);
  } catch (cause) {
    throw unanswered(chain, new URL(url).host, { cause, timeoutMs });
  }
}

/** Undefined if it is no JSON. */
async function readRefusal(response: Response): Promise<unknown> {
  const text = await readBounded(response);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What proxies answer in the place of a node that is late. */
const LATE_STATUSES = new Set([408, 504]);

function unanswered(
  chain: string,
  host: string,
  { cause, timeoutMs }: { readonly cause: unknown; readonly timeoutMs: number },
): ChainError {
  const status = cause instanceof HttpStatusError ? cause.status : undefined;
  const isLate = cause instanceof DOMException && cause.name === 'TimeoutError';
  if (isLate || LATE_STATUSES.has(status ?? 0)) {
    const what = `no answer from ${host} within ${timeoutMs / 1000} s`;
    return new ChainError('CHAIN_TIMEOUT', { chain, what }, { cause });
  }
  const said = status === undefined ? '' : ` (HTTP ${status})`;
  const what = `no answer from ${host}${said}; is the node up?`;
  return new ChainError('CHAIN_UNAVAILABLE', { chain, what }, { cause });
}

/** Reads an untrusted answer. @throws {ChainError} CHAIN_ANSWER_MALFORMED */
export function readShape<S extends z.ZodType>(
  chain: string,
  schema: S,
  value: unknown,
  where: string,
): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const what = `malformed answer to ${where}: ${issue?.path.join('.')}: ${issue?.message}`;
  throw new ChainError('CHAIN_ANSWER_MALFORMED', { chain, what });
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new RangeError(`more than ${MAX_ANSWER_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The node's refusal; it leaves this file only as a cause. */
class RpcError extends Error {
  readonly refusal: RpcRefusal;
  constructor(method: string, refusal: RpcRefusal) {
    super(`${method}: ${refusal.message}`);
    this.refusal = refusal;
  }
}

/** An HTTP answer other than success. */
export class HttpStatusError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}
