import { expect, test } from 'vitest';
import { cleanLogs } from '../../../../src/chains/shared/clean-logs.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { ANCHOR, depositLog, GATEWAY } from '../../../support/bridge-logs.ts';
import { refusal } from '../../../support/refusal.ts';

const OTHER: Hex = `0x${'99'.repeat(32)}`;
const filter = { addresses: [GATEWAY], fromBlock: 3, toBlock: 9 };
const log = (index: bigint, blockNumber: number, logIndex: number) => ({
  ...depositLog(index, blockNumber),
  logIndex,
});
const clean = (...logs: ReturnType<typeof log>[]) => cleanLogs('ethereum', filter, logs);

test('what a node tells twice is one log, and what it shuffles is in the chain’s order', () => {
  const [first, second, third] = [log(0n, 4, 7), log(1n, 5, 0), log(2n, 5, 1)];
  expect(clean(third, first, { ...third }, second, first)).toEqual([first, second, third]);
});

test('logs of other contracts and other blocks are left out', () => {
  const [before, after] = [log(0n, 2, 0), log(1n, 10, 0)];
  expect(clean(before, { ...log(2n, 4, 0), address: ANCHOR }, after)).toEqual([]);
});

test.each([
  ['two different logs at one place', { ...log(1n, 4, 0) }],
  [
    'one transaction’s log and another’s at one place',
    { ...log(0n, 4, 0), transactionHash: OTHER },
  ],
  ['a block and one of a fork with its number', { ...log(1n, 4, 1), blockHash: OTHER }],
])('an answer with %s is none', (_, other) => {
  expect(refusal(() => clean(log(0n, 4, 0), other))).toMatchObject({
    code: 'CHAIN_ANSWER_MALFORMED',
    meta: { chain: 'ethereum' },
  });
});
