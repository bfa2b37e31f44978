import { expect, it } from 'vitest';
import { encodeOtlp } from '../../../../src/relayer/trace/encode-otlp.ts';
import type { Span } from '../../../../src/relayer/trace/spans.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import vector from '../../../vectors/otlp-trace.json' with { type: 'json' };

const TELLER: Hex = `0x${'0b'.repeat(20)}`;
const TRACE = '0123456789abcdef0123456789abcdef';
const FIRST: Span = {
  traceId: TRACE,
  spanId: '0011223344556677',
  parentSpanId: undefined,
  name: 'deposit seen',
  startMs: 1_800_000_000_000,
  endMs: 1_800_000_000_250,
  attributes: { 'veilspan.chain_id': 420420499, 'veilspan.state': 'observed' },
  isError: false,
};

// The vector is what @opentelemetry/otlp-transformer 0.301.1 (JsonTraceSerializer) makes of the same spans.
it('spans are told as the serializer of OpenTelemetry tells them', () => {
  const second: Span = {
    ...FIRST,
    spanId: '8899aabbccddeeff',
    parentSpanId: FIRST.spanId,
    name: 'quarantined',
    startMs: FIRST.endMs,
    endMs: 1_800_000_003_999,
    attributes: { 'veilspan.block': 7 },
    isError: true,
  };
  expect(JSON.parse(encodeOtlp(TELLER, [FIRST, second]))).toEqual(vector);
});

it('integers that no number of JSON holds are told as text', () => {
  const told = encodeOtlp(TELLER, [{ ...FIRST, attributes: { 'veilspan.index': 2n ** 63n - 1n } }]);
  expect(told).toContain('{"intValue":"9223372036854775807"}');
});
