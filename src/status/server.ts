import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { askerOf } from './asker.ts';
import { httpStatusOf, StatusError, toStatusError } from './status-error.ts';

/** What a server lets be asked of it. */
export interface ServerLimits {
  /** Requests of one address in a minute; of IPv6, where whoever has one has 2^64, of one subnet of that size. */
  readonly requestsPerMinute: number;
  /** Proxies in front, whose word on the address of a client is taken. */
  readonly trustedProxies: number;
  /** Origins whose pages may read the answers; none unless they are named. */
  readonly allowOrigins: readonly string[];
  /** How long an answer may take, in milliseconds. */
  readonly answerMs?: number;
  /** Hears of failures that nobody foresaw; of the request it is told nothing. */
  readonly onUnexpected?: (error: unknown) => void;
}

/** No request of ours has a longer body. */
const MOST_BODY_BYTES = 1024;
const REQUEST_MS = 10_000;
const ANSWER_MS = 10_000;

/**
 * Creates a server without routes. It keeps no log of requests: who asks about which tag is nobody's business.
 */
export async function createServer(limits: ServerLimits): Promise<FastifyInstance> {
  const { requestsPerMinute, trustedProxies, answerMs = ANSWER_MS } = limits;
  const app = fastify({
    logger: false,
    bodyLimit: MOST_BODY_BYTES,
    requestTimeout: REQUEST_MS,
    handlerTimeout: answerMs,
    forceCloseConnections: true,
    trustProxy: (_address, hop) => hop < trustedProxies,
    ajv: { customOptions: { removeAdditional: false } },
    // A path that comes to no route runs no hook, and by itself would be answered with all of it.
    frameworkErrors: (error, request, reply) => {
      setHeaders(request, reply, limits);
      refuse(reply, error, limits);
    },
  });
  // Answers are made to the schema, which a test holds them to; the schemas are for those who read the OpenAPI document.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  app.setErrorHandler((error, _request, reply) => refuse(reply, error, limits));
  app.setNotFoundHandler((_request, reply) =>
    refuse(reply, new StatusError('STATUS_NOT_FOUND', 'there is no such thing to ask for'), limits),
  );
  app.addHook('onRequest', (request, reply, done) => {
    setHeaders(request, reply, limits);
    done();
  });
  await app.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: ({ ip }) => askerOf(ip),
    errorResponseBuilder: () =>
      new StatusError(
        'STATUS_TOO_MANY_REQUESTS',
        `${requestsPerMinute} requests a minute are answered; try again later`,
      ),
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Veilspan status',
        version: '1',
        description:
          'Where transfers are, and where the bridge is. Nothing here is more than the chains show; each field says where.',
      },
    },
  });
  app.get('/v1/openapi.json', { schema: { hide: true } }, () => app.swagger());
  app.options('*', { schema: { hide: true } }, (_request, reply) => reply.code(204).send());
  return app;
}

function setHeaders(
  { headers: { origin } }: FastifyRequest,
  reply: FastifyReply,
  { allowOrigins }: ServerLimits,
): void {
  reply.header('cache-control', 'no-store');
  reply.header('x-content-type-options', 'nosniff');
  reply.header('vary', 'origin');
  if (origin === undefined || !allowOrigins.includes(origin)) return;
  reply.header('access-control-allow-origin', origin);
  reply.header('access-control-allow-methods', 'GET, POST');
  reply.header('access-control-allow-headers', 'content-type, last-event-id');
}

function refuse(reply: FastifyReply, error: unknown, { onUnexpected }: ServerLimits) {
  const known = toStatusError(error);
  if (known.code === 'STATUS_UNEXPECTED') onUnexpected?.(error);
  reply.code(httpStatusOf(known)).send({ code: known.code, message: known.message });
}

/** Where a server listens, of `host:port`. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Has a server listen. @returns its URL @throws {StatusError} STATUS_ADDRESS_UNUSABLE */
export async function listen(app: FastifyInstance, { host, port }: ListenAddress): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? `${cause.code}` : 'no reason given';
    const what = `nothing can listen at ${host}:${port} (${why}); is another process there?`;
    throw new StatusError('STATUS_ADDRESS_UNUSABLE', what, { cause });
  }
}
