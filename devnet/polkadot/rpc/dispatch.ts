import { BridgeError } from '../../../src/shared/errors.ts';
import type { Connection } from './connection.ts';
import type { RpcModule, RpcParams } from './module.ts';
import { RpcError } from './rpc-error.ts';

type Id = string | number | null;
type Request = {
  /** Undefined for a notification, which gets no answer. */
  readonly id: Id | undefined;
  readonly method: string;
  readonly params: RpcParams;
};

/** Answers one message, a request or a batch; undefined if it asks for no answer. */
export type Dispatch = (text: string, connection: Connection) => Promise<string | undefined>;

type Handler = (params: RpcParams, connection: Connection) => unknown;

const MAX_BATCH = 100;

/** Joins the modules to one interface. */
export function createDispatch(modules: readonly RpcModule[]): Dispatch {
  const table = createTable(modules);
  return async (text, connection) => {
    const message = parseJson(text);
    if (message === undefined) {
      return JSON.stringify(errorAnswer(null, new RpcError(-32700, 'Parse error')));
    }
    if (!Array.isArray(message)) return encode(await answer(table, message, connection));
    if (message.length === 0 || message.length > MAX_BATCH) {
      return JSON.stringify(errorAnswer(null, invalidRequest()));
    }
    const answers = await Promise.all(message.map((one) => answer(table, one, connection)));
    const given = answers.filter((one) => one !== undefined);
    return given.length === 0 ? undefined : encode(given);
  };
}

function createTable(modules: readonly RpcModule[]): ReadonlyMap<string, Handler> {
  const table = new Map<string, Handler>();
  for (const { methods, subscriptions = {} } of modules) {
    for (const [name, method] of Object.entries(methods)) table.set(name, method);
    for (const [name, subscription] of Object.entries(subscriptions)) {
      table.set(name, (params, connection) => connection.subscribe(subscription, params));
      for (const end of subscription.unsubscribe) {
        table.set(end, ([id], connection) => connection.unsubscribe(String(id)));
      }
    }
  }
  const names = [...table.keys(), 'rpc_methods'].sort();
  table.set('rpc_methods', () => ({ methods: names }));
  return table;
}

async function answer(
  table: ReadonlyMap<string, Handler>,
  message: unknown,
  connection: Connection,
): Promise<object | undefined> {
  const request = parseRequest(message);
  if (request === undefined) return errorAnswer(readId(message), invalidRequest());
  const { id, method, params } = request;
  if (id === undefined) return undefined;
  try {
    const handler = table.get(method);
    if (handler === undefined) throw new RpcError(-32601, 'Method not found');
    const result = await handler(params, connection);
    return { jsonrpc: '2.0', id, result: result ?? null };
  } catch (error) {
    return errorAnswer(id, error);
  }
}

function invalidRequest(): RpcError {
  return new RpcError(-32600, 'Invalid request');
}

function errorAnswer(id: Id, error: unknown): object {
  if (error instanceof RpcError) {
    const { rpcCode: code, data } = error.meta;
    return withError(id, { code, message: error.message, ...(data !== undefined && { data }) });
  }
  const data = error instanceof BridgeError ? error.code : String(error);
  return withError(id, { code: -32603, message: 'Internal error', data });
}

function withError(id: Id, error: object): object {
  return { jsonrpc: '2.0', id, error };
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
  const { jsonrpc, id, method, params = [] } = message as Record<string, unknown>;
  const isId = id === undefined || id === null || typeof id === 'string' || typeof id === 'number';
  if (jsonrpc !== '2.0' || !isId || typeof method !== 'string') return undefined;
  return { id, method, params: Array.isArray(params) ? params : [] };
}

function readId(message: unknown): Id {
  if (typeof message !== 'object' || message === null || !('id' in message)) return null;
  return typeof message.id === 'string' || typeof message.id === 'number' ? message.id : null;
}

function encode(answers: object | undefined): string | undefined {
  return answers === undefined ? undefined : JSON.stringify(answers);
}
