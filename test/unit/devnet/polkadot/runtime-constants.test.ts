import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { xxhashAsHex } from '#polkadot/util-crypto';
import { EVM_CHAIN_ID_KEY } from '../../../../devnet/polkadot/genesis.ts';
import { FIRST_CHAIN_ID } from '../../../../devnet/polkadot-side.ts';

const ROOT = join(import.meta.dirname, '../../../..');

test('the chain id stands where the runtime reads it, and is its own on the first chain', () => {
  const source = readFileSync(join(ROOT, 'substrate/runtime/src/lib.rs'), 'utf8');
  const [, name, value = ''] = /pub storage (\w+): u64 = ([\d_]+);/.exec(source) ?? [];
  expect(EVM_CHAIN_ID_KEY).toBe(xxhashAsHex(`:${name}:`, 128));
  expect(FIRST_CHAIN_ID).toBe(BigInt(value.replaceAll('_', '')));
});
