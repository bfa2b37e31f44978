import { describe, expect, it } from 'vitest';
import { allTargets } from '../fuzz/all-targets.ts';
import { attack, inputOf } from '../fuzz/campaign.ts';
import { decoderSeed, type Target } from '../fuzz/target.ts';
import { vectorsMissing } from '../support/vectors.ts';

// The short form of `npm run fuzz`: up to some thousand mutations of every recorded input.

const SEED = 20260101;
const MS_PER_TARGET = 300;
const MOST_RUNS = 3000;

const targets = vectorsMissing === undefined ? await allTargets() : [];

describe.skipIf(vectorsMissing)('hostile input', () => {
  it.each(targets.map((target) => [target.name, target] as const))(
    'to %s is refused, or proves the same',
    async (_, target) => {
      const report = await attack(target, { seed: SEED, runs: MOST_RUNS, forMs: MS_PER_TARGET });
      expect(report.findings).toEqual([]);
      expect(report.accepted).toBeLessThan(report.runs);
    },
  );

  it('of one run can be made again alone', () => {
    const [target] = targets;
    if (target === undefined) throw new Error('no target');
    const once = inputOf(target, SEED, 7);
    expect(inputOf(target, SEED, 7)).toEqual(once);
    expect(inputOf(target, SEED, 8)).not.toEqual(once);
  });
});

describe('the campaign reports', () => {
  const recorded = new Uint8Array(40).fill(1);
  const attackOn = async (decode: (bytes: Uint8Array) => unknown, runs = 600) => {
    const target: Target = {
      name: 'made-up',
      form: 'bytes',
      seeds: [decoderSeed(recorded, decode)],
    };
    const { findings } = await attack(target, { seed: SEED, runs });
    return findings.map(({ what }) => what);
  };

  it('another error than a refusal', async () => {
    const found = await attackOn((bytes) => {
      if (bytes.length > 40) throw new RangeError('out of bounds');
    });
    expect(found[0]).toContain('RangeError: out of bounds');
  });

  it('a statement that the recorded input does not make', async () => {
    const seed = {
      ...decoderSeed(recorded, () => 0),
      proves: ([first]: readonly Uint8Array[]) => `${first?.[0]}`,
    };
    const target: Target = {
      name: 'made-up',
      form: 'bytes',
      seeds: [{ ...seed, mayProve: () => ['1'] }],
    };
    const { findings } = await attack(target, { seed: SEED, runs: 600 });
    expect(findings[0]?.what).toContain('it proves something else: ');
  });

  it('an input that takes too long', async () => {
    const found = await attackOn(() => {
      const started = process.threadCpuUsage();
      while (process.threadCpuUsage(started).user < 1_200_000);
    }, 1);
    expect(found[0]).toMatch(/^it took \d{4} ms of processor time$/);
  });

  it('a heap that grows', async () => {
    const kept: Uint8Array[] = [];
    const found = await attackOn(() => kept.push(new Uint8Array(100_000)), 700);
    expect(found.at(-1)).toMatch(/^the heap grew by \d+ bytes over 700 runs$/);
  });

  it('a decoder that writes to its input', async () => {
    expect((await attackOn((bytes) => bytes.fill(9)))[0]).toBe('its input was written to');
  });
});
