import type { Command } from 'commander';
import { verifyEvidence } from '../verify-evidence.ts';

/** `veilspan verify`: the enclave's checks, on a user's own machine. */
export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description(
      "Checks a recorded proof bundle with the enclave's own code, here: the updates, justifications and\n" +
        'storage proofs that an enclave accepted, from the checkpoints of its configuration on. Prints what\n' +
        'each step proves; ends with exit code 3 at the first one that proves nothing.',
    )
    .argument('<evidence file>', 'what an enclave host recorded (`record` in its configuration)')
    .requiredOption('-c, --config <file>', "the enclave's configuration: checkpoints and contracts")
    .action(async (file: string, options: { config: string }) => {
      process.exitCode = await verifyEvidence(file, options.config);
    });
}
