import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Command, InvalidArgumentError } from 'commander';
import { enclaveConfigSchema } from '../../config/enclave.ts';
import { loadConfig } from '../../config/load.ts';
import { verifyLines } from '../../verify/verify-lines.ts';
import type { VerifyOptions } from '../../verify/verify-step.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

interface Options {
  readonly config?: string;
  readonly knownSince?: bigint;
}

/** `veilspan verify`: the enclave's checks, on a user's own machine. */
export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .summary("an enclave's checks, repeated on your own machine")
    .description(
      "Checks a recorded proof bundle with the enclave's own code, here: the updates, justifications and\n" +
        'storage proofs that an enclave accepted, from the checkpoints of its configuration on, or those of a\n' +
        'bundle that says itself what it rests on. Prints what each step proves; ends with exit code 3 at the\n' +
        'first one that proves nothing, and at a checkpoint older than the weak-subjectivity period.',
    )
    .argument('<evidence file>', 'what an enclave host recorded, or a proof bundle (docs/cli.md)')
    .option(
      '-c, --config <file>',
      'an enclave configuration that you trust, to compare with its own',
    )
    .option(
      '--known-since <date>',
      'when you learnt the checkpoints from somebody you trust; now, unless given',
      parseDate,
    )
    .action(async (file: string, { config, knownSince = nowSec() }: Options) => {
      const expected = measuredOf(config);
      process.exitCode = await printVerification(file, { expected, knownSinceSec: knownSince });
    });
}

async function printVerification(file: string, options: VerifyOptions): Promise<ExitCode> {
  const said = verifyLines(createInterface({ input: createReadStream(file) }), options);
  for (;;) {
    const next = await said.next();
    if (next.done) return next.value ? EXIT.ok : EXIT.refused;
    console.log(next.value);
  }
}

function measuredOf(file: string | undefined): unknown {
  return file && loadConfig(enclaveConfigSchema, file, {}, 'VEILSPAN_ENCLAVE').measured;
}

function nowSec(): bigint {
  return BigInt(Math.floor(Date.now() / 1000));
}

function parseDate(text: string): bigint {
  const timeMs = Date.parse(text);
  if (Number.isNaN(timeMs)) throw new InvalidArgumentError('expected a date like 2026-01-31');
  return BigInt(Math.floor(timeMs / 1000));
}
