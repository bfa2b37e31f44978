import { z } from 'zod';
import { nameSchema } from '../shared/name-schema.ts';
import { addressSchema, chainIdSchema, checkChains, routeSchema } from './chains.ts';
import { Secret } from './secret.ts';

const secret = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));

const lightClient = z.strictObject({
  id: nameSchema.describe('what the enclaves call it'),
  kind: nameSchema.describe('the kind of its consensus, such as ethereum or substrate'),
  url: z.url().describe('of a node that serves its finality: a Beacon API, a Substrate WebSocket'),
});

const chain = z.strictObject({
  chainId: chainIdSchema.describe('EVM chain id'),
  name: nameSchema.describe('what logs call it'),
  kind: nameSchema.describe('the kind of chain, such as ethereum or substrate'),
  url: z.url().describe('JSON-RPC of one of its nodes: HTTP, or WebSocket of a Substrate node'),
  gateway: addressSchema.describe('its gateway'),
  lightClient: nameSchema.describe('the light client whose finality makes it final'),
  route: routeSchema.describe('`"direct"`, or by which parachain id it hangs on a relay chain'),
  signer: secret.describe('of the account that submits there: a private key, a SURI as //Alice'),
  fromBlock: z.int().min(0).default(0).describe('block in which the gateway was deployed'),
});

/** What a relayer must know: the chains, the enclaves, where it keeps what it knows. */
export const relayerConfigSchema = z
  .strictObject({
    lightClients: z
      .array(lightClient)
      .min(1)
      .max(16)
      .describe('where finality comes from; parachains of one relay chain share one'),
    chains: z.array(chain).min(2).max(16).describe('the chains that are bridged'),
    anchor: z.strictObject({
      chainId: chainIdSchema.describe('the chain that keeps the state id and the log of commits'),
      address: addressSchema.describe('the anchor contract there'),
    }),
    beneficiary: addressSchema
      .refine((address): boolean => BigInt(address) !== 0n, 'must not be the zero address')
      .describe("who gets the commits' share of the fees"),
    enclaves: z
      .array(z.string().min(1))
      .min(1)
      .max(16)
      .describe('socket path or host:port of each enclave; the first leads, all sign'),
    journal: z
      .strictObject({
        folder: z
          .string()
          .min(1)
          .default('.veilspan/relayer')
          .describe('where the embedded database keeps the journal and the queue'),
        postgresUrl: secret.optional().describe('Postgres to keep the journal in instead'),
      })
      .prefault({}),
    queue: z
      .strictObject({
        redisUrl: secret
          .optional()
          .describe('Redis for the queue instead of the embedded database'),
      })
      .prefault({}),
    pollMs: z
      .int()
      .min(50)
      .max(60_000)
      .default(500)
      .describe('milliseconds between looks at a head'),
    logLevel: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('info')
      .describe('least severity that is logged'),
  })
  .superRefine(checkChains);

export type RelayerConfig = z.output<typeof relayerConfigSchema>;
/** One of the chains of a relayer's configuration. */
export type RelayerChain = RelayerConfig['chains'][number];
