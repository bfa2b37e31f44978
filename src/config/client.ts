import { z } from 'zod';
import { hexOf } from '../shared/hex-schema.ts';
import { nameSchema } from '../shared/name-schema.ts';
import { addressSchema, chainIdSchema, checkChains, routeSchema } from './chains.ts';

const lightClient = z.strictObject({
  id: nameSchema.describe('what the chains below call it'),
  kind: nameSchema.describe('the kind of its consensus, such as ethereum or substrate'),
  url: z.url().describe('of a node that serves its finality: a Beacon API, a Substrate WebSocket'),
});

const chain = z.strictObject({
  chainId: chainIdSchema.describe('EVM chain id'),
  name: nameSchema.describe('what commands call it'),
  kind: nameSchema.describe('the kind of chain, such as ethereum or substrate'),
  url: z.url().describe('JSON-RPC of one of its nodes'),
  gateway: addressSchema.describe('its gateway'),
  registry: addressSchema.describe('its registry of enclaves'),
  lightClient: nameSchema.describe('the light client whose finality makes it final'),
  route: routeSchema.describe('`"direct"`, or by which parachain id it hangs on a relay chain'),
  fromBlock: z.int().min(0).default(0).describe('block in which the gateway was deployed'),
});

const token = z.strictObject({
  symbol: z.string().min(1).max(16).describe('what you call it on the command line'),
  asset: hexOf(32).describe('asset id'),
  decimals: z.int().min(0).max(36).describe('places after the point'),
  addresses: z
    .record(z.string().regex(/^[1-9][0-9]{0,15}$/, 'must be a chain id'), addressSchema)
    .describe('its token by chain id; the zero address is the native coin'),
});

/** What a user's commands (`bridge`, `status`) must know: nodes, and where the contracts are. */
export const clientConfigSchema = z
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
    enclave: z
      .string()
      .min(1)
      .optional()
      .describe('socket path or host:port of an enclave to ask how far it has verified'),
    tokens: z
      .array(token)
      .max(256)
      .default([])
      .describe('the assets that commands may name by symbol'),
  })
  .superRefine((config, context) => {
    checkChains(config, context);
    checkTokens(config, context);
  });

export type ClientConfig = z.output<typeof clientConfigSchema>;
/** One of the chains of a client's configuration. */
export type ClientChain = ClientConfig['chains'][number];
/** One of its assets. */
export type ClientToken = ClientConfig['tokens'][number];

interface Tokens {
  readonly chains: readonly { readonly chainId: bigint }[];
  readonly tokens: readonly { readonly addresses: Readonly<Record<string, unknown>> }[];
}

function checkTokens({ chains, tokens }: Tokens, context: z.RefinementCtx): void {
  const ids = new Set(chains.map(({ chainId }) => `${chainId}`));
  tokens.forEach(({ addresses }, i) => {
    for (const id of Object.keys(addresses).filter((each) => !ids.has(each))) {
      const path = ['tokens', i, 'addresses', id];
      context.addIssue({ code: 'custom', path, message: `chains has no chain ${id}` });
    }
  });
}
