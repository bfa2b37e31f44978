#!/usr/bin/env node
// Writes test/vectors/typed-data.json from src/protocol, for the Solidity tests. Run it when a signed type changes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { typedDataVectors } from './lib/typed-data.ts';

const path = join(import.meta.dirname, '../test/vectors/typed-data.json');
writeFileSync(path, `${JSON.stringify(typedDataVectors(), null, 2)}\n`);
