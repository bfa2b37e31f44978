import { z } from 'zod';

const listenSchema = z
  .string()
  .regex(/^(?:[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\]):[0-9]{1,5}$/, 'must be host:port')
  .transform((text) => {
    const cut = text.lastIndexOf(':');
    return { host: text.slice(0, cut).replace(/^\[|\]$/g, ''), port: Number(text.slice(cut + 1)) };
  })
  .refine(({ port }): boolean => port <= 0xffff, 'has a port above 65535');

const limits = {
  requestsPerMinute: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(240)
    .describe('requests of one address, or of one IPv6 /64, that are answered in a minute'),
  streams: z
    .int()
    .min(0)
    .max(10_000)
    .default(64)
    .describe(
      'clients that may listen to state changes at the same time, of one address, or of one IPv6 /64, eight of them',
    ),
  trustedProxies: z
    .int()
    .min(0)
    .max(16)
    .default(0)
    .describe('proxies in front whose word on the address of a client is taken'),
  allowOrigins: z
    .array(z.url())
    .max(32)
    .default([])
    .describe('origins whose web pages may read the answers'),
};

/** What a relayer serves of itself, if anything. */
export const statusSchema = z
  .strictObject({
    listen: listenSchema
      .optional()
      .describe(
        '`host:port` where `/live`, `/ready`, `/metrics` and the status API are served; nowhere if it is left out. For operators: keep it from the public',
      ),
    ...limits,
  })
  .prefault({});

/** What the status API serves when it is a process of its own. */
export const apiStatusSchema = z
  .strictObject({
    listen: listenSchema
      .prefault('127.0.0.1:8080')
      .describe('`host:port` where `/live`, `/ready` and the status API are served'),
    ...limits,
  })
  .prefault({});
