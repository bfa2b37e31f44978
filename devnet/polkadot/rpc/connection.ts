import { randomBytes } from 'node:crypto';
import type { RpcParams, RpcSubscription } from './module.ts';
import { RpcError } from './rpc-error.ts';

/** One client and what it has subscribed to. */
export type Connection = {
  /** Starts a subscription; its notifications wait for `flush`. */
  subscribe(subscription: RpcSubscription, params: RpcParams): Promise<string>;
  /** False if there is no such subscription. */
  unsubscribe(id: string): boolean;
  /** Lets notifications out: called after the answers with the subscriptions' ids are sent. */
  flush(): void;
  close(): void;
};

/** A client over a socket. */
export function createConnection(notify: (message: object) => void): Connection {
  const active = new Map<string, () => void>();
  const unopened: (() => void)[] = [];
  let isClosed = false;
  return {
    async subscribe(subscription, params) {
      const id = randomBytes(12).toString('base64url');
      const gate = createGate((result) =>
        notify({
          jsonrpc: '2.0',
          method: subscription.notification,
          params: { subscription: id, result },
        }),
      );
      const stop = await subscription.start(params, gate.emit);
      // The client may have gone while the subscription was starting.
      if (isClosed) stop();
      else active.set(id, stop);
      unopened.push(() => active.has(id) && gate.open());
      return id;
    },
    unsubscribe(id) {
      active.get(id)?.();
      return active.delete(id);
    },
    flush() {
      for (const open of unopened.splice(0)) open();
    },
    close() {
      isClosed = true;
      for (const stop of active.values()) stop();
      active.clear();
    },
  };
}

/** A client that cannot be notified: plain HTTP. */
export function createUnaryConnection(): Connection {
  return {
    subscribe: async () => {
      throw new RpcError(-32603, 'Internal error');
    },
    unsubscribe: () => false,
    flush: () => undefined,
    close: () => undefined,
  };
}

function createGate(send: (result: unknown) => void) {
  const early: unknown[] = [];
  let isOpen = false;
  return {
    emit: (result: unknown) => {
      if (isOpen) send(result);
      else early.push(result);
    },
    open: () => {
      isOpen = true;
      early.splice(0).forEach(send);
    },
  };
}
