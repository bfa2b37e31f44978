import { describe, expect, it } from 'vitest';
import { MIGRATIONS, RETIRED_VERSION } from '../../../../src/relayer/journal/migrations.ts';
import {
  judgeForm,
  judgePostgres,
  judgeRedis,
  type PostgresFacts,
} from '../../../../src/relayer/operate/examine-stores.ts';

const infoOf = (facts: Record<string, string | number>) =>
  ['# Server', ...Object.entries(facts).map(([key, value]) => `${key}:${value}`)].join('\r\n');

describe('the Redis of the queue', () => {
  const well = {
    redis_version: '7.2.4',
    used_memory: 1,
    maxmemory: 0,
    maxmemory_policy: 'noeviction',
  };

  it.each([
    ['that keeps everything is well', {}, 'ok'],
    ['that evicts is warned of', { maxmemory_policy: 'allkeys-lru' }, 'warn'],
    ['that is nearly full is warned of', { used_memory: 90, maxmemory: 100 }, 'warn'],
    ['that is too old fails', { redis_version: '5.0.14' }, 'fail'],
    ['that is just old enough is well', { redis_version: '6.2.0' }, 'ok'],
  ])('%s', (_, changes, verdict) => {
    expect(judgeRedis(infoOf({ ...well, ...changes }))).toMatchObject({ verdict });
  });
});

describe('the Postgres of the journal', () => {
  const newest = RETIRED_VERSION + MIGRATIONS.length;
  const well: PostgresFacts = {
    version: 150_004,
    isStandby: false,
    mayCreate: true,
    connections: { most: 100, used: 10 },
    aheadMs: 20,
    journal: newest,
  };

  it.each([
    ['that is well is well', {}, ['ok']],
    ['that nobody maintains is warned of', { version: 120_001 }, ['warn']],
    ['that is a standby fails', { isStandby: true }, ['fail']],
    ['whose user may not create tables fails', { mayCreate: false }, ['fail']],
    ['without connections left is warned of', { connections: { most: 20, used: 12 } }, ['warn']],
    ['whose clock is off is warned of', { aheadMs: -60_000 }, ['warn']],
    ['tells all that is wrong', { isStandby: true, mayCreate: false }, ['fail', 'fail']],
  ] satisfies [string, Partial<PostgresFacts>, string[]][])('%s', (_, changes, verdicts) => {
    const found = judgePostgres({ ...well, ...changes });
    expect(found.map(({ verdict }) => verdict)).toEqual(verdicts);
    for (const { verdict, fix } of found) expect(fix === null).toBe(verdict === 'ok');
  });

  it.each([
    ['that is not there yet is well', undefined, 'ok'],
    ['of this release is well', newest, 'ok'],
    ['of an older release is to be backed up first', newest - 1, 'warn'],
    ['of a newer release fails', newest + 1, 'fail'],
  ] as const)('has a journal: one %s', (_, journal, verdict) => {
    expect(judgeForm({ journal })).toMatchObject({ verdict });
  });
});
