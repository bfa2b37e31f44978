#!/usr/bin/env node
// Writes docs/status-api.md from the schemas in src/status. Run it when an answer changes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { statusPage } from './lib/status-docs.ts';

writeFileSync(join(import.meta.dirname, '../docs/status-api.md'), statusPage());
