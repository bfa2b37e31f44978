import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFER_REASONS, SKIP_REASONS } from '../../../src/protocol/transfer-state.ts';

const INTERFACES = join(import.meta.dirname, '../../../contracts-evm/src/interfaces');

/** The members of a Solidity enum in their order, as our reasons are spelled. */
function membersOf(file: string, name: string): string[] {
  const source = readFileSync(join(INTERFACES, file), 'utf8');
  const [, body = ''] = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source) ?? [];
  return body.split(',').map((member) =>
    member
      .trim()
      .replace(/\B[A-Z]/g, '-$&')
      .toLowerCase(),
  );
}

// Events give numbers: a member in another place would tell every later reason wrong.
test.each([
  ['IAssetBook.sol', 'DeferReason', DEFER_REASONS],
  ['IGateway.sol', 'SkipReason', SKIP_REASONS],
])('the reasons of %s, %s, are ours in the same order', (file, name, reasons) => {
  expect(membersOf(file, name)).toEqual(reasons);
});
