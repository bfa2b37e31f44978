import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fieldsOf, QUESTIONS, statusPage } from '../../../scripts/lib/status-docs.ts';
import { PUBLIC_SOURCES } from '../../../src/status/shown.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/status-api.md'), 'utf8');

describe('the page of the status API', () => {
  it('is what `node scripts/write-status-docs.mjs` writes', () => {
    expect(page).toBe(statusPage());
  });

  it.each(QUESTIONS)('says of each field of %s where everyone can read it', (_, __, answer) => {
    const fields = fieldsOf(answer);
    expect(fields.length).toBeGreaterThan(0);
    const hidden = fields.filter(({ source }) => !(source && source in PUBLIC_SOURCES));
    expect(hidden).toEqual([]);
  });

  it('has no field that could hold what is sealed, or what no chain has yet', () => {
    const names = QUESTIONS.flatMap(([, , answer]) => fieldsOf(answer)).map(
      ({ path }) => path.split('.').at(-1) ?? '',
    );
    const secret = /envelope|batch|signature|order|leg|account|balance|nonce|signer|secret/i;
    expect(names.filter((name) => secret.test(name))).toEqual([]);
  });
});
