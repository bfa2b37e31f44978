import { expect, test } from 'vitest';
import { formatTable } from '../../../src/client/format-table.ts';

test('columns are as wide as their widest cell, and numbers end at the same place', () => {
  const table = formatTable(
    ['who', 'amount'],
    [
      ['alice', '1'],
      ['bo', '100'],
    ],
    [1],
  );
  expect(table.split('\n')).toEqual([
    'who    amount',
    '─────────────',
    'alice       1',
    'bo        100',
  ]);
});
