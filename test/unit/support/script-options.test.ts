import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readScriptOptions } from '../../support/script-options.ts';

const SCRIPT = {
  command: 'npm run measure',
  what: 'Measures.',
  options: {
    minutes: { type: 'number', value: 'M', what: 'for how long', default: 10 },
    runs: { type: 'whole number', value: 'N', what: 'at most', least: 1 },
    only: { type: 'text', value: 'NAME', what: 'only this one', among: ['one', 'other'] },
    quick: { type: 'flag', what: 'less of everything' },
  },
} as const;

/** What a script writes and ends with; one that goes on has no code. */
function call(...args: string[]) {
  let told = '';
  const write = (text: unknown) => {
    told += text;
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(write);
  vi.spyOn(process.stderr, 'write').mockImplementation(write);
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('ended');
  });
  try {
    const values = readScriptOptions(SCRIPT, args);
    return { values, told, code: undefined };
  } catch {
    return { values: undefined, told, code: exit.mock.calls[0]?.[0] };
  }
}

describe('the options of a script', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('are what was given, of the type that each has, and otherwise what is usual', () => {
    expect(call('--minutes', '0.5', '--only', 'one', '--quick').values).toEqual({
      minutes: 0.5,
      runs: undefined,
      only: 'one',
      quick: true,
    });
    expect(call().values).toEqual({ minutes: 10, runs: undefined, only: undefined, quick: false });
  });

  it.each([
    [['--hurry'], "'--hurry'"],
    [['now'], "'now'"],
    [['--minutes'], "'--minutes <value>'"],
    [['--quick=yes'], "'--quick'"],
    [['--minutes', 'x'], '--minutes takes a number from 0 on; got: x'],
    [['--minutes', ''], '--minutes takes a number from 0 on; got: '],
    [['--minutes=-1'], '--minutes takes a number from 0 on; got: -1'],
    [['--runs', '1.5'], '--runs takes a whole number from 1 on; got: 1.5'],
    [['--runs', '0'], '--runs takes a whole number from 1 on; got: 0'],
    [['--only', 'none'], '--only takes one of: one, other; got: none'],
  ])('are refused with a sentence and code 2: %j', (args, sentence) => {
    const { code, told } = call(...args);
    expect(code).toBe(2);
    expect(told).toContain(sentence);
    expect(told).toContain('npm run measure -- [options]');
  });

  it('are told by --help, each with what is usual', () => {
    const { code, told } = call('--help');
    expect(code).toBe(0);
    expect(told).toContain('--minutes M  for how long (10)');
    expect(told).toContain('--quick ');
  });
});

describe('the scripts that run campaigns and measure', () => {
  it('say what is wrong with an option before they load what they run', async () => {
    const [code, text] = await new Promise<[unknown, string]>((resolve) => {
      execFile(process.execPath, ['test/chaos/main.ts', '--minutes', 'x'], (error, _, stderr) => {
        resolve([error?.code, stderr]);
      });
    });
    expect(code).toBe(2);
    expect(text).toContain('--minutes takes a number from 0 on; got: x');
    expect(text).toContain('npm run chaos -- [options]');
    expect(text).not.toContain('    at ');
  });

  it('read their options in this one way', () => {
    const folders = ['bench', 'test'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    );
    const files = folders.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    const own = files.filter((file) => readFileSync(file, 'utf8').includes('parseArgs('));
    expect(own).toEqual(['test/support/script-options.ts']);
  });
});
