import type { Command } from 'commander';
import { enclaveConfigSchema } from '../../config/enclave.ts';
import { loadConfig } from '../../config/load.ts';
import { verifyEvidence } from '../verify-evidence.ts';

/** `veilspan verify`: the enclave's checks, on a user's own machine. */
export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .summary("an enclave's checks, repeated on your own machine")
    .description(
      "Checks a recorded proof bundle with the enclave's own code, here: the updates, justifications and " +
        'storage proofs that an enclave accepted, from the checkpoints of its configuration on. Prints what ' +
        'each step proves; ends with exit code 3 at the first one that proves nothing.',
    )
    .argument('<evidence file>', 'what an enclave host recorded (`record` in its configuration)')
    .option(
      '-c, --config <file>',
      'an enclave configuration that you trust, to compare with its own',
    )
    .action(async (file: string, options: { config?: string }) => {
      process.exitCode = await verifyEvidence(file, measuredOf(options.config));
    });
}

function measuredOf(file: string | undefined): unknown {
  return file && loadConfig(enclaveConfigSchema, file, {}, 'VEILSPAN_ENCLAVE').measured;
}
