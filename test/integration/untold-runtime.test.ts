import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import type { ChainCall } from '../../src/chains/shared/bridged-chain.ts';
import { asyncRefusal } from '../support/async-refusal.ts';
import { type OpenSubstrate, openSubstrate } from '../support/follow-substrate.ts';
import { startManualChain } from '../support/polkadot-devnet.ts';

const CALL: ChainCall = { to: `0x${'ab'.repeat(20)}`, data: '0x', valueWei: 10n ** 18n };
const CHAIN_ID = 420_420_499n;

/** A node before a real one, which says that an older runtime runs until it is asked after the upgrade, and tells nobody. */
async function startUntelling(wsUrl: string) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  let isBefore = true;
  server.on('connection', (caller) => {
    const node = new WebSocket(wsUrl);
    const early: string[] = [];
    caller.on('message', (bytes) => {
      if (node.readyState === WebSocket.OPEN) node.send(`${bytes}`);
      else early.push(`${bytes}`);
    });
    node.on('open', () => {
      for (const each of early) node.send(each);
    });
    node.on('message', (bytes) => {
      const text = `${bytes}`;
      caller.send(isBefore ? text.replace(/"specVersion":[0-9]+/, '"specVersion":1') : text);
    });
    caller.on('close', () => node.close());
  });
  await new Promise((listening) => server.once('listening', listening));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    upgrade: () => {
      isBefore = false;
    },
    close: () => server.close(),
  };
}

describe('a node that never tells of a new runtime', { timeout: 60_000 }, () => {
  let chain: PolkadotDevnet;
  let untelling: Awaited<ReturnType<typeof startUntelling>>;
  let opened: OpenSubstrate;
  let blocks: NodeJS.Timeout;

  const optionsOf = (url: string) =>
    ({ name: 'polkadot', chainId: CHAIN_ID, url, route: 'direct', pollMs: 50 }) as const;

  beforeAll(async () => {
    chain = await startManualChain();
    blocks = setInterval(() => void chain.produceBlock(), 300);
    const honest = await openSubstrate(optionsOf(chain.wsUrl));
    // With its first call an account is mapped.
    await honest.chain.submit(await honest.chain.signer('//Alice'), CALL);
    await honest.close();
    untelling = await startUntelling(chain.wsUrl);
    opened = await openSubstrate(optionsOf(untelling.url), chain.wsUrl);
  }, 120_000);
  afterAll(async () => {
    clearInterval(blocks);
    await opened?.close();
    untelling?.close();
    await chain?.close();
  });

  it('has what it refuses signed for the runtime that runs, and everything after it too', async () => {
    const signer = await opened.chain.signer('//Alice');
    const signed = await opened.chain.sign(signer, CALL);
    untelling.upgrade();
    expect(await asyncRefusal(opened.chain.broadcast(signed))).toMatchObject({
      code: 'CHAIN_TRANSACTION_REFUSED',
      meta: { refusal: 'expired' },
    });
    const renewed = await opened.chain.renew(signer, signed, { why: 'expired' });
    expect(renewed).toMatchObject({ nonce: signed.nonce });
    if (renewed !== undefined) await opened.chain.broadcast(renewed);
    await expect
      .poll(async () => renewed && (await opened.chain.receiptOf(renewed)), { timeout: 50_000 })
      .toMatchObject({ transactionHash: renewed?.hash });
    await opened.chain.broadcast(await opened.chain.sign(signer, CALL));
  });
});
