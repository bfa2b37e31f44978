import { z } from 'zod';
import { ChainError, type ChainName } from './bridged-chain.ts';

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 15_000;

const answerSchema = z.object({
  result: z.unknown().optional(),
  error: z
    .object({ code: z.number(), message: z.string(), data: z.unknown().optional() })
    .optional(),
});

/** What a node says when it does not do what it was asked. */
export interface RpcRefusal {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** One method call over HTTP. @throws {RpcError} the node's own refusal @throws {ChainError} */
export type RpcClient = <S extends z.ZodType>(
  method: string,
  params: readonly unknown[],
  schema: S,
) => Promise<z.output<S>>;

/** A JSON-RPC client that asks one thing at a time, believes no shape and remembers nothing. */
export function createRpcClient(chain: ChainName, url: string): RpcClient {
  let nextId = 1;
  return async (method, params, schema) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: nextId++, method, params });
    const headers = { 'content-type': 'application/json' };
    const json = await fetchJson(chain, url, { method: 'POST', headers, body });
    const answer = readShape(chain, answerSchema, json, method);
    if (answer.error) throw new RpcError(method, answer.error);
    return readShape(chain, schema, answer.result, method);
  };
}

/** Fetches JSON within bounds of time and size. @throws {ChainError} CHAIN_UNAVAILABLE */
export async function fetchJson(
  chain: ChainName,
  url: string,
  init: RequestInit,
): Promise<unknown> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) {
      await response.body?.cancel();
      throw new HttpStatusError(response.status);
    }
    return JSON.parse(await readBounded(response));
  } catch (cause) {
    const status = cause instanceof HttpStatusError ? ` (HTTP ${cause.status})` : '';
    const what = `no answer from ${new URL(url).host}${status}; is the node up?`;
    throw new ChainError('CHAIN_UNAVAILABLE', { chain, what }, { cause });
  }
}

/** Reads an untrusted answer. @throws {ChainError} CHAIN_ANSWER_MALFORMED */
export function readShape<S extends z.ZodType>(
  chain: ChainName,
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

/** The node's refusal, for the adapter to translate; it leaves this folder only as a cause. */
export class RpcError extends Error {
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
