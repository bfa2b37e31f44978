#!/usr/bin/env node
// Writes docs/metrics.md from the table in src/status/metrics.ts. Run it when a metric changes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsPage } from './lib/metrics-docs.ts';

writeFileSync(join(import.meta.dirname, '../docs/metrics.md'), metricsPage());
