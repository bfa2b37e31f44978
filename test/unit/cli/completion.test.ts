import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addOperatorCommands } from '../../../src/cli/commands/relayer-operate.ts';
import { completionFor } from '../../../src/cli/completion.ts';

const program = new Command('veilspan');
program.command('status').summary("where it's at").option('--json', 'as JSON');
addOperatorCommands(program.command('relayer'));

/** What bash offers for the last of these words. */
function offered(words: readonly string[]): string[] {
  const script = `${completionFor(program, 'bash')}
COMP_WORDS=(${['veilspan', ...words].map((word) => `'${word}'`).join(' ')})
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_veilspan
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], {
    encoding: 'utf8',
    cwd: '/proc/self/fdinfo',
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

const HAS_FISH = spawnSync('fish', ['--version']).error === undefined;

/** What fish offers at the end of this line. */
function offeredByFish(line: string): string[] {
  const script = `${completionFor(program, 'fish')}
complete -C '${line}'`;
  const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script], {
    encoding: 'utf8',
    cwd: '/proc/self/fdinfo',
  });
  expect(stderr).toBe('');
  return stdout.split('\n').flatMap((each) => each.split('\t')[0] || []);
}

describe('the completion of a shell', () => {
  const AFTER_VALUES = [
    ['relayer --config relayer.json do', ['doctor']],
    ['relayer list --limit 4 --st', ['--state']],
    ['relayer pause release polkadot --re', ['--reason']],
  ] as const;

  it.each(AFTER_VALUES)('is not misled in bash by what is no command, after %j', (line, words) => {
    expect(offered(line.split(' '))).toEqual(words);
  });

  it.skipIf(!HAS_FISH).each(AFTER_VALUES)(
    'is not misled in fish by what is no command, after %j (skipped: no fish is installed)',
    (line, words) => {
      expect(offeredByFish(`veilspan ${line}`)).toEqual(words);
    },
  );

  it('tells commands from other words in fish by the commands that there are', () => {
    expect(completionFor(program, 'fish')).toContain(
      'set -l known "status" "relayer" "relayer list"',
    );
  });

  it.each([
    [['st'], ['status']],
    [['relayer', 'do'], ['doctor']],
    [['relayer', 'list', '--st'], ['--state']],
    [['relayer', 'bundle', 'e'], ['export']],
    [['relayer', 'nonce', 'r'], ['repair']],
    [['relayer', 'pause', 'commit', '--re'], ['--reason']],
  ])('offers in bash, after %j, %j', (words, commands) => {
    expect(offered(words)).toEqual(commands);
  });

  it('names every command and option in each shell', () => {
    const commands = program.commands.flatMap((each) => [each, ...each.commands]);
    for (const shell of ['bash', 'zsh', 'fish'] as const) {
      const script = completionFor(program, shell);
      for (const command of commands) {
        expect(script).toContain(command.name());
        for (const { long } of command.options) expect(script).toContain(long?.slice(2));
      }
    }
  });

  it('quotes what a summary says', () => {
    expect(completionFor(program, 'fish')).toContain("-d 'where it\\'s at'");
  });
});
