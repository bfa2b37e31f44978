import { describe, expect, test } from 'vitest';
import { drawOrderTimes, latestExpiry, nextNonce } from '../../../src/client/order-times.ts';
import { currentRound, expectedWaitSec } from '../../../src/client/wait-estimate.ts';
import { toBigEndian } from '../../../src/shared/bytes.ts';

const SCHEDULE = { startSec: 1_000n, roundSec: 10n };
const LAG_SEC = 25n;
const NOW = { schedule: SCHEDULE, lagSec: LAG_SEC, nowSec: 1_100n };
// cut(13) = 1000 + 130 − 25 = 1105, the first that is not before 1100.
const CONSUMED = 13n;

const drawing = (value: bigint) => ({ bytes: (length: number) => toBigEndian(value, length) });

describe('the times of an order', () => {
  test('let it leave from a random round within four mean stays on, the first included', () => {
    const first = [0n, 1n, 11n, 12n, 13n].map(
      (value) => drawOrderTimes(NOW, { meanStayRounds: 3 }, drawing(value)).notBefore,
    );
    expect(first.map((round) => round - CONSUMED)).toEqual([0n, 1n, 11n, 12n, 0n]);
  });

  test('are patient for 24 mean stays from there', () => {
    const { notBefore, patience } = drawOrderTimes(NOW, { meanStayRounds: 3 }, drawing(2n));
    expect(patience - notBefore).toBe(72n);
  });

  test('end within 24 hours of rounds', () => {
    expect(latestExpiry({ startSec: 0n, roundSec: 300n }, 7n)).toBe(7n + 288n);
  });
});

test('the next nonce is the lowest of the window that is not used', () => {
  expect(nextNonce({ nonceBase: 5n, nonceBits: 0n })).toBe(5n);
  expect(nextNonce({ nonceBase: 5n, nonceBits: 0b1011n })).toBe(7n);
});

describe('the wait that can be expected', () => {
  test('of what leaves at once is the end of the round that consumes it', () => {
    expect(expectedWaitSec(NOW)).toBe(30n);
  });

  test('of what waits in a pool is one mean stay more, from when it may leave', () => {
    const waitFrom = (notBefore: bigint) =>
      expectedWaitSec({ ...NOW, pool: { meanStayRounds: 4, notBefore } });
    expect(waitFrom(0n)).toBe(70n);
    expect(waitFrom(CONSUMED + 2n)).toBe(90n);
  });
});

test('rounds are counted from the start on, and there is none before', () => {
  const round = (nowSec: bigint) => currentRound(SCHEDULE, nowSec);
  expect([999n, 1_000n, 1_009n, 1_010n, 1_100n].map(round)).toEqual([0n, 0n, 0n, 1n, 10n]);
});
