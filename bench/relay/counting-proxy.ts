import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { joinSockets } from '../../test/support/join-sockets.ts';

/** A wire to a node that counts what is asked of it, and can be taken away. */
export interface CountingProxy {
  /** As the node's own, of the same protocol. */
  readonly url: string;
  /** Calls so far, by method. */
  readonly calls: ReadonlyMap<string, number>;
  /** From now on nobody answers, and what is open breaks; or it is as before. */
  set(state: 'there' | 'away'): void;
}

/** Starts a proxy in front of a node's HTTP or WebSocket address. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const calls = new Map<string, number>();
  const sockets = new Set<Socket>();
  let isAway = false;
  const count = (body: string, path: string) => {
    for (const method of methodsIn(body, path)) calls.set(method, (calls.get(method) ?? 0) + 1);
  };
  const server = createServer((request, response) => {
    void forward(target, { request, response, count }).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    if (isAway) return void socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const upgrades = new WebSocketServer({ server });
  upgrades.on('connection', (client) =>
    join(client, new WebSocket(target.replace(/^http/, 'ws')), count),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const { protocol } = new URL(target);
  return {
    url: `${protocol}//127.0.0.1:${port}`,
    calls,
    set: (state) => {
      isAway = state === 'away';
      if (isAway) for (const socket of sockets) socket.destroy();
    },
  };
}

type Count = (body: string, path: string) => void;

async function forward(
  target: string,
  {
    request,
    response,
    count,
  }: { request: IncomingMessage; response: ServerResponse; count: Count },
): Promise<void> {
  const path = request.url ?? '/';
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const body = Buffer.concat(chunks);
  count(body.toString(), path);
  const type = request.headers['content-type'];
  const answer = await fetch(new URL(path, target), {
    method: request.method ?? 'GET',
    ...(type !== undefined && { headers: { 'content-type': type } }),
    ...(body.length > 0 && { body }),
  });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
  response.end(Buffer.from(await answer.arrayBuffer()));
}

function join(client: WebSocket, node: WebSocket, count: Count): void {
  const toNode = joinSockets(client, node);
  client.on('message', (data) => {
    const text = String(data);
    count(text, '/');
    toNode(text);
  });
  node.on('message', (data) => client.send(String(data)));
}

/** Methods of a JSON-RPC request or of several; of a plain GET its path without what stands for a place in it. */
function methodsIn(body: string, path: string): string[] {
  if (body === '') return [path.split('?', 1)[0]?.replace(/0x[0-9a-f]+|\d+/g, '…') ?? path];
  const requests = [JSON.parse(body)].flat() as { readonly method?: string }[];
  return requests.map(({ method }) => method ?? 'no method');
}
