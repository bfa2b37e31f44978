#!/usr/bin/env node
// Writes test/vectors/orders.json from src/protocol. Run it when the encoding of an order or what is signed of it changes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { orderVectors } from './lib/order-vectors.ts';

const path = join(import.meta.dirname, '../test/vectors/orders.json');
writeFileSync(path, `${JSON.stringify(await orderVectors(), null, 2)}\n`);
