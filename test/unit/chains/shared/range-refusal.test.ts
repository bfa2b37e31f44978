import { expect, test } from 'vitest';
import { isRangeRefusal } from '../../../../src/chains/shared/range-refusal.ts';

// As nodes and providers word it, in their documentation and in public reports.

test.each([
  [-32005, 'query returned more than 10000 results'],
  [
    -32602,
    'Query returned more than 10000 results. Try with this block range [0x118dc91, 0x1198cc3].',
  ],
  [-32000, 'query exceeds max results 20000, retry with the range 100-200'],
  [-32000, 'query exceeds max block range 100000'],
  [-32602, 'range 1000000 exceeds limit of 10000'],
  [
    -32602,
    'Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range',
  ],
  [
    -32600,
    'Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range',
  ],
  [-32614, 'eth_getLogs is limited to a 10,000 range'],
  [-32062, 'Block range is too large'],
  [-32000, 'block range too large'],
  [-32047, 'Invalid eth_getLogs request. Range too large. Max range: 800'],
  [-32701, 'exceed maximum block range: 50000'],
  [-32005, 'limit exceeded'],
  [-32000, 'Block range limit exceeded.'],
  [-32000, 'ranges over 10000 blocks are not supported on freetier'],
  [-32008, 'Response is too big'],
  [-32020, 'backend response too large'],
  [-32000, 'query timeout exceeded'],
])('%i "%s" asks for fewer blocks at a time', (code, message) => {
  expect(isRangeRefusal({ code, message })).toBe(true);
});

test('a provider that says it in the data is understood', () => {
  const data = { error_id: '4e', payload: 'range 9009594 is bigger than range limit 2000' };
  expect(isRangeRefusal({ code: -32602, message: 'invalid params', data })).toBe(true);
});

test.each([
  [-32005, 'daily request count exceeded, request rate limited'],
  [-32005, 'rate limit exceeded'],
  [429, 'Your app has exceeded its compute units per second capacity'],
  [-32602, 'block range extends beyond current head block'],
  [-32000, 'header not found'],
  [-32000, 'missing trie node'],
  [4444, 'pruned history unavailable'],
  [-32601, 'the method eth_getLogs does not exist'],
])('%i "%s" does not', (code, message) => {
  expect(isRangeRefusal({ code, message })).toBe(false);
});
