import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { MUTANTS } from '../../chaos/mutants.ts';
import { applyEdit } from '../../chaos/mutate-modules.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

it.each(MUTANTS)('the mutant that shows "$name" is of the relayer of today', ({ edits }) => {
  for (const edit of edits) {
    const source = readFileSync(join(ROOT, edit.file), 'utf8');
    expect(applyEdit(source, edit)).not.toBe(source);
  }
});
