import { createInterface } from 'node:readline/promises';
import { CommandLineError } from './command-line-error.ts';

/** Asks whether to go on, unless the answer was given on the command line. @throws {CommandLineError} the answer is no */
export async function confirm({ yes }: { readonly yes?: boolean }): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new CommandLineError('nobody can be asked; give --yes to go on');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question('go on? [y/N] ');
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandLineError('you said no');
  } finally {
    terminal.close();
  }
}
