import type { JsonRpcResponse } from '@polkadot/rpc-provider/types';
import { RpcCoder } from '#polkadot/rpc-coder';
import { ChainError } from './bridged-chain.ts';

/**
 * How long a line waits, in ticks of its own event loop and not by a clock: while this process is stopped or busy nothing is read, so
 * that time says nothing about the node.
 */
export interface LinePatience {
  readonly tickMs: number;
  /** For the handshake and the first answer. */
  readonly greetTicks: number;
  /** Without a word before the node is asked for a sign of life. */
  readonly quietTicks: number;
  /** Without a word before the connection counts as lost. */
  readonly lostTicks: number;
  /** For the answer to a call. Many: a node that shares its machine is slow before it is gone. */
  readonly callTicks: number;
  /** Before the first attempt to connect again; it doubles from there. */
  readonly reconnectMs: number;
}

const PATIENCE: LinePatience = {
  tickMs: 1000,
  greetTicks: 15,
  quietTicks: 5,
  lostTicks: 20,
  callTicks: 60,
  reconnectMs: 500,
};
const MAX_RECONNECT_MS = 10_000;

/** What a line tells of: it can be used, it was lost, or the node says something unasked. */
export interface LineListener {
  /** @param greeting what the node has answered to it */
  connected(greeting: unknown): void;
  lost(): void;
  told(message: JsonRpcResponse<unknown>): void;
}

/** What a line asks a node of its own accord. */
export interface LineDialect {
  /** Tells which chain the node is of, and is asked before anything else. */
  readonly greeting: readonly [method: string, params: readonly unknown[]];
  /** What is answered to it; left out, what the first node at the other end of the line answers. */
  readonly expected?: string;
  /** A method that any answer to is a sign of life. */
  readonly lifeSign: string;
}

/** How a line speaks and how long it waits. */
export interface LineOptions {
  readonly dialect: LineDialect;
  /** Other than the usual one. */
  readonly patience?: Partial<LinePatience>;
}

/** A WebSocket to a node that is opened again whenever it is lost. */
export interface NodeLine {
  readonly isConnected: boolean;
  /** Resolves when the node has answered for the first time. @throws {ChainError} CHAIN_UNAVAILABLE */
  open(): Promise<void>;
  listen(listener: LineListener): void;
  /**
   * One method call.
   *
   * @throws {LineLate} no answer in time, or the connection was lost before it came: it may have been done
   * @throws {Error} there is no connection, or the node refuses
   */
  call(method: string, params: readonly unknown[]): Promise<unknown>;
  /** For good; what is in flight fails. */
  close(): void;
}

interface Call {
  readonly method: string;
  ticksLeft: number;
  answered(response: JsonRpcResponse<unknown>): void;
  failed(error: Error): void;
}

/** One socket's life. */
interface Attempt {
  readonly socket: WebSocket;
  ticks: number;
  silentTicks: number;
  hasGreeted: boolean;
  readonly calls: Map<number, Call>;
}

/**
 * Creates a line.
 *
 * @param name what the configuration calls whatever the node is asked for; stands in errors
 */
export function createNodeLine(
  name: string,
  url: string,
  { dialect, patience = {} }: LineOptions,
): NodeLine {
  return new WatchedLine(name, url, { dialect, patience: { ...PATIENCE, ...patience } });
}

interface SpokenLine {
  readonly dialect: LineDialect;
  readonly patience: LinePatience;
}

class WatchedLine implements NodeLine {
  readonly #name: string;
  readonly #url: string;
  readonly #dialect: LineDialect;
  readonly #patience: LinePatience;
  readonly #coder = new RpcCoder();
  readonly #listeners: LineListener[] = [];
  readonly #opening = Promise.withResolvers<void>();
  #attempt: Attempt | undefined;
  #ticking: NodeJS.Timeout | undefined;
  #reconnecting: NodeJS.Timeout | undefined;
  #failures = 0;
  #isClosed = false;
  /** What the node at the other end answers to the greeting, if it is the right one. */
  #expected: unknown;
  /** What is wrong with the node that answers now. */
  #mismatch: ChainError | undefined;

  constructor(name: string, url: string, { dialect, patience }: SpokenLine) {
    this.#name = name;
    this.#url = url;
    this.#dialect = dialect;
    this.#expected = dialect.expected;
    this.#patience = patience;
  }

  get isConnected(): boolean {
    return this.#attempt?.hasGreeted ?? false;
  }

  listen(listener: LineListener): void {
    this.#listeners.push(listener);
  }

  async open(): Promise<void> {
    this.#ticking = setInterval(() => this.#tick(), this.#patience.tickMs);
    this.#connect();
    await this.#opening.promise;
  }

  async call(method: string, params: readonly unknown[]): Promise<unknown> {
    if (this.#mismatch !== undefined) throw this.#mismatch;
    const attempt = this.#attempt;
    if (!attempt?.hasGreeted) throw new Error(`not connected to ${new URL(this.#url).host}`);
    return await this.#send(attempt, method, params);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#ticking);
    clearTimeout(this.#reconnecting);
    if (this.#attempt !== undefined) this.#drop(this.#attempt, 'the connection was closed');
  }

  #connect(): void {
    const socket = new WebSocket(this.#url);
    const attempt: Attempt = {
      socket,
      ticks: 0,
      silentTicks: 0,
      hasGreeted: false,
      calls: new Map(),
    };
    this.#attempt = attempt;
    socket.onopen = () => void this.#greet(attempt);
    socket.onmessage = ({ data }) => this.#hear(attempt, data);
    socket.onerror = () => this.#drop(attempt, 'the connection broke');
    socket.onclose = ({ code }) => this.#drop(attempt, `the node closed the connection (${code})`);
  }

  /** A node is connected when it has said which chain it is of; one that comes back as another is not used. */
  async #greet(attempt: Attempt): Promise<void> {
    const why = await this.#introduce(attempt);
    if (why !== undefined) {
      this.#drop(attempt, why);
      return;
    }
    this.#failures = 0;
    attempt.hasGreeted = true;
    this.#opening.resolve();
    for (const { connected } of this.#listeners) connected(this.#expected);
  }

  /** @returns why the node cannot be used */
  async #introduce(attempt: Attempt): Promise<string | undefined> {
    try {
      const answer = await this.#send(attempt, ...this.#dialect.greeting);
      this.#expected ??= answer;
      this.#mismatch = answer === this.#expected ? undefined : this.#anotherChain(answer);
      return this.#mismatch && 'the node is of another chain';
    } catch {
      return 'the node did not say which chain it is of';
    }
  }

  #anotherChain(answer: unknown): ChainError {
    const [method] = this.#dialect.greeting;
    const what = `expected ${this.#expected} of ${method}, got ${answer}; another chain answers in the node's place`;
    return new ChainError('CHAIN_MISMATCH', { chain: this.#name, what });
  }

  #send(attempt: Attempt, method: string, params: readonly unknown[]): Promise<unknown> {
    const [id, body] = this.#coder.encodeJson(method, [...params]);
    return new Promise((resolve, reject) => {
      attempt.calls.set(id, {
        method,
        ticksLeft: this.#patience.callTicks,
        answered: (response) => {
          try {
            resolve(this.#coder.decodeResponse(response));
          } catch (error) {
            reject(error);
          }
        },
        failed: reject,
      });
      attempt.socket.send(body);
    });
  }

  #hear(attempt: Attempt, data: unknown): void {
    attempt.silentTicks = 0;
    const message = readMessage(data);
    if (message === undefined) {
      this.#drop(attempt, 'the node said something that is no JSON');
    } else if (message.method === undefined) {
      const call = attempt.calls.get(message.id);
      attempt.calls.delete(message.id);
      call?.answered(message);
    } else if (typeof message.params === 'object' && message.params !== null) {
      for (const { told } of this.#listeners) told(message);
    }
  }

  #tick(): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    const { greetTicks, quietTicks, lostTicks } = this.#patience;
    attempt.ticks += 1;
    attempt.silentTicks += 1;
    if (!attempt.hasGreeted) {
      if (attempt.ticks >= greetTicks) this.#drop(attempt, 'the handshake was not answered');
    } else if (attempt.silentTicks >= lostTicks) {
      this.#drop(attempt, 'the node fell silent');
    } else if (attempt.silentTicks === quietTicks) {
      // Any answer is a sign of life, a refusal too.
      this.#send(attempt, this.#dialect.lifeSign, []).catch(() => undefined);
    }
    giveUpLateCalls(attempt);
  }

  /** Does not wait for the other end to agree: it may be gone, and what is in flight would hang with it. */
  #drop(attempt: Attempt, why: string): void {
    if (this.#attempt !== attempt) return;
    this.#attempt = undefined;
    const { socket, calls } = attempt;
    socket.onopen = socket.onmessage = socket.onclose = null;
    // A socket that is closed before it was open says so as an error.
    socket.onerror = () => undefined;
    socket.close();
    for (const { method, failed } of calls.values()) {
      failed(new LineLate(`${why} before ${method} was answered`));
    }
    calls.clear();
    this.#opening.reject(this.#unreachable(why));
    if (attempt.hasGreeted) for (const { lost } of this.#listeners) lost();
    this.#reconnectLater();
  }

  #reconnectLater(): void {
    if (this.#isClosed) return;
    const backoffMs = this.#patience.reconnectMs * 2 ** this.#failures;
    this.#failures += 1;
    this.#reconnecting = setTimeout(() => this.#connect(), Math.min(backoffMs, MAX_RECONNECT_MS));
  }

  #unreachable(why: string): ChainError {
    const what = `no answer from ${new URL(this.#url).host}: ${why}; is the node up?`;
    return new ChainError('CHAIN_UNAVAILABLE', { chain: this.#name, what });
  }
}

function giveUpLateCalls({ calls }: Attempt): void {
  for (const [id, call] of calls) {
    call.ticksLeft -= 1;
    if (call.ticksLeft > 0) continue;
    calls.delete(id);
    call.failed(new LineLate(`no answer to ${call.method} in time`));
  }
}

function readMessage(data: unknown): JsonRpcResponse<unknown> | undefined {
  try {
    const message: unknown = JSON.parse(String(data));
    // CAST: `decodeResponse` checks what it reads of it.
    return typeof message === 'object' && message !== null
      ? (message as JsonRpcResponse<unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** An answer that did not come in time, or whose connection was lost before: what was asked may have been done. */
export class LineLate extends Error {}
