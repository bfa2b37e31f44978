import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';

// A collector of OpenTelemetry traces, as far as a relayer can tell: it takes what is posted and keeps it.

const value = z.union([
  z.object({ stringValue: z.string() }).transform(({ stringValue }) => stringValue),
  z
    .object({ intValue: z.union([z.string(), z.number()]) })
    .transform(({ intValue }) => `${intValue}`),
]);
const attributes = z
  .array(z.object({ key: z.string(), value }))
  .transform((list) => Object.fromEntries(list.map(({ key, value: told }) => [key, told])));
const span = z.object({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z.string().optional(),
  name: z.string(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes,
  links: z.array(z.unknown()),
});
const request = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});

/** A span as a collector takes it. */
export type TakenSpan = z.output<typeof span> & { readonly teller: string };

export interface TraceCollector {
  readonly url: string;
  readonly spans: readonly TakenSpan[];
  /** How many requests there were, whatever they were answered with. */
  requests(): number;
  /** What it answers from now on: a status, or nothing at all. */
  answer(status: number | 'nothing', body?: string): void;
  close(): Promise<void>;
}

/** Starts a collector on a port of its own. */
export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: TakenSpan[] = [];
  let answer: { readonly status: number | 'nothing'; readonly body: string } = {
    status: 200,
    body: '{}',
  };
  let requests = 0;
  const server = createServer(async (incoming, response) => {
    let text = '';
    for await (const chunk of incoming) text += chunk;
    requests += 1;
    if (answer.status === 'nothing') return;
    if (answer.status === 200 && incoming.url === '/v1/traces') spans.push(...spansIn(text));
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    requests: () => requests,
    answer: (status, body = '{}') => {
      answer = { status, body };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function spansIn(text: string): TakenSpan[] {
  return request.parse(JSON.parse(text)).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) =>
      scope.spans.map((taken) => ({
        ...taken,
        teller: resource.attributes['service.instance.id'] ?? '',
      })),
    ),
  );
}
