import { expect, test } from 'vitest';
import { FIRST_BLOCKS, lengthAfter, portionsOf } from '../../../../src/relayer/watch/portions.ts';
import { depositLog } from '../../../support/bridge-logs.ts';

const logs = [3, 3, 4, 6, 6, 6, 6, 9].map((block, i) => depositLog(BigInt(i), block));

test('a chunk is cut between blocks, by how many logs they have, and without a gap', () => {
  const portions = portionsOf(logs, { fromBlock: 1, toBlock: 20 }, 3);
  expect(
    portions.map(({ span, logs: some }) => [span.fromBlock, span.toBlock, some.length]),
  ).toEqual([
    [1, 5, 3],
    [6, 8, 4],
    [9, 20, 1],
  ]);
});

test('a chunk without logs is one portion', () => {
  const span = { fromBlock: 1, toBlock: 20 };
  expect(portionsOf([], span)).toEqual([{ span, logs: [] }]);
});

test.each([
  ['nothing', 0, 32, 128],
  ['nothing for long', 0, 500, 500],
  ['few logs', 40, 400, 500],
  ['as many as are recorded at a time', 250, 20, 20],
  ['ten times as many', 2500, 500, 50],
  ['so many that a block alone has too many', 5000, 4, 1],
])(
  'after blocks with %s as many are read as have no more than are recorded at a time',
  (...row) => {
    const [, count, blocks, next] = row;
    const some = Array.from({ length: count }, (_, i) => depositLog(BigInt(i), 7));
    expect(lengthAfter({ span: { fromBlock: 7, toBlock: 6 + blocks }, logs: some })).toBe(next);
  },
);

test('a day without a relayer is read in few questions, if little happened', () => {
  let length = FIRST_BLOCKS;
  let [read, questions] = [0, 0];
  while (read < 7200) {
    questions += 1;
    const span = { fromBlock: read + 1, toBlock: read + length };
    read = span.toBlock;
    length = lengthAfter({ span, logs: [] });
  }
  expect(questions).toBe(17);
});
