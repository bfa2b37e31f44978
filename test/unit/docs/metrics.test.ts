import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { metricsPage } from '../../../scripts/lib/metrics-docs.ts';
import { METRICS } from '../../../src/status/metrics.ts';

const LABELS = ['lane', 'state', 'chain', 'name', 'code', 'node', 'method', 'account'];

it('the page of metrics is what `node scripts/write-metrics-docs.mjs` writes', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/metrics.md'), 'utf8');
  expect(page).toBe(metricsPage());
});

it('every metric has a name of ours, help, and labels that name no user', () => {
  for (const { name, help, labels } of METRICS) {
    expect(name).toMatch(/^veilspan_[a-z_]+$/);
    expect(help).toMatch(/^.{10,}\.$/);
    for (const label of labels) expect(LABELS).toContain(label);
  }
  expect(new Set(METRICS.map(({ name }) => name)).size).toBe(METRICS.length);
});
