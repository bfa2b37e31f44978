import { z } from 'zod';
import { addressSchema, bridgeKeys, chainKeys, checkChains } from './chains.ts';
import { Secret } from './secret.ts';
import { apiStatusSchema } from './status.ts';

const chain = z.strictObject({
  ...chainKeys,
  registry: addressSchema
    .optional()
    .describe('its registry of enclaves; left out, the gateway is asked for it'),
});

/** What the status API must know: the chains and the journal. It holds no key of anybody. */
export const apiConfigSchema = z
  .strictObject({
    ...bridgeKeys(chain),
    journal: z.strictObject({
      postgresUrl: z
        .string()
        .min(1)
        .transform((text) => new Secret(text))
        .describe("the relayer's Postgres; the API only reads it"),
    }),
    commitEverySec: z
      .int()
      .min(1)
      .max(86_400)
      .default(300)
      .describe('seconds between commits, as the relayers keep them'),
    status: apiStatusSchema,
  })
  .superRefine(checkChains);

export type ApiConfig = z.output<typeof apiConfigSchema>;
/** One of the chains of the API's configuration. */
export type ApiChain = ApiConfig['chains'][number];
