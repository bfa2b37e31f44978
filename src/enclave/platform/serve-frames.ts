import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { FrameDecoder } from '../../protocol/enclave-frames.ts';
import type { Enclave } from '../answer.ts';

/**
 * Answers frame after frame until the input ends. Reads no further while an answer is being made or written, so that
 * what is held stays within one frame and one answer.
 *
 * @throws {FrameError} a length that cannot be read past: the caller ends the process
 */
export async function serveFrames(
  input: Readable,
  output: Writable,
  enclave: Enclave,
): Promise<void> {
  const decoder = new FrameDecoder();
  for await (const chunk of input as AsyncIterable<Uint8Array>) {
    for (const body of decoder.push(chunk)) {
      if (!output.write(await enclave.answer(body))) await once(output, 'drain');
    }
  }
}
