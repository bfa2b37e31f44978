import { expect, test } from 'vitest';
import { portionsOf } from '../../../../src/relayer/watch/portions.ts';
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
