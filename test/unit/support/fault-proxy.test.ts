import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';

/** Long enough for two sockets of this machine, if anything were to come. */
const NOTHING_MS = 60;

describe('the proxy that tests put in front of servers', () => {
  let echo: Server;
  let proxy: FaultProxy;
  const clients: Socket[] = [];

  beforeEach(async () => {
    echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
    await new Promise<void>((listening) => echo.listen(0, '127.0.0.1', listening));
    const { port } = echo.address() as { port: number };
    proxy = await startFaultProxy({ host: '127.0.0.1', port });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy.close();
    await new Promise((closed) => echo.close(closed));
  });

  const open = async () => {
    const [host, port] = proxy.address.split(':');
    const socket = connect({ host: host ?? '', port: Number(port) });
    clients.push(socket);
    let heard = '';
    let ending: string | undefined;
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      ending = error.code;
    });
    socket.on('close', () => {
      ending ??= 'closed';
    });
    await new Promise((done) => socket.once('connect', done).once('close', done));
    return { socket, heard: () => heard, ending: () => ending };
  };
  const until = async (isTrue: () => boolean) => {
    for (let i = 0; i < 500 && !isTrue(); i++) await sleep(10);
    expect(isTrue()).toBe(true);
  };

  it('forwards both ways, and counts', async () => {
    const { socket, heard } = await open();
    socket.write('hello');
    await until(() => heard() === 'hello');
    expect([proxy.accepted, proxy.open]).toEqual([1, 1]);
  });

  it('keeps half-open connections without a word, and lets through later what was held back', async () => {
    const { socket, heard, ending } = await open();
    socket.write('a');
    await until(() => heard() === 'a');
    await proxy.set('half-open');
    socket.write('b');
    const second = await open();
    second.socket.write('c');
    await sleep(NOTHING_MS);
    expect([heard(), second.heard(), ending()]).toEqual(['a', '', undefined]);
    await proxy.set('pass');
    await until(() => heard() === 'ab' && second.heard() === 'c');
  });

  it('refuses new connections and leaves those that are open', async () => {
    const { socket, heard } = await open();
    await proxy.set('refuse');
    const refused = await open();
    expect(refused.ending()).toBe('ECONNREFUSED');
    socket.write('still here');
    await until(() => heard() === 'still here');
    await proxy.set('pass');
    const third = await open();
    third.socket.write('x');
    await until(() => third.heard() === 'x');
  });

  it('swallows a handshake, and leaves connections that are open', async () => {
    const { socket, heard } = await open();
    await proxy.set('blackhole');
    const lost = await open();
    lost.socket.write('hello?');
    socket.write('here');
    await until(() => heard() === 'here');
    await sleep(NOTHING_MS);
    expect([lost.heard(), lost.ending()]).toEqual(['', undefined]);
  });

  it('cuts what is open, and takes its time', async () => {
    const { ending } = await open();
    proxy.cut();
    await until(() => ending() === 'ECONNRESET');
    proxy.delay(NOTHING_MS);
    const startMs = performance.now();
    const { socket, heard } = await open();
    socket.write('slow');
    await until(() => heard() === 'slow');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(2 * NOTHING_MS - 5);
  });
});
