import type { Hex } from '../../shared/bytes.ts';
import type { Span } from './spans.ts';

const INTERNAL = 1;
const ERROR = 2;
/** It is sampled, and its parent, if it has one, is not another process's. */
const FLAGS = 0x101;

/**
 * A request to a collector, as JSON.
 *
 * SPEC: opentelemetry-proto v1 collector/trace/v1/trace_service.proto, `ExportTraceServiceRequest`, and OTLP's JSON: ids in hex, 64-bit
 * integers as text, enumerations as numbers. A vector of the project's own serializer holds this to it.
 *
 * @param teller the account that tells the relayers of several operators apart
 */
export function encodeOtlp(teller: Hex, spans: readonly Span[]): string {
  const resource = {
    attributes: attributesOf({ 'service.name': 'veilspan-relayer', 'service.instance.id': teller }),
    droppedAttributesCount: 0,
  };
  const scopeSpans = [{ scope: { name: 'veilspan' }, spans: spans.map(encodeSpan) }];
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] });
}

function encodeSpan(span: Span): unknown {
  const { traceId, spanId, parentSpanId, name, startMs, endMs, attributes, isError } = span;
  return {
    traceId,
    spanId,
    parentSpanId,
    name,
    kind: INTERNAL,
    startTimeUnixNano: toNano(startMs),
    endTimeUnixNano: toNano(endMs),
    attributes: attributesOf(attributes),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    status: { code: isError ? ERROR : 0 },
    links: [],
    droppedLinksCount: 0,
    flags: FLAGS,
  };
}

function toNano(ms: number): string {
  return `${BigInt(Math.round(ms)) * 1_000_000n}`;
}

function attributesOf(attributes: Span['attributes']) {
  return Object.entries(attributes).map(([key, value]) => {
    if (typeof value === 'string') return { key, value: { stringValue: value } };
    return { key, value: { intValue: typeof value === 'bigint' ? `${value}` : value } };
  });
}
