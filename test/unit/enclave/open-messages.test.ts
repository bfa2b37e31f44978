import { describe, expect, it } from 'vitest';
import { openMessages } from '../../../src/enclave/open-messages.ts';
import { sealedDeposit } from '../../support/deposits.ts';
import { ETHEREUM, ETHEREUM_GATEWAY, testContext } from '../../support/enclave-world.ts';

const { keys } = await testContext();

/** A deposit that says it is sealed to this epoch; the key is that of the enclave's. */
async function messageOf(epoch: bigint) {
  const sealed = { epoch, epochKey: keys.epochKey, seed: 3 };
  const body = await sealedDeposit(ETHEREUM, 1000n, sealed);
  return { ...body, chainId: ETHEREUM, gateway: ETHEREUM_GATEWAY, index: 0n };
}

describe('an envelope', () => {
  it("is opened by its epoch's key", async () => {
    const [opened] = await openMessages([await messageOf(keys.epoch)], keys);
    expect(opened?.envelope).toMatchObject({ kind: 'sealed' });
  });

  it('that names another epoch is not opened, though the key would fit', async () => {
    const [opened] = await openMessages([await messageOf(keys.epoch + 1n)], keys);
    expect(opened?.envelope).toMatchObject({ kind: 'unopened' });
  });

  it('stands with its message, however many are opened at once', async () => {
    const message = await messageOf(keys.epoch);
    const messages = Array.from({ length: 130 }, (_, i) => ({ ...message, amount: BigInt(i) }));
    const opened = await openMessages(messages, keys);
    expect(opened.map((each) => each.message)).toEqual(messages);
  });
});
