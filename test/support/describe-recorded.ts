import { describe, test } from 'vitest';
import { vectorsMissing } from './vectors.ts';

/** `describe` for what reads recorded chain data; where there is none, one skipped test that says so. */
export function describeRecorded(name: string, body: () => void): void {
  if (vectorsMissing === undefined) describe(name, body);
  else test.skip(`${name} (skipped: ${vectorsMissing})`, () => {});
}
