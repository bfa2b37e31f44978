import type {
  JsonRpcResponse,
  ProviderInterface,
  ProviderInterfaceCallback,
  ProviderInterfaceEmitCb,
  ProviderInterfaceEmitted,
} from '@polkadot/rpc-provider/types';
import { LineLate, type NodeLine } from '../shared/node-line.ts';
import { createRuntimeMetadata } from './runtime-metadata.ts';

/** A line as the library uses it, that can be spoken on in the node's place. */
export interface LineProvider extends ProviderInterface {
  /** Tells whoever has subscribed by `method` of what the node has not told. */
  tell(method: string, result: unknown): void;
}

interface Subscription {
  readonly type: string;
  readonly method: string;
  readonly params: unknown[];
  readonly tell: ProviderInterfaceCallback;
  /** What the node calls it on the connection that is open now. */
  remoteId: number | string | undefined;
}

/** Answers about a block are kept while there are no more than these, and no longer than a connection. */
const KEPT_ANSWERS = 256;
const MAX_KEPT_CHARS = 20_000;
/** What a node tells of a subscription before it has said how it calls it. */
const KEPT_EARLY = 64;

/**
 * A line as @polkadot/api uses it. The library's own provider leaves calls in flight hanging when a socket is dropped, measures time on a
 * clock that can be set back, keeps failed answers, and forgets subscriptions that it could not establish again.
 */
export function createLineProvider(line: NodeLine): LineProvider {
  const hearing = new Map<ProviderInterfaceEmitCb, ProviderInterfaceEmitted>();
  const on = (type: ProviderInterfaceEmitted, tell: ProviderInterfaceEmitCb) => {
    hearing.set(tell, type);
    return () => void hearing.delete(tell);
  };
  const emit = (type: ProviderInterfaceEmitted) => {
    for (const [tell, heard] of hearing) if (heard === type) tell();
  };
  const answers = new KeptAnswers(line);
  const subscriptions = new Subscriptions(line);
  const metadata = createRuntimeMetadata(createInsisting(line));
  line.listen({
    connected: () => {
      emit('connected');
      subscriptions.renew();
    },
    lost: () => {
      answers.clear();
      subscriptions.lose();
      emit('disconnected');
    },
    told: (message) => subscriptions.told(message),
  });
  const provider: LineProvider = {
    hasSubscriptions: true,
    isClonable: false,
    get isConnected() {
      return line.isConnected;
    },
    clone: () => provider,
    connect: async () => undefined,
    disconnect: async () => line.close(),
    on,
    // CAST: the interface lets the caller say what the node answers.
    send: async <T>(method: string, params: unknown[], isAboutBlock?: boolean) => {
      if (isAboutBlock) return (await answers.ask(method, params)) as T;
      metadata.note(method, params);
      const isOfRuntime = method === 'state_getMetadata' && params.length === 0;
      return (await (isOfRuntime ? metadata.fetch() : line.call(method, params))) as T;
    },
    subscribe: (type, method, params, tell) => subscriptions.add({ type, method, params, tell }),
    unsubscribe: (_type, method, id) => subscriptions.remove(method, id),
    tell: (method, result) => subscriptions.tell(method, result),
  };
  return provider;
}

/**
 * For what the library asks of its own accord when a runtime changes, where nobody would hear of a failure: it would end the process,
 * or leave it with the rules of the old runtime.
 */
function createInsisting(line: NodeLine): NodeLine['call'] {
  const wake: (() => void)[] = [];
  line.listen({
    connected: () => {
      for (const each of wake.splice(0)) each();
    },
    lost: () => undefined,
    told: () => undefined,
  });
  return async (method, params) => {
    for (;;) {
      if (!line.isConnected) await new Promise<void>((resolve) => wake.push(resolve));
      try {
        return await line.call(method, params);
      } catch (error) {
        if (!(error instanceof LineLate)) throw error;
      }
    }
  };
}

/** What the node has answered about blocks, by question: it stays the same. Nothing is no answer, and a failure is tried again. */
class KeptAnswers {
  readonly #line: NodeLine;
  readonly #kept = new Map<string, Promise<unknown>>();

  constructor(line: NodeLine) {
    this.#line = line;
  }

  async ask(method: string, params: unknown[]): Promise<unknown> {
    const question = `${method} ${JSON.stringify(params)}`;
    const known = this.#kept.get(question);
    if (known !== undefined) return await known;
    const asked = this.#line.call(method, params);
    this.#kept.set(question, asked);
    try {
      const answer = await asked;
      if (!isKept(answer)) this.#forget(question, asked);
      return answer;
    } catch (error) {
      this.#forget(question, asked);
      throw error;
    } finally {
      this.#forgetOldest();
    }
  }

  clear(): void {
    this.#kept.clear();
  }

  #forget(question: string, asked: Promise<unknown>): void {
    if (this.#kept.get(question) === asked) this.#kept.delete(question);
  }

  #forgetOldest(): void {
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_ANSWERS && oldest !== undefined) this.#kept.delete(oldest);
  }
}

function isKept(answer: unknown): boolean {
  if (answer === null || answer === undefined) return false;
  return typeof answer !== 'string' || answer.length <= MAX_KEPT_CHARS;
}

/** Subscriptions outlive connections: each is made again on the next one, under the id that its owner knows. */
class Subscriptions {
  readonly #line: NodeLine;
  readonly #all = new Map<string, Subscription>();
  readonly #established = new Map<string, PromiseWithResolvers<string>>();
  #early: { readonly id: number | string; readonly message: JsonRpcResponse<unknown> }[] = [];
  #nextId = 1;

  constructor(line: NodeLine) {
    this.#line = line;
  }

  async add(wanted: Omit<Subscription, 'remoteId'>): Promise<string> {
    const id = `subscription ${this.#nextId++}`;
    const established = Promise.withResolvers<string>();
    this.#all.set(id, { ...wanted, remoteId: undefined });
    this.#established.set(id, established);
    if (this.#line.isConnected) void this.#establish(id);
    return await established.promise;
  }

  async remove(method: string, id: number | string): Promise<boolean> {
    const subscription = this.#all.get(`${id}`);
    if (!this.#all.delete(`${id}`) || subscription?.remoteId === undefined) return false;
    // Nobody needs the answer: what comes after it is not passed on any more.
    this.#line.call(method, [subscription.remoteId]).catch(() => undefined);
    return true;
  }

  lose(): void {
    this.#early = [];
    for (const [id, subscription] of this.#all) {
      subscription.remoteId = undefined;
      // What was handed over with it cannot be handed over again; its owner has to look what became of it.
      if (!subscription.type.startsWith('author_')) continue;
      this.#all.delete(id);
      subscription.tell(new LineLate(`the connection of ${subscription.method} was lost`), null);
    }
  }

  renew(): void {
    for (const [id, { remoteId }] of this.#all)
      if (remoteId === undefined) void this.#establish(id);
  }

  tell(method: string, result: unknown): void {
    for (const each of this.#all.values()) if (each.method === method) each.tell(null, result);
  }

  told(message: JsonRpcResponse<unknown>): void {
    const { subscription: id, result, error } = message.params;
    const owner = [...this.#all.values()].find(({ remoteId }) => remoteId === id);
    if (owner === undefined) {
      this.#early = [...this.#early.slice(1 - KEPT_EARLY), { id, message }];
    } else if (error === undefined) owner.tell(null, result);
    else owner.tell(new Error(`${error.code}: ${error.message}`), null);
  }

  async #establish(id: string): Promise<void> {
    const subscription = this.#all.get(id);
    if (subscription === undefined) return;
    const { method, params, tell } = subscription;
    try {
      // CAST: whatever it is, it is only compared.
      const remoteId = (await this.#line.call(method, params)) as number | string;
      if (!this.#all.has(id)) return;
      subscription.remoteId = remoteId;
      this.#established.get(id)?.resolve(id);
      this.#established.delete(id);
      const early = this.#early.filter((one) => one.id === remoteId);
      this.#early = this.#early.filter((one) => one.id !== remoteId);
      for (const { message } of early) this.told(message);
    } catch (error) {
      // The next connection tries again.
      if (!this.#line.isConnected) return;
      if (error instanceof LineLate) return await this.#establish(id);
      this.#all.delete(id);
      tell(error instanceof Error ? error : new Error('refused'), null);
      this.#established.get(id)?.reject(error);
      this.#established.delete(id);
    }
  }
}
