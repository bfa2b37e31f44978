import { z } from 'zod';
import { ethereumConfigSchema } from '../light-client/ethereum/config.ts';
import { polkadotConfigSchema } from '../light-client/polkadot/config.ts';
import { COMMANDS } from '../protocol/enclave-commands.ts';
import { fromHex, type Hex } from '../shared/bytes.ts';

// A proof bundle: one JSON object per line. The first says what is trusted, every other is a step that is proven from
// it. The steps of the light clients are those of the enclave's commands. Documented in docs/cli.md.

const bytes = z
  .string()
  .regex(/^0x(?:[0-9a-f]{2})*$/, 'lower-case 0x-prefixed hex')
  .transform((text) => fromHex(text));
const hexOf = (length: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-f]{${2 * length}}$`), `${length} bytes of lower-case hex`)
    .transform((text) => text as Hex);
const hash = hexOf(32);
const nodes = z.array(bytes).max(4096);

/** From the relay chain's block to one of the parachain; given if the configuration names a parachain, and only then. */
const hop = z
  .strictObject({
    /** Trie nodes of the path to the parachain's head. */
    headNodes: nodes,
    /** SCALE headers from the head's parent down to the block proven. */
    parents: z.array(bytes).max(1024),
  })
  .optional();

/** The first line: on what everything after it rests. */
export const bundleHeadSchema = z.strictObject({
  bundle: z.literal(1),
  trust: z.strictObject({
    /** Where the light client of Ethereum starts, and its rules. */
    ethereum: ethereumConfigSchema.optional(),
    /** Hash of an execution block that is taken to be final without a proof. */
    ethereumBlock: hash.optional(),
    /** Where the light client of Polkadot starts. */
    polkadot: polkadotConfigSchema.optional(),
  }),
});

/** What a bundle rests on. */
export type BundleTrust = z.output<typeof bundleHeadSchema>['trust'];

/** Every other line. */
export const bundleStepSchema = z.discriminatedUnion('command', [
  z.strictObject({
    command: z.literal('bootstrapEthereum'),
    params: COMMANDS.bootstrapEthereum.params,
  }),
  z.strictObject({
    command: z.literal('advanceEthereum'),
    params: COMMANDS.advanceEthereum.params,
  }),
  z.strictObject({
    command: z.literal('advancePolkadot'),
    params: COMMANDS.advancePolkadot.params,
  }),
  z.strictObject({
    /** An account, and words of its storage, under the header of a final block. */
    command: z.literal('proveEthereumState'),
    params: z.strictObject({
      /** RLP of the execution header. */
      header: bytes,
      address: hexOf(20),
      accountProof: nodes,
      slots: z.array(z.strictObject({ slot: hash, proof: nodes })).max(64),
    }),
  }),
  z.strictObject({
    /** Words of a contract's child trie in a final block; the nodes prove all of them together. */
    command: z.literal('provePolkadotSlots'),
    params: z.strictObject({
      blockHash: hash,
      trieId: hash,
      hop,
      slots: z.array(hash).min(1).max(64),
      nodes,
    }),
  }),
  z.strictObject({
    /** Which child trie and code a contract has. */
    command: z.literal('provePolkadotContract'),
    params: z.strictObject({ blockHash: hash, hop, address: hexOf(20), nodes }),
  }),
]);

/** A step of a bundle. */
export type BundleStep = z.output<typeof bundleStepSchema>;
