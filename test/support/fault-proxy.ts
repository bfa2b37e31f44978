import {
  createConnection,
  createServer,
  type ListenOptions,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net';

/**
 * What the network does between a client and a server.
 *
 * - `pass`: forwards.
 * - `refuse`: nobody listens; connections that are open stay.
 * - `half-open`: every connection, old and new, is kept and nothing goes through it, no FIN either: the other end has lost its power.
 * - `blackhole`: new connections are accepted and nothing is ever said on them; those that are open go on.
 */
export type FaultMode = 'pass' | 'refuse' | 'half-open' | 'blackhole';

/** A wire that can be tampered with, in front of a real server. */
export interface FaultProxy {
  /** `127.0.0.1:<port>`, or the socket's path. */
  readonly address: string;
  /** Connections that were accepted so far. */
  readonly accepted: number;
  /** Connections that are open now. */
  readonly open: number;
  /** Switches what happens, also to connections that are open; what was held back goes on when it is `pass` again. */
  set(mode: FaultMode): Promise<void>;
  /** From now on everything takes this much longer, in each direction. */
  delay(ms: number): void;
  /** Resets all connections that are open. */
  cut(): void;
  close(): Promise<void>;
}

interface Wire {
  readonly client: Socket;
  readonly server: Socket;
}

/**
 * Starts a proxy.
 *
 * @param target where the real server listens
 * @param listen where clients find the proxy; any free port of this machine unless given
 */
export async function startFaultProxy(
  target: NetConnectOpts,
  listen: ListenOptions = { host: '127.0.0.1', port: 0 },
): Promise<FaultProxy> {
  const network = new Network(target);
  await network.listen(listen);
  return {
    address: network.address,
    get accepted() {
      return network.accepted;
    },
    get open() {
      return network.sockets.size;
    },
    set: (mode) => network.set(mode),
    delay: (ms) => {
      network.delayMs = ms;
    },
    cut: () => network.cut(),
    close: () => network.close(),
  };
}

class Network {
  readonly #target: NetConnectOpts;
  readonly #server: Server;
  readonly #wires = new Set<Wire>();
  /** Clients' ends, with those that no wire leads on from. */
  readonly sockets = new Set<Socket>();
  #mode: FaultMode = 'pass';
  #place: ListenOptions = {};
  address = '';
  accepted = 0;
  delayMs = 0;

  constructor(target: NetConnectOpts) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  async listen(place: ListenOptions): Promise<void> {
    await new Promise<void>((listening, failed) => {
      this.#server.once('error', failed);
      this.#server.listen(place, () => {
        this.#server.off('error', failed);
        listening();
      });
    });
    const bound = this.#server.address();
    const isPort = typeof bound === 'object' && bound !== null;
    this.address = isPort ? `${bound.address}:${bound.port}` : `${bound}`;
    this.#place = isPort ? { host: bound.address, port: bound.port } : place;
  }

  async set(mode: FaultMode): Promise<void> {
    this.#mode = mode;
    if (mode === 'refuse' && this.#server.listening) this.#server.close();
    if (mode !== 'refuse' && !this.#server.listening) await this.listen(this.#place);
    for (const { client, server } of this.#wires) {
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        if (mode === 'half-open') from.pause();
        else from.resume();
        // It went away unseen.
        if (mode !== 'half-open' && from.destroyed) to.destroy();
      }
    }
  }

  cut(): void {
    // Sockets with a path know no resets.
    for (const socket of this.sockets) {
      if (socket.remoteFamily === undefined) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  async close(): Promise<void> {
    const closed = this.#server.listening
      ? new Promise((done) => this.#server.close(done))
      : undefined;
    for (const socket of this.sockets) socket.destroy();
    for (const { server } of this.#wires) server.destroy();
    await closed;
  }

  #accept(client: Socket): void {
    this.accepted += 1;
    this.sockets.add(client);
    client.on('error', () => undefined);
    client.on('close', () => this.sockets.delete(client));
    if (this.#mode === 'blackhole') return;
    const wire = { client, server: createConnection({ ...this.#target, allowHalfOpen: true }) };
    this.#wires.add(wire);
    wire.server.on('error', () => undefined);
    this.#join(client, wire.server);
    this.#join(wire.server, client);
    client.on('close', () => {
      wire.server.destroy();
      this.#wires.delete(wire);
    });
    wire.server.on('close', () => {
      if (this.#mode !== 'half-open') client.destroy();
    });
    if (this.#mode !== 'half-open') return;
    client.pause();
    wire.server.pause();
  }

  #join(from: Socket, to: Socket): void {
    let freeAtMs = 0;
    // In order, also when the delay gets shorter.
    const later = (act: () => void) => {
      const nowMs = performance.now();
      freeAtMs = Math.max(freeAtMs, nowMs + this.delayMs);
      if (freeAtMs > nowMs) setTimeout(act, freeAtMs - nowMs);
      else act();
    };
    from.on('data', (chunk) => later(() => to.writable && to.write(chunk)));
    from.on('end', () => later(() => to.end()));
  }
}
