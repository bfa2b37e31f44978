import { connect, type Socket } from 'node:net';
import type {
  CommandName,
  CommandParams,
  CommandResult,
} from '../../src/protocol/enclave-commands.ts';
import { encodeFrame, FrameDecoder } from '../../src/protocol/enclave-frames.ts';
import {
  decodeResponse,
  decodeResult,
  encodeBody,
  type RemoteError,
  type Response,
} from '../../src/protocol/enclave-wire.ts';

/** A connection to an enclave's host, as tests need it. */
export class TestClient {
  readonly socket: Socket;
  readonly #waiting = new Map<number, (response: Response) => void>();
  #nextId = 1;

  private constructor(socket: Socket) {
    this.socket = socket;
    const decoder = new FrameDecoder();
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      for (const body of decoder.push(chunk)) {
        const response = decodeResponse(body);
        this.#waiting.get(response.id)?.(response);
      }
    });
  }

  /** @param address a socket path or `host:port` */
  static async connect(address: string): Promise<TestClient> {
    const [host, port] = address.split(':');
    const socket = port === undefined ? connect(address) : connect(Number(port), host);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new TestClient(socket);
  }

  /** The result, or the enclave's refusal thrown as {@link RefusedError}. */
  async call<N extends CommandName>(
    command: N,
    params: CommandParams<N>,
  ): Promise<CommandResult<N>> {
    const response = await this.send({ command, params });
    if (!response.ok) throw new RefusedError(response.error);
    return decodeResult(command, response.result);
  }

  /** Sends any request, well-formed or not, and waits for the response with its id. */
  send(request: object, id = this.#nextId++): Promise<Response> {
    const answered = new Promise<Response>((resolve) => this.#waiting.set(id, resolve));
    this.socket.write(encodeFrame(encodeBody({ id, ...request })));
    return answered;
  }

  /** Waits for a response with this id to a request written by hand. */
  expect(id: number): Promise<Response> {
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  close(): void {
    this.socket.destroy();
  }
}

export class RefusedError extends Error {
  readonly remote: RemoteError;
  constructor(remote: RemoteError) {
    super(`${remote.code}: ${remote.message}`);
    this.remote = remote;
  }
}
