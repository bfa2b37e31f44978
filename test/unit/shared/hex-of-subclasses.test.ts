import type { H256 } from '@polkadot/types/interfaces';
import { expect, it } from 'vitest';
import { toHex } from '../../../src/shared/bytes.ts';
import { registry } from '../../support/polkadot-registry.ts';

it('encodes byte arrays that have a toHex of their own', () => {
  const hash = registry.createType<H256>('H256', new Uint8Array(32).fill(0xab));
  expect(hash).toBeInstanceOf(Uint8Array);
  expect(toHex(hash)).toBe(`0x${'ab'.repeat(32)}`);
});
