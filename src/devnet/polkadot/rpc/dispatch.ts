import { randomBytes } from 'node:crypto';
import { BridgeError } from '../../../shared/errors.ts';
import type { RpcModule, RpcParams, RpcSubscription } from './module.ts';
import { RpcError } from './rpc-error.ts';

type Id = string | number | null;
type Request = { readonly id: Id; readonly method: string; readonly params: RpcParams };

/** One client: where notifications go; undefined over plain HTTP. */
export type Connection = {
  readonly notify: ((message: object) => void) | undefined;
  readonly subscriptions: Map<string, () => void>;
};

/** Answers one message, a request or a batch; undefined if it asks for no answer. */
export type Dispatch = (text: string, connection: Connection) => Promise<string | undefined>;

const MAX_BATCH = 100;

/** Joins the modules to one interface. */
export function createDispatch(modules: readonly RpcModule[]): Dispatch {
  const table = createTable(modules);
  return async (text, connection) => {
    const message = parseJson(text);
    if (message === undefined)
      return encode(errorAnswer(null, new RpcError(-32700, 'Parse error')));
    if (!Array.isArray(message)) return encode(await answer(table, message, connection));
    if (message.length === 0 || message.length > MAX_BATCH) {
      return encode(errorAnswer(null, new RpcError(-32600, 'Invalid request')));
    }
    const answers = await Promise.all(message.map((one) => answer(table, one, connection)));
    const given = answers.filter((one) => one !== undefined);
    return given.length === 0 ? undefined : encode(given);
  };
}

type Handler = (request: Request, connection: Connection) => unknown;

function createTable(modules: readonly RpcModule[]): ReadonlyMap<string, Handler> {
  const table = new Map<string, Handler>();
  for (const { methods, subscriptions = {} } of modules) {
    for (const [name, method] of Object.entries(methods)) {
      table.set(name, ({ params }) => method(params));
    }
    for (const [name, subscription] of Object.entries(subscriptions)) {
      table.set(name, (request, connection) => subscribe(subscription, request, connection));
      for (const end of subscription.unsubscribe) table.set(end, unsubscribe);
    }
  }
  table.set('rpc_methods', () => ({ methods: [...table.keys()].sort() }));
  return table;
}

/** The answer with the subscription's id must go out before its first notification. */
async function subscribe(
  subscription: RpcSubscription,
  { params }: Request,
  { notify, subscriptions }: Connection,
): Promise<string> {
  if (notify === undefined) throw new RpcError(-32601, 'Method not found');
  const id = randomBytes(12).toString('base64url');
  const early: unknown[] = [];
  let isOpen = false;
  const send = (result: unknown) =>
    notify({
      jsonrpc: '2.0',
      method: subscription.notification,
      params: { subscription: id, result },
    });
  const stop = await subscription.start(params, (result) => {
    if (isOpen) send(result);
    else early.push(result);
  });
  subscriptions.set(id, stop);
  setImmediate(() => {
    isOpen = true;
    if (subscriptions.has(id)) early.forEach(send);
  });
  return id;
}

function unsubscribe({ params }: Request, { subscriptions }: Connection): boolean {
  const id = String(params[0]);
  subscriptions.get(id)?.();
  return subscriptions.delete(id);
}

async function answer(
  table: ReadonlyMap<string, Handler>,
  message: unknown,
  connection: Connection,
): Promise<object | undefined> {
  const request = parseRequest(message);
  if (request === undefined) return errorAnswer(null, new RpcError(-32600, 'Invalid request'));
  try {
    const handler = table.get(request.method);
    if (handler === undefined) throw new RpcError(-32601, 'Method not found');
    const result = await handler(request, connection);
    return { jsonrpc: '2.0', id: request.id, result: result ?? null };
  } catch (error) {
    return errorAnswer(request.id, error);
  }
}

function errorAnswer(id: Id, error: unknown): object {
  const { rpcCode, data } =
    error instanceof RpcError
      ? error.meta
      : { rpcCode: -32603, data: error instanceof BridgeError ? error.code : undefined };
  const message = error instanceof Error ? error.message : 'Internal error';
  return {
    jsonrpc: '2.0',
    id,
    error: { code: rpcCode, message, ...(data !== undefined && { data }) },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseRequest(message: unknown): Request | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { id = null, method, params = [] } = message as Record<string, unknown>;
  const isId = id === null || typeof id === 'string' || typeof id === 'number';
  if (!isId || typeof method !== 'string') return undefined;
  return { id, method, params: Array.isArray(params) ? params : [] };
}

function encode(answers: object | undefined): string | undefined {
  return answers === undefined ? undefined : JSON.stringify(answers);
}
