import { describe, expect, it } from 'vitest';
import { MAX_FRAME_BYTES } from '../../../src/protocol/enclave-commands.ts';
import { encodeFrame, FrameDecoder } from '../../../src/protocol/enclave-frames.ts';
import { concatBytes, utf8 } from '../../../src/shared/bytes.ts';

const text = (body: Uint8Array) => new TextDecoder().decode(body);

describe('frames between an enclave and its host', () => {
  it('come out as they went in, however the stream is cut', () => {
    const bodies = ['{"id":1}', '', 'x'.repeat(70_000)];
    const stream = concatBytes(...bodies.map((body) => encodeFrame(utf8(body))));
    for (const size of [1, 3, 4, 5, 4096, stream.length]) {
      const decoder = new FrameDecoder();
      const out: string[] = [];
      for (let at = 0; at < stream.length; at += size) {
        out.push(...decoder.push(stream.subarray(at, at + size)).map(text));
      }
      expect(out).toEqual(bodies);
      expect(decoder.isEmpty).toBe(true);
    }
  });

  it('are known to be unfinished', () => {
    const decoder = new FrameDecoder();
    decoder.push(encodeFrame(utf8('abc')).subarray(0, 5));
    expect(decoder.isEmpty).toBe(false);
  });

  it('are refused by their length alone when it is above the bound', () => {
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, MAX_FRAME_BYTES + 1);
    expect(() => new FrameDecoder().push(head)).toThrow(
      expect.objectContaining({ code: 'FRAME_TOO_LONG', meta: { length: MAX_FRAME_BYTES + 1 } }),
    );
  });

  it('are made of a body of exactly the bound, and of no longer one', () => {
    const longest = new Uint8Array(MAX_FRAME_BYTES);
    expect(encodeFrame(longest)).toHaveLength(4 + MAX_FRAME_BYTES);
    expect(() => encodeFrame(new Uint8Array(MAX_FRAME_BYTES + 1))).toThrow(
      expect.objectContaining({ code: 'FRAME_TOO_LONG', meta: { length: MAX_FRAME_BYTES + 1 } }),
    );
  });

  it('take a body of exactly the bound', () => {
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, MAX_FRAME_BYTES);
    expect(new FrameDecoder().push(head)).toEqual([]);
  });
});
