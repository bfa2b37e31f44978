import { z } from 'zod';
import { hexOf } from '../shared/hex-schema.ts';
import { addressSchema, bridgeKeys, chainKeys, checkChains, poolsSchema } from './chains.ts';

const chain = z.strictObject({
  ...chainKeys,
  registry: addressSchema.describe('its registry of enclaves'),
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
    ...bridgeKeys(chain),
    pools: poolsSchema.prefault({}),
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
