import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BridgeError } from '../../src/shared/errors.ts';

export interface RouteRequest {
  /** What the route's pattern captured, in order. */
  readonly captures: readonly string[];
  readonly query: URLSearchParams;
  /** Parsed JSON of a POST, `undefined` for a GET. */
  readonly body: unknown;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly pattern: RegExp;
  /** Returns the JSON to answer with, or `undefined` for an empty 200. */
  readonly answer: (request: RouteRequest) => unknown;
  /** What an answer says in headers too. */
  readonly headers?: (answer: unknown) => Readonly<Record<string, string>>;
}

const MAX_BODY_BYTES = 4096;
/** Listening there means listening on every IPv4 interface. */
const ANY_INTERFACE = '0.0.0.0';
export const LOOPBACK = '127.0.0.1';

/** Serves the routes; port 0 takes a free one. */
export async function serveRoutes(
  routes: readonly Route[],
  port: number,
  host: string = LOOPBACK,
): Promise<Server> {
  const server = createServer((request, response) => {
    answerRequest(routes, request, response).catch((error: unknown) => {
      sendError(response, error);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

/** Where this machine reaches the server. */
export function serverUrl(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return localUrl(address, port);
}

/** A server on every interface is reached through the loopback one. */
export function localUrl(host: string, port: number): string {
  return `http://${host === ANY_INTERFACE ? LOOPBACK : host}:${port}`;
}

async function answerRequest(
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${LOOPBACK}`);
  const matching = routes.filter(({ pattern }) => pattern.test(url.pathname));
  if (matching.length === 0) throw new BeaconApiError(404, `No route ${url.pathname}`);
  const route = matching.find(({ method }) => method === request.method);
  if (route === undefined) throw new BeaconApiError(405, `${request.method} is not allowed here`);
  const captures = (route.pattern.exec(url.pathname) ?? []).slice(1);
  const body = route.method === 'POST' ? await readJson(request) : undefined;
  const answer = route.answer({ captures, query: url.searchParams, body });
  sendJson(response, 200, answer, route.headers?.(answer));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > MAX_BODY_BYTES) throw new BeaconApiError(413, 'Body too large');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BeaconApiError(400, 'Body is not JSON', { cause: error });
  }
}

function sendJson(
  response: ServerResponse,
  status: number,
  json: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(json === undefined ? '' : JSON.stringify(json));
}

function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const isOurs = error instanceof BeaconApiError;
  const status = isOurs ? error.meta.status : 500;
  sendJson(response, status, { code: status, message: isOurs ? error.message : 'Internal error' });
}

export class BeaconApiError extends BridgeError<{ status: number }> {
  readonly code = 'DEVNET_BEACON_API';
  readonly disposition = 'reject';
  constructor(status: number, message: string, options?: { cause?: unknown }) {
    super(message, { status }, options);
  }
}
