import { expect, it } from 'vitest';
import type { Signed } from '../../../../src/relayer/quorum/agree.ts';
import { Vitals } from '../../../../src/relayer/vitals.ts';
import { quorumOf, type TestKey, testKey } from '../../../support/quorum.ts';

const [one, two, three] = [testKey(1), testKey(2), testKey(3)] as const;
const TRUSTED_AGAIN_MS = 300_000;

function answer(enclave: string, key: TestKey, said: number): Signed<number> {
  const digest = new Uint8Array(32).fill(said);
  return { enclave, said, epoch: 1n, digest, signature: key.sign(digest) };
}

it('an enclave that dissents is named in an alarm and left out for a while, or until it agrees', async () => {
  const vitals = new Vitals();
  let nowMs = 0;
  const quorum = quorumOf({ threshold: 2, vitals, nowMs: () => nowMs });
  const rules = await quorum.rulesOf({} as Parameters<typeof quorum.rulesOf>[0]);
  const names = ['a', 'b', 'c'];
  const trusted = (least: number) => quorum.trusted(names, (name) => name, least);
  const agreeing = [answer('a', one, 7), answer('b', two, 7)];

  await quorum.agree('commit 5', rules, [...agreeing, answer('c', three, 8)]);
  expect(vitals.alarms()).toMatchObject([
    { name: 'dissent of c', sentence: expect.stringContaining('commit 5') },
  ]);
  expect(trusted(2)).toEqual(['a', 'b']);
  // Without it there would be too few.
  expect(trusted(3)).toEqual(names);

  nowMs = TRUSTED_AGAIN_MS;
  expect(trusted(2)).toEqual(names);
  expect(vitals.alarms()).toHaveLength(1);
  await quorum.agree('commit 6', rules, [...agreeing, answer('c', three, 7)]);
  expect(vitals.alarms()).toEqual([]);
});
