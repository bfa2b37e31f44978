import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requireRecentCheckpoints } from '../../../src/cli/checkpoint-age.ts';
import { CheckpointAgeError } from '../../../src/light-client/weak-subjectivity.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../../config/enclave.example.json');
const NOW_SEC = 1_800_000_000;
const TWO_WEEKS_SEC = 14 * 24 * 60 * 60;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veilspan-age-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('checkpoints of the last two weeks, and those that state no time, let an enclave start', () => {
  expect(() => check({ ethereum: TWO_WEEKS_SEC, polkadot: TWO_WEEKS_SEC })).not.toThrow();
  expect(() => check({})).not.toThrow();
});

test.each(['ethereum', 'polkadot'])(
  'a checkpoint of %s that is one second too old is refused',
  (chain) => {
    const refusal = refusalOf(() => check({ [chain]: TWO_WEEKS_SEC + 1 }));
    expect(refusal).toBeInstanceOf(CheckpointAgeError);
    expect(refusal).toMatchObject({ code: 'CHECKPOINT_TOO_OLD', meta: { chain } });
  },
);

test('an enclave that has followed the chain since may start again from what it knows', () => {
  writeFileSync(join(folder, 'clients.sealed'), '');
  expect(() => check({ ethereum: TWO_WEEKS_SEC + 1 })).not.toThrow();
});

function check(agesSec: { ethereum?: number; polkadot?: number }): void {
  const { measured } = JSON.parse(readFileSync(EXAMPLE, 'utf8'));
  const [ethereum, polkadot] = measured.lightClients;
  delete ethereum.checkpointTimestampSec;
  delete polkadot.checkpoint.timestampSec;
  if (agesSec.ethereum !== undefined) ethereum.checkpointTimestampSec = NOW_SEC - agesSec.ethereum;
  if (agesSec.polkadot !== undefined) polkadot.checkpoint.timestampSec = NOW_SEC - agesSec.polkadot;
  requireRecentCheckpoints(measured, folder, BigInt(NOW_SEC));
}

function refusalOf(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
