import { z } from 'zod';

/** Where a relayer sends traces, if anywhere. */
export const tracingSchema = z
  .strictObject({
    otlpUrl: z
      .url({ protocol: /^https?$/ })
      // What the URL of a collector holds is printed with the rest of the configuration, and no client would send it.
      .refine((url): boolean => {
        const { username, password, search } = new URL(url);
        return `${username}${password}${search}` === '';
      }, 'must have neither user, password nor query')
      .optional()
      .describe(
        'URL of an OpenTelemetry collector (OTLP/HTTP, as `http://127.0.0.1:4318`) that is told of transfers as traces; none is if it is left out',
      ),
  })
  .prefault({});
