import { z } from 'zod';

/** How the local world is to be. */
export const devnetConfigSchema = z
  .strictObject({
    folder: z.string().min(1).default('.veilspan').describe('where the world writes its files'),
    host: z.string().min(1).default('127.0.0.1').describe('address its servers listen on'),
    advertise: z
      .string()
      .min(1)
      .optional()
      .describe('host name to write into the configuration files, where it is not the address'),
    polkadot: z
      .enum(['typescript', 'native'])
      .default('typescript')
      .describe('the Polkadot side: the chain in this process, or three native nodes'),
    topology: z
      .enum(['solo', 'parachain'])
      .default('solo')
      .describe(
        'the Polkadot side: one chain that finalizes itself, or a parachain and its relay chain',
      ),
    parachains: z
      .int()
      .min(1)
      .max(2)
      .default(1)
      .describe('parachains of the relay chain, each with a gateway; the first has the anchor'),
    slotMs: z
      .int()
      .min(1000, 'must be at least 1000: both chains share one clock, and a slot takes a second')
      .max(12_000)
      .multipleOf(1000, 'must be whole seconds: block times are')
      .default(1000)
      .describe('milliseconds of an Ethereum slot, whole seconds'),
    startSlot: z
      .int()
      .min(0)
      .max(512)
      .default(40)
      .describe('Ethereum slots made at once at the start; committees hand over every 64'),
    setChangeIntervalBlocks: z
      .int()
      .min(2)
      .max(10_000)
      .default(20)
      .describe('blocks between two changes of the GRANDPA authority set'),
  })
  .refine(({ polkadot, topology }) => polkadot === 'typescript' || topology === 'solo', {
    path: ['topology'],
    error: 'must be "solo" with native nodes: they run no relay chain',
  })
  .refine(({ parachains, topology }) => parachains === 1 || topology === 'parachain', {
    path: ['parachains'],
    error: 'must be 1 unless the topology is "parachain"',
  });

export type DevnetConfig = z.output<typeof devnetConfigSchema>;
