import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { terminalTable } from '../../../src/cli/terminal-table.ts';

const HEADER = ['state', 'transaction', 'reason'];
const ROWS = [
  ['observed', `0x${'ab'.repeat(32)}`, ''],
  ['claimable', `0x${'cd'.repeat(32)}`, 'refused'],
];

/** What standard output goes to, as Node says it. */
function pretend(output: { isTTY: boolean; columns: number | undefined }): void {
  Object.defineProperty(process.stdout, 'isTTY', { value: output.isTTY, configurable: true });
  Object.defineProperty(process.stdout, 'columns', { value: output.columns, configurable: true });
}

describe('a table before a terminal', () => {
  const { isTTY, columns } = process.stdout;
  beforeEach(() => pretend({ isTTY: true, columns: 80 }));
  afterEach(() => pretend({ isTTY, columns }));

  it('that is narrower is a block for each row, with what the row has', () => {
    expect(terminalTable(HEADER, ROWS).split('\n')).toEqual([
      'state        observed',
      `transaction  0x${'ab'.repeat(32)}`,
      '',
      'state        claimable',
      `transaction  0x${'cd'.repeat(32)}`,
      'reason       refused',
      '',
    ]);
  });

  it('that is wide enough is a table, and so it is in a pipe', () => {
    const short = terminalTable(['state'], [['observed']]);
    expect(short.split('\n')).toEqual(['state', '────────', 'observed']);
    pretend({ isTTY: false, columns: 80 });
    expect(terminalTable(HEADER, ROWS).split('\n')).toHaveLength(4);
  });
});
