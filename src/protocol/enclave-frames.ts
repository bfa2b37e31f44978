import { concatBytes } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import { MAX_FRAME_BYTES } from './enclave-commands.ts';

/** Bytes of the length in front of every frame: u32 big-endian. */
const LENGTH_BYTES = 4;

/** The frame around `body`: its length, then itself. @throws {FrameError} longer than MAX_FRAME_BYTES */
export function encodeFrame(body: Uint8Array): Uint8Array {
  if (body.length > MAX_FRAME_BYTES) throw new FrameError(body.length);
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, body.length);
  return concatBytes(length, body);
}

/**
 * Cuts a byte stream into frames.
 *
 * Holds at most one unfinished frame, so at most MAX_FRAME_BYTES whatever the other side sends: a length above
 * the bound is refused when it is read, before a byte of its body is kept.
 */
export class FrameDecoder {
  #chunks: Uint8Array[] = [];
  #held = 0;
  #bodyLength: number | undefined;

  /** The bodies that `chunk` completes, in order. @throws {FrameError} a length above MAX_FRAME_BYTES */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    const bodies: Uint8Array[] = [];
    for (let body = this.#next(); body !== undefined; body = this.#next()) bodies.push(body);
    return bodies;
  }

  /** True between frames: the stream may end here without cutting one off. */
  get isEmpty(): boolean {
    return this.#held === 0 && this.#bodyLength === undefined;
  }

  #next(): Uint8Array | undefined {
    if (this.#bodyLength === undefined) {
      if (this.#held < LENGTH_BYTES) return undefined;
      const head = this.#take(LENGTH_BYTES);
      const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
      if (length > MAX_FRAME_BYTES) throw new FrameError(length);
      this.#bodyLength = length;
    }
    if (this.#held < this.#bodyLength) return undefined;
    const body = this.#take(this.#bodyLength);
    this.#bodyLength = undefined;
    return body;
  }

  /** The next `length` of the bytes held; joins chunks only when a frame is complete. */
  #take(length: number): Uint8Array {
    const all = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    const joined = all ?? concatBytes(...this.#chunks);
    const rest = joined.subarray(length);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#held = rest.length;
    return joined.subarray(0, length);
  }
}

/** A length that no honest side sends; the connection cannot be read any further. */
export class FrameError extends BridgeError<{ length: number }> {
  readonly code = 'FRAME_TOO_LONG';
  readonly disposition = 'reject';
  constructor(length: number) {
    super(
      `Expected a frame of at most ${MAX_FRAME_BYTES} bytes, got ${length}; send the input in parts.`,
      { length },
    );
  }
}
