import { Argument, type Command } from 'commander';
import { completionFor, SHELLS, type Shell } from '../completion.ts';

/** `veilspan completion`: has a shell complete the commands. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .summary('a script by which your shell completes commands and options')
    .description(
      'Prints a script by which a shell completes the commands and their options: `source <(veilspan completion bash)`, the same for zsh, or ' +
        '`veilspan completion fish | source`.',
    )
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action((shell: Shell) => {
      process.stdout.write(completionFor(program, shell));
    });
}
