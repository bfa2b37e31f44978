import { expect, test } from 'vitest';
import { createDispatch } from '../../../../devnet/polkadot/rpc/dispatch.ts';
import { startRpcServer } from '../../../../devnet/polkadot/rpc/server.ts';

test('a server on all addresses names one at which it can be reached', async () => {
  const server = await startRpcServer(createDispatch([]), { host: '0.0.0.0', port: 0 });
  try {
    expect(server.httpUrl).toMatch(/^http:\/\/127\.0\.0\.1:[1-9][0-9]*$/);
    const response = await fetch(server.httpUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'rpc_methods', params: [] }),
    });
    expect(response.ok).toBe(true);
  } finally {
    await server.close();
  }
});
