import { z } from 'zod';
import type { Hex } from '../shared/bytes.ts';

const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/, 'must be 20 bytes of lower-case hex')
  .transform((text) => text as Hex);
const url = z.url();
const chainId = z.int().positive();
const fromBlock = z.int().min(0).default(0);

/** What a user's commands (`bridge`, `status`) must know: two nodes and where the contracts are. */
export const clientConfigSchema = z.strictObject({
  ethereum: z.strictObject({
    rpcUrl: url.describe('JSON-RPC of an Ethereum node'),
    beaconUrl: url.describe('Beacon API of a beacon node'),
    chainId: chainId.describe('chain id of the Ethereum side'),
    gateway: address.describe('the gateway on Ethereum'),
    registry: address.describe('the enclave registry on Ethereum'),
    fromBlock: fromBlock.describe('block in which the gateway was deployed'),
  }),
  polkadot: z.strictObject({
    wsUrl: url.describe('WebSocket JSON-RPC of a Polkadot-side node'),
    chainId: chainId.describe('EVM chain id of the Polkadot side'),
    relay: z
      .strictObject({
        wsUrl: url.describe('WebSocket JSON-RPC of a node of the relay chain'),
        paraId: z.int().min(0).max(0xffff_ffff).describe('id of the parachain'),
      })
      .optional()
      .describe('given if the Polkadot side is a parachain: the chain that makes it final'),
    gateway: address.describe('the gateway on the Polkadot side'),
    registry: address.describe('the enclave registry on the Polkadot side'),
    anchor: address.describe('the anchor contract'),
    blockMs: z
      .int()
      .min(100)
      .max(600_000)
      .default(6000)
      .describe('milliseconds between blocks, for estimates'),
    fromBlock: fromBlock.describe('block in which the gateway was deployed'),
  }),
  enclave: z
    .string()
    .min(1)
    .optional()
    .describe('socket path or host:port of an enclave to ask how far it has verified'),
  tokens: z
    .array(
      z.strictObject({
        symbol: z.string().min(1).max(16).describe('what you call it on the command line'),
        asset: z
          .string()
          .regex(/^0x[0-9a-f]{64}$/, 'must be 32 bytes of lower-case hex')
          .transform((text) => text as Hex)
          .describe('asset id'),
        decimals: z.int().min(0).max(36).describe('places after the point'),
        ethereum: address.describe('token on Ethereum; the zero address is the native coin'),
        polkadot: address.describe(
          'token on the Polkadot side; the zero address is the native coin',
        ),
      }),
    )
    .max(256)
    .default([])
    .describe('the assets that commands may name by symbol'),
});

export type ClientConfig = z.output<typeof clientConfigSchema>;
