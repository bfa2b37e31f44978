import { z } from 'zod';

/** What the enclave's untrusted host must know. */
export const enclaveConfigSchema = z.strictObject({
  folder: z.string().min(1).describe("the enclave's own folder: sealed state and enclave.json"),
  listen: z
    .string()
    .min(1)
    .describe('where relayers reach it: a socket path, or a port of this machine (0: any)'),
  record: z
    .string()
    .min(1)
    .optional()
    .describe('file to record every accepted proof in, for `veilspan verify`'),
  measured: z
    .unknown()
    .describe('what the enclave believes: checkpoints, contracts, epoch; part of its measurement'),
});
