import { describe, expect, test } from 'vitest';
import { createProgressWatch } from '../../../../devnet/demo/progress.ts';

const MINUTE_MS = 60_000;

function startWatch() {
  let nowMs = 0;
  const watch = createProgressWatch(() => nowMs);
  const look = (atMs: number, heads: Record<string, number>) => {
    nowMs = atMs;
    return watch.look(new Map(Object.entries(heads)));
  };
  return { look, moved: watch.moved };
}

describe('waiting goes on', () => {
  test('for hours, while blocks come slowly', () => {
    const { look } = startWatch();
    for (let i = 0; i < 60; i++) {
      expect(look(4 * MINUTE_MS * i, { one: i, two: 2 * i })).toBeUndefined();
    }
  });

  test('over any number of blocks, while something moves', () => {
    const { look, moved } = startWatch();
    for (let block = 0; block < 5000; block += 150) {
      expect(look(block, { one: block, two: block })).toBeUndefined();
      moved();
    }
  });

  test('while one chain makes many blocks and the other few', () => {
    const { look } = startWatch();
    look(0, { fast: 0, slow: 0 });
    expect(look(MINUTE_MS, { fast: 5000, slow: 150 })).toBeUndefined();
  });

  test('without blocks, while something moves', () => {
    const { look, moved } = startWatch();
    look(0, { one: 7 });
    look(4 * MINUTE_MS, { one: 7 });
    moved();
    expect(look(8 * MINUTE_MS, { one: 7 })).toBeUndefined();
  });
});

describe('waiting ends', () => {
  test('when one chain stands still, by its name', () => {
    const { look } = startWatch();
    look(0, { dead: 7, alive: 7 });
    expect(look(4 * MINUTE_MS, { dead: 7, alive: 50 })).toBeUndefined();
    expect(look(5 * MINUTE_MS, { dead: 7, alive: 60 })).toBe(
      'no new block for 5 minutes on dead (block 7)',
    );
  });

  test('when no chain was ever seen', () => {
    const { look } = startWatch();
    expect(look(4 * MINUTE_MS, {})).toBeUndefined();
    expect(look(5 * MINUTE_MS, {})).toBe('no chain answered for 5 minutes');
  });

  test('when every chain has made many blocks since something moved last', () => {
    const { look, moved } = startWatch();
    look(0, { one: 0, two: 10 });
    look(1, { one: 190, two: 200 });
    moved();
    expect(look(2, { one: 389, two: 500 })).toBeUndefined();
    expect(look(3, { one: 390, two: 500 })).toBe('every chain made 200 blocks and nothing moved');
  });
});
