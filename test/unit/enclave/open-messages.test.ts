import { describe, expect, it, vi } from 'vitest';
import { openMessages } from '../../../src/enclave/open-messages.ts';
import type { Message } from '../../../src/protocol/message.ts';
import { opened } from '../../support/counted-openings.ts';
import { sealedDeposit } from '../../support/deposits.ts';
import {
  ANCHOR,
  ETHEREUM,
  ETHEREUM_GATEWAY,
  POLKADOT,
  testContext,
} from '../../support/enclave-world.ts';

vi.mock('../../../src/protocol/envelope.ts', async (importActual) => {
  const { countOpenings } = await import('../../support/counted-openings.ts');
  return countOpenings(importActual);
});

const { keys } = testContext();
const epochKey = await keys.epochKeyOf(1n);
const opening = {
  ledger: { chainId: POLKADOT, verifyingContract: ANCHOR },
  secretOf: (epoch: bigint) => (epoch === 1n ? keys.epochSecretOf(1n) : undefined),
  sinceSec: 0n,
};

/** A deposit that says it is sealed to this epoch; the key is that of epoch 1. */
async function messageOf(epoch: bigint): Promise<Message> {
  const body = await sealedDeposit(ETHEREUM, 1000n, { epoch, epochKey, seed: 3 });
  return { ...body, chainId: ETHEREUM, gateway: ETHEREUM_GATEWAY, index: 0n };
}

describe('an envelope', () => {
  it("is opened by its epoch's key", async () => {
    const [only] = await openMessages([await messageOf(1n)], opening);
    expect(only?.envelope).toMatchObject({ kind: 'sealed', epoch: 1n });
  });

  it('that names another epoch is not opened, though the key would fit', async () => {
    const [only] = await openMessages([await messageOf(2n)], opening);
    expect(only?.envelope).toEqual({ kind: 'unopened', reason: 'unknown-epoch' });
  });

  it('is opened once, however often its round is computed', async () => {
    const message = await messageOf(1n);
    const [first] = await openMessages([message], opening);
    opened.count = 0;
    const [second] = await openMessages([message], opening);
    expect(second?.envelope).toBe(first?.envelope);
    expect(opened.count).toBe(0);
  });

  it('is tried again if its epoch was not known', async () => {
    const message = await messageOf(1n);
    const [before] = await openMessages([message], { ...opening, secretOf: () => undefined });
    expect(before?.envelope).toEqual({ kind: 'unopened', reason: 'unknown-epoch' });
    const [after] = await openMessages([message], opening);
    expect(after?.envelope.kind).toBe('sealed');
  });

  it('is not opened if it is late, to the second', async () => {
    const message = await messageOf(1n);
    opened.count = 0;
    const late = { ...opening, sinceSec: message.sentAtSec + 1n };
    const [unopened] = await openMessages([message], late);
    expect([unopened?.envelope.kind, opened.count]).toEqual(['unopened', 0]);
    const inTime = { ...opening, sinceSec: message.sentAtSec };
    const [sealed] = await openMessages([message], inTime);
    expect([sealed?.envelope.kind, opened.count]).toEqual(['sealed', 1]);
  });

  it('stands with its message, however many are opened at once', async () => {
    const message = await messageOf(1n);
    const messages = Array.from({ length: 130 }, (_, i) => ({ ...message, amount: BigInt(i) }));
    const all = await openMessages(messages, opening);
    expect(all.map((each) => each.message)).toEqual(messages);
  });
});
