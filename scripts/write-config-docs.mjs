#!/usr/bin/env node
// Writes docs/config.md from the schemas in src/config. Run it when a key changes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configPage } from './lib/config-docs.ts';

writeFileSync(join(import.meta.dirname, '../docs/config.md'), configPage());
