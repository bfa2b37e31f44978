import { z } from 'zod';
import type { Hex } from '../shared/bytes.ts';
import { Secret } from './secret.ts';

const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/, 'must be 20 bytes of lower-case hex')
  .transform((text) => text as Hex);
const chainId = z.int().positive().transform(BigInt);
const secret = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));
const fromBlock = z.int().min(0).default(0);

/** What a relayer must know: two chains, the enclaves, where it keeps what it knows. */
export const relayerConfigSchema = z.strictObject({
  ethereum: z.strictObject({
    rpcUrl: z.url().describe('JSON-RPC of an Ethereum node'),
    beaconUrl: z.url().describe('Beacon API of a beacon node that serves light clients'),
    chainId: chainId.describe('chain id of the Ethereum side'),
    gateway: address.describe('the gateway on Ethereum'),
    signer: secret.describe('private key of the account that submits on Ethereum'),
    fromBlock: fromBlock.describe('block in which the gateway was deployed'),
  }),
  polkadot: z.strictObject({
    wsUrl: z.url().describe('WebSocket JSON-RPC of a Polkadot-side node'),
    chainId: chainId.describe('EVM chain id of the Polkadot side'),
    gateway: address.describe('the gateway on the Polkadot side'),
    anchor: address.describe('the anchor contract'),
    relay: z
      .strictObject({
        wsUrl: z.url().describe('WebSocket JSON-RPC of a node of the relay chain'),
        paraId: z.int().min(0).max(0xffff_ffff).describe('id of the parachain'),
      })
      .optional()
      .describe('given if the Polkadot side is a parachain: the chain that makes it final'),
    signer: secret.describe('SURI of the account that submits there, such as //Alice'),
    fromBlock: fromBlock.describe('block in which the gateway was deployed'),
  }),
  beneficiary: address.describe("who gets the commits' share of the fees"),
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
      redisUrl: secret.optional().describe('Redis for the queue instead of the embedded database'),
    })
    .prefault({}),
  pollMs: z.int().min(50).max(60_000).default(500).describe('milliseconds between looks at a head'),
  logLevel: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('least severity that is logged'),
});

export type RelayerConfig = z.output<typeof relayerConfigSchema>;
