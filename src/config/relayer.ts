import { z } from 'zod';
import { hexOf } from '../shared/hex-schema.ts';
import { bridgeKeys, chainKeys, checkChains } from './chains.ts';
import { Secret } from './secret.ts';
import { profitSchema, spendingSchema } from './spending.ts';
import { statusSchema } from './status.ts';
import { tracingSchema } from './tracing.ts';

const secret = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));

const chain = z.strictObject({
  ...chainKeys,
  signer: secret.describe(
    'of the account that submits to the chain: a private key, a SURI as //Alice',
  ),
  commitSigner: secret
    .optional()
    .describe(
      'of an account that commits, where commits are not to share one with releases; used on the anchor’s chain alone',
    ),
  inFlight: z
    .int()
    .min(1)
    .max(1024)
    .default(64)
    .describe(
      'transactions of an account that wait for a block at the same time; geth keeps no more than 64 of an account (txpool.accountqueue) if one before them is missing',
    ),
  spending: spendingSchema.prefault({}),
  profit: profitSchema
    .optional()
    .describe('weighs what waits for the chain before any of it is sent; left out, all is sent'),
});

/** What a relayer must know: the chains, the enclaves, where it keeps what it knows. */
export const relayerConfigSchema = z
  .strictObject({
    ...bridgeKeys(chain),
    beneficiary: hexOf(32)
      .refine((account): boolean => BigInt(account) !== 0n, 'must not be zero')
      .describe("the account inside the ledger that is credited with the messages' fees"),
    enclaves: z
      .array(z.string().min(1))
      .min(1)
      .max(16)
      .describe(
        'socket path or host:port of each enclave: those lead whose ledgers say the same and have come furthest, and as many sign as the contracts ask for',
      ),
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
    commitEverySec: z
      .int()
      .min(1)
      .max(86_400)
      .default(300)
      .describe('seconds between commits, whether or not anything leaves'),
    snapshotEveryCommits: z
      .int()
      .min(1)
      .max(100_000)
      .default(64)
      .describe('commits between sealed snapshots of the ledger, of which the journal keeps two'),
    pollMs: z
      .int()
      .min(50)
      .max(60_000)
      .default(500)
      .describe('milliseconds between looks at a head'),
    status: statusSchema,
    tracing: tracingSchema,
    logLevel: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('info')
      .describe('least severity that is logged'),
    logFormat: z
      .enum(['auto', 'json', 'pretty'])
      .default('auto')
      .describe('lines of JSON, or for eyes; auto: for eyes on a terminal'),
  })
  .superRefine(checkChains);

export type RelayerConfig = z.output<typeof relayerConfigSchema>;
/** One of the chains of a relayer's configuration. */
export type RelayerChain = RelayerConfig['chains'][number];
