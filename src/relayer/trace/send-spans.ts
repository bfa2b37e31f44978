import * as z from 'zod';
import type { Hex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import { encodeOtlp } from './encode-otlp.ts';
import type { Span } from './spans.ts';

const answerSchema = z.object({
  partialSuccess: z.object({ rejectedSpans: z.coerce.number().default(0) }).optional(),
});

/** What a collector may be told again later, by OTLP/HTTP; every other refusal is for good. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Spans, and where they go. */
export interface Sending {
  /** Of the collector, without `/v1/traces`. */
  readonly url: string;
  readonly teller: Hex;
  readonly spans: readonly Span[];
}

/**
 * Hands spans to a collector.
 *
 * SPEC: OTLP 1.x, OTLP/HTTP with JSON.
 *
 * @returns how many it has not taken, for good
 * @throws {CollectorAway} TRACE_COLLECTOR_AWAY: they may be sent again
 */
export async function sendSpans(
  { url, teller, spans }: Sending,
  signal: AbortSignal,
): Promise<number> {
  try {
    const response = await fetch(`${url.replace(/\/$/, '')}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: encodeOtlp(teller, spans),
      signal,
    });
    const text = await response.text();
    if (RETRYABLE.has(response.status)) throw new CollectorAway({ status: response.status });
    return response.ok ? rejectedIn(text) : spans.length;
  } catch (error) {
    if (error instanceof CollectorAway) throw error;
    throw new CollectorAway({ status: null }, { cause: error });
  }
}

/** Collectors may answer with nothing, or not with JSON: they have taken all then. */
function rejectedIn(text: string): number {
  if (!text.startsWith('{')) return 0;
  try {
    return answerSchema.parse(JSON.parse(text)).partialSuccess?.rejectedSpans ?? 0;
  } catch {
    return 0;
  }
}

/** The collector of traces does not answer, or has too much to do. */
export class CollectorAway extends BridgeError<{ status: number | null }> {
  readonly code = 'TRACE_COLLECTOR_AWAY';
  readonly disposition = 'retry';
  constructor(meta: { status: number | null }, options?: { cause?: unknown }) {
    const how = meta.status === null ? 'does not answer' : `answers with status ${meta.status}`;
    super(`The collector of traces ${how}; it is told later.`, meta, options);
  }
}
