/** The positional parameters of a request. */
export type RpcParams = readonly unknown[];

export type RpcMethod = (params: RpcParams) => unknown;

/** Sends one notification of a subscription. */
export type Emit = (result: unknown) => void;

export type RpcSubscription = {
  /** The notification's method, which the standard fixes per subscription. */
  readonly notification: string;
  /** All names of the request that ends it. */
  readonly unsubscribe: readonly string[];
  /** Starts emitting; returns what stops it. */
  start(params: RpcParams, emit: Emit): Promise<() => void> | (() => void);
};

/** A part of the interface: methods and subscriptions by name. */
export type RpcModule = {
  readonly methods: Readonly<Record<string, RpcMethod>>;
  readonly subscriptions?: Readonly<Record<string, RpcSubscription>>;
};
