import { ApiPromise, WsProvider } from '#polkadot/api';

/** Makes values as @polkadot/api does that has spoken to no chain. */
export const { registry } = new ApiPromise({
  // CAST: the package's class and interface differ under exactOptionalPropertyTypes.
  provider: new WsProvider('ws://127.0.0.1:1', false) as never,
  noInitWarn: true,
});
