import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Interface, type InterfaceAbi } from 'ethers';
import { describe, expect, it } from 'vitest';
import {
  ANCHOR_ABI,
  describeRevert,
  GATEWAY_ABI,
  REFUSALS_ABI,
  REGISTERED_ABI,
  REGISTRY_ABI,
  revertName,
} from '../../../../src/chains/shared/abi.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

const OUT = join(import.meta.dirname, '../../../../contracts-evm/out');
const isBuilt = existsSync(OUT);

async function compiled(name: string): Promise<Interface> {
  const path = join(OUT, `${name}.sol`, `${name}.json`);
  const { default: artifact } = (await import(path, { with: { type: 'json' } })) as {
    default: { abi: InterfaceAbi };
  };
  return new Interface(artifact.abi);
}

/** What decides how bytes are read: names aside, types and what is indexed. */
const shapes = (abi: Interface, kind: 'function' | 'event' | 'error') =>
  abi.fragments
    .filter((fragment) => fragment.type === kind)
    .map((fragment) => fragment.format('sighash') + indexed(fragment.inputs));
const indexed = (inputs: readonly { indexed?: boolean | null }[]) =>
  inputs.map((input) => (input.indexed ? 'i' : '-')).join('');

describe.skipIf(!isBuilt)('the hand-written interfaces', () => {
  it.each([
    ['Gateway', GATEWAY_ABI],
    ['Anchor', ANCHOR_ABI],
    ['EnclaveRegistry', REGISTRY_ABI],
    ['Gateway', REGISTERED_ABI],
    ['Anchor', REGISTERED_ABI],
  ])('say of %s only what the compiled contract has', async (name, abi) => {
    const contract = await compiled(name);
    for (const kind of ['function', 'event'] as const) {
      expect(shapes(contract, kind)).toEqual(expect.arrayContaining(shapes(abi, kind)));
    }
  });

  it('name every refusal as the contracts do', async () => {
    const contracts = await Promise.all(['Gateway', 'Anchor', 'EnclaveRegistry'].map(compiled));
    const known = contracts.flatMap((contract) => shapes(contract, 'error'));
    expect(known).toEqual(expect.arrayContaining(shapes(REFUSALS_ABI, 'error')));
  });
});

describe('a revert', () => {
  const stale = REFUSALS_ABI.encodeErrorResult('GatewayWrongIndex', [3n, 4n]) as Hex;

  it('is told by its name and arguments', () => {
    expect(revertName(stale)).toBe('GatewayWrongIndex');
    expect(describeRevert(stale)).toBe('GatewayWrongIndex(3, 4)');
  });

  it.each(['0x', '0x12', '0xdeadbeef'] as const)('with %s is nobody’s', (data) => {
    expect(revertName(data)).toBeUndefined();
    expect(describeRevert(data)).toMatch(/^it gave/);
  });
});
