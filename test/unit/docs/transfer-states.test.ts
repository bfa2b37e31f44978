import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { REASONS } from '../../../src/protocol/transfer-state.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/architecture.md'), 'utf8');

it('the tables of states in docs/architecture.md have every reason under its state, and no other', () => {
  const rows = page.matchAll(/^\| ([a-z]+) \| ((?:`[a-z-]+`(?:, )?)+) \|/gm);
  const told = [...rows].flatMap(([, state = '', reasons = '']) =>
    reasons.split(', ').map((reason) => `${reason.replaceAll('`', '')} ${state}`),
  );
  const defined = Object.entries(REASONS).map(([reason, [state]]) => `${reason} ${state}`);
  expect(told.sort()).toEqual(defined.sort());
});
