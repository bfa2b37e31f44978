import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { createConnection, createUnaryConnection } from './connection.ts';
import type { Dispatch } from './dispatch.ts';

export type RpcServer = {
  readonly wsUrl: string;
  readonly httpUrl: string;
  close(): Promise<void>;
};

/** As a node's `--rpc-max-request-size`, 15 MiB. */
const MAX_REQUEST_BYTES = 15 * 1024 * 1024;
/** A client that does not read its notifications is cut off. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;
/** Addresses that mean all of this machine's: served on, but not reached at. */
const WILDCARDS = new Set(['0.0.0.0', '::']);

/** Serves JSON-RPC over WebSocket and HTTP POST on one port; 0 takes a free one. */
export async function startRpcServer(
  dispatch: Dispatch,
  { host, port }: { host: string; port: number },
): Promise<RpcServer> {
  const http = createServer((request, response) => {
    // A client may break off in the middle of its request.
    serveHttp(dispatch, request, response).catch(() => response.destroy());
  });
  const sockets = new WebSocketServer({ server: http, maxPayload: MAX_REQUEST_BYTES });
  sockets.on('connection', (socket) => serveSocket(dispatch, socket));
  await listen(http, { host, port });
  const reached = WILDCARDS.has(host) ? '127.0.0.1' : host;
  const { port: bound } = http.address() as AddressInfo;
  const address = `${reached.includes(':') ? `[${reached}]` : reached}:${bound}`;
  return {
    wsUrl: `ws://${address}`,
    httpUrl: `http://${address}`,
    close: () => closeServer(http, sockets),
  };
}

function listen(http: Server, at: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(at, () => {
      http.off('error', reject);
      resolve();
    });
  });
}

function closeServer(http: Server, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
  http.closeAllConnections();
  return new Promise((resolve) => http.close(() => resolve()));
}

function serveSocket(dispatch: Dispatch, socket: WebSocket): void {
  const send = (text: string) => {
    if (socket.bufferedAmount > MAX_UNSENT_BYTES) socket.terminate();
    else socket.send(text);
  };
  const connection = createConnection((message) => send(JSON.stringify(message)));
  socket.on('message', (bytes) => {
    void dispatch(String(bytes), connection).then((text) => {
      if (text !== undefined) send(text);
      connection.flush();
    });
  });
  socket.on('close', () => connection.close());
  // A broken connection ends in 'close'; without a listener it would end the process.
  socket.on('error', () => socket.terminate());
}

async function serveHttp(
  dispatch: Dispatch,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') {
    response.writeHead(405).end('Used HTTP Method is not allowed. POST is required\n');
    return;
  }
  if (request.headers['content-type']?.startsWith('application/json') !== true) {
    response
      .writeHead(415)
      .end('Supplied content type is not allowed. Content-Type: application/json is required\n');
    return;
  }
  const body = await readBody(request);
  if (body === undefined) {
    // The rest of the body is not read, so the connection cannot carry another request.
    response.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const text = await dispatch(body, createUnaryConnection());
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(text ?? '');
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_REQUEST_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
