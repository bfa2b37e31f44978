import { describe, expect, it } from 'vitest';
import { decodeTransition, encodeTransition } from '../../../src/enclave/transition-codec.ts';
import { concatBytes } from '../../../src/shared/bytes.ts';
import { deposit } from '../../support/deposits.ts';
import { EnclaveWorld, ETHEREUM, testContext } from '../../support/enclave-world.ts';
import { refusal } from '../../support/refusal.ts';

const world = new EnclaveWorld(await testContext());
world.deposit(ETHEREUM, deposit(ETHEREUM, 1000n), deposit(ETHEREUM, 2000n));
await world.ingestAll(ETHEREUM);
await world.confirm(await world.propose(2, 0));
const [transition] = world.state.durable.revealable;
const bytes = encodeTransition(transition!);

describe('a sealed transition', () => {
  it('is read back as it was', () => {
    expect(transition?.batches.length).toBeGreaterThan(0);
    expect(decodeTransition(bytes)).toEqual(transition);
  });

  it('fills its bytes exactly', () => {
    const longer = concatBytes(bytes, Uint8Array.of(0));
    expect(refusal(() => decodeTransition(longer)).code).toBe('SCALE_TRAILING_BYTES');
    expect(refusal(() => decodeTransition(bytes.slice(0, -1))).code).toMatch(/^SCALE_/);
  });
});
