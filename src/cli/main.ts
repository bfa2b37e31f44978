import { Command, CommanderError } from 'commander';
import { BridgeError } from '../shared/errors.ts';
import { addAccountCommand } from './commands/account.ts';
import { addApiCommand } from './commands/api.ts';
import { addBridgeCommand } from './commands/bridge.ts';
import { addCheckpointCommand } from './commands/checkpoint.ts';
import { addClaimCommand } from './commands/claim.ts';
import { addCompletionCommand } from './commands/completion.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDevnetCommand } from './commands/devnet.ts';
import { addEnclaveCommand } from './commands/enclave.ts';
import { addRelayerCommand } from './commands/relayer.ts';
import { addStatusCommand } from './commands/status.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts';
import { systemFailureOf } from './system-failure.ts';

const HELP_TAIL = `
Exit codes: 0 done · 1 failed · 2 usage or configuration · 3 evidence refused · 4 transfer not found ·
5 a balance is off · 6 a chain, enclave or database is unreachable · 7 it must not go on ·
8 in use by another process. More: docs/cli.md
New here? \`npm run demo\` shows everything on this machine in two and a half minutes.`;

const program = new Command('veilspan')
  .description(
    'A private bridge between Ethereum and Polkadot. ' +
      'Enclaves verify both chains and sign what leaves; relayers carry what they cannot read.',
  )
  .exitOverride()
  .showHelpAfterError()
  .addHelpText('after', HELP_TAIL);

// The commands load what they run only when they run it: the rest is a second of everyone's time.
addDemoCommand(program);
addDevnetCommand(program);
addEnclaveCommand(program);
addRelayerCommand(program);
addApiCommand(program);
addBridgeCommand(program);
addAccountCommand(program);
addStatusCommand(program);
addClaimCommand(program);
addVerifyCommand(program);
addCheckpointCommand(program);
addCompletionCommand(program);

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

// What nobody waits for fails like everything else: node would print all that the error holds.
process.on('uncaughtException', (error) => process.exit(explain(error)));

try {
  await program.parseAsync();
} catch (error) {
  // Whatever the command has left open.
  process.exit(explain(error));
}

/** Says what went wrong in a line or two, and which exit code that is. */
function explain(thrown: unknown): ExitCode {
  const error = systemFailureOf(thrown) ?? thrown;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof BridgeError) {
    console.error(`${error.code}: ${error.message}`);
    console.error(`  see docs/errors.md#${error.code.toLowerCase()}`);
    return exitCodeOf(error.code);
  }
  console.error(error instanceof Error ? error.stack : error);
  return EXIT.failed;
}
