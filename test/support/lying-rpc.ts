import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a node says in the place of the true answer. With `isDone` it does what it was asked all the same. */
export type Lie = { readonly isDone?: true } & (
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string } }
);

/** Tells a lie about a request, or nothing where the truth is to be told. */
export type Liar = (method: string, params: readonly unknown[]) => Lie | undefined;

/** A node between its caller and a real one. */
export interface LyingNode {
  readonly url: string;
  /** Replaced by a test at any moment. */
  lie: Liar;
  /** Methods in the order in which they were asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

interface Request {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Starts a node that is honest until `lie` is set. */
export async function startLyingNode(target: string): Promise<LyingNode> {
  const server = createServer((request, response) => {
    void answer(request).then(
      (body) => response.end(body),
      () => response.destroy(),
    );
  });
  // Longer than any test, or a caller would meet a connection that is being closed.
  server.keepAliveTimeout = 600_000;
  const answer = async (request: IncomingMessage): Promise<string> => {
    const text = await new Response(request as unknown as ReadableStream).text();
    const { id, method, params } = JSON.parse(text) as Request;
    node.asked.push(method);
    const lie = node.lie(method, params);
    const ask = async () => {
      const headers = { 'content-type': 'application/json' };
      return await (await fetch(target, { method: 'POST', headers, body: text })).text();
    };
    if (lie === undefined) return await ask();
    const { isDone, ...said } = lie;
    if (isDone) await ask();
    return JSON.stringify({ jsonrpc: '2.0', id, ...said });
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const node: LyingNode = {
    url: `http://127.0.0.1:${port}`,
    lie: () => undefined,
    asked: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return node;
}
