import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { joinSockets } from '../../support/join-sockets.ts';

/** One call, as a client makes it. */
export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What is said in the place of a node's answer. */
export type Lie =
  /** The node is not asked, unless `isDone`; its answer is lost then. */
  | { readonly error: { readonly code: number; readonly message: string }; readonly isDone?: true }
  /** Of what the node has said. */
  | { readonly change: (result: unknown) => unknown }
  /** What it said when it was asked this before, if that is remembered. */
  | { readonly isStale: true }
  /** Half of the answer, and then nothing. */
  | { readonly isTorn: true }
  /** An HTTP status with a page for people, as whatever stands before a node sends it; a connection that is kept open ends instead. */
  | { readonly status: number };

/** The page in the place of an answer. */
const PAGE = '<!DOCTYPE html><html><body><h1>Attention required</h1></body></html>';

/** Decides about a call; undefined is the truth. */
export type Liar = (call: RpcCall) => Lie | undefined;

/** A wire to a real node that tells what it is told to: JSON-RPC by HTTP or WebSocket, and questions by GET, whose method is that and whose parameter is the path. */
export interface RpcWire {
  readonly port: number;
  liar: Liar | undefined;
  close(): Promise<void>;
}

interface Request extends RpcCall {
  readonly id: unknown;
}

interface Answer {
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** What of each question was answered first is remembered, of so many questions. */
const REMEMBERED = 2000;

/** Starts a wire in front of a node's address. */
export async function startRpcWire(target: string): Promise<RpcWire> {
  const sockets = new Set<Socket>();
  const wire = new Wire();
  const server = createServer((request, response) => {
    void forward(target, wire, { request, response }).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 600_000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const upgrades = new WebSocketServer({ server });
  upgrades.on('connection', (client) => join(client, new WebSocket(target), wire));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    get liar() {
      return wire.liar;
    },
    set liar(liar) {
      wire.liar = liar;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

class Wire {
  liar: Liar | undefined;
  readonly #first = new Map<string, unknown>();

  /** The answer as it is told, from the node's. */
  tell(request: Request, lie: Lie | undefined, answer: Answer): Answer {
    if (lie !== undefined && 'error' in lie) return { id: answer.id, error: lie.error };
    if (!('result' in answer)) return answer;
    const key = JSON.stringify([request.method, request.params]);
    if (!this.#first.has(key) && this.#first.size < REMEMBERED) this.#first.set(key, answer.result);
    if (lie === undefined) return answer;
    if ('change' in lie) return { ...answer, result: lie.change(answer.result) };
    if ('isStale' in lie && this.#first.has(key)) {
      return { ...answer, result: this.#first.get(key) };
    }
    return answer;
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function forwardQuestion(
  target: string,
  wire: Wire,
  { request, response }: Exchange,
): Promise<void> {
  const path = request.url ?? '/';
  const asked = { id: 0, method: 'GET', params: [path] };
  const lie = wire.liar?.(asked);
  if (lie !== undefined && 'status' in lie) return sendPage(response, lie.status);
  const answer = await fetch(new URL(path, target));
  if (!answer.ok) return void response.writeHead(answer.status).end(await answer.text());
  const told = wire.tell(asked, lie, { id: 0, result: await answer.json() });
  sendJson(response, JSON.stringify(told.result), lie);
}

function sendJson(response: ServerResponse, text: string, lie: Lie | undefined): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  if (lie === undefined || !('isTorn' in lie)) return void response.end(text);
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}

async function forward(target: string, wire: Wire, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  if (request.method === 'GET') return await forwardQuestion(target, wire, exchange);
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const asked = JSON.parse(Buffer.concat(chunks).toString()) as Request;
  const lie = wire.liar?.(asked);
  if (lie !== undefined && 'status' in lie) return sendPage(response, lie.status);
  const isAsked = lie === undefined || !('error' in lie) || lie.isDone === true;
  const answer = isAsked ? await ask(target, asked) : { id: asked.id };
  sendJson(response, JSON.stringify({ jsonrpc: '2.0', ...wire.tell(asked, lie, answer) }), lie);
}

function sendPage(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/html' }).end(PAGE);
}

async function ask(target: string, request: Request): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(request);
  return (await (await fetch(target, { method: 'POST', headers, body })).json()) as Answer;
}

/** A client's connection and the node's, until one of them ends. */
function join(client: WebSocket, node: WebSocket, wire: Wire): void {
  const toNode = joinSockets(client, node);
  const asked = new Map<unknown, { request: Request; lie: Lie | undefined }>();
  client.on('message', (data) => {
    const request = JSON.parse(String(data)) as Request;
    const lie = wire.liar?.(request);
    if (lie !== undefined && ('status' in lie || 'isTorn' in lie)) return client.terminate();
    if (lie !== undefined && 'error' in lie && lie.isDone !== true) {
      return client.send(JSON.stringify({ jsonrpc: '2.0', id: request.id, error: lie.error }));
    }
    asked.set(request.id, { request, lie });
    toNode(String(data));
  });
  node.on('message', (data) => {
    const answer = JSON.parse(String(data)) as Answer;
    const known = asked.get(answer.id);
    asked.delete(answer.id);
    if (known?.lie === undefined && !('result' in answer)) return client.send(String(data));
    if (known === undefined) return client.send(String(data));
    client.send(JSON.stringify({ jsonrpc: '2.0', ...wire.tell(known.request, known.lie, answer) }));
  });
}
