import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

// A JSON-RPC node over HTTP that says what a test has it say, or what a real node behind it says with changes.

/** One call, as a client makes it. */
export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What a node says to a call. */
export type RpcAnswer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } }
  /** An HTTP status in the place of an answer. */
  | { readonly status: number };

/** How a node lies. Both may be replaced at any time; without them it is honest. */
export interface Lies {
  /** Answers a call in the place of the real node; undefined leaves it to that. */
  answer?: (call: RpcCall) => RpcAnswer | undefined | Promise<RpcAnswer | undefined>;
  /** Changes what the real node has answered. */
  change?: (result: unknown, call: RpcCall) => unknown;
}

/** A node that is running. */
export interface LyingNode {
  readonly url: string;
  readonly lies: Lies;
  /** Calls so far, by method. */
  readonly calls: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/**
 * Starts a node that lies.
 *
 * @param honestUrl JSON-RPC of the real node behind it; without one, what is not answered is refused
 */
export async function startLyingNode(lies: Lies = {}, honestUrl?: string): Promise<LyingNode> {
  const calls = new Map<string, number>();
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readAll(request);
    const { id, method, params = [] } = JSON.parse(body);
    const call: RpcCall = { method, params };
    calls.set(method, (calls.get(method) ?? 0) + 1);
    const answer = (await lies.answer?.(call)) ?? (await askHonest(honestUrl, body));
    if ('status' in answer) {
      response.writeHead(answer.status).end();
      return;
    }
    const said =
      'result' in answer && lies.change !== undefined
        ? { result: lies.change(answer.result, call) }
        : answer;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...said }));
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    lies,
    calls,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function askHonest(url: string | undefined, body: string): Promise<RpcAnswer> {
  if (url === undefined) return { error: { code: -32601, message: 'nobody answers that here' } };
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body });
  const { result, error } = (await response.json()) as { result?: unknown; error?: never };
  return error === undefined ? { result } : { error };
}
