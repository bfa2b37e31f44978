import { beforeEach, describe, expect, it } from 'vitest';
import { recoverAddress } from '../../../../src/crypto/secp256k1.ts';
import { MAX_REVEAL_BATCHES } from '../../../../src/protocol/enclave-commands.ts';
import { positionAfterBatch, releaseBatchDigest } from '../../../../src/protocol/release.ts';
import { payoutTag, publicTag, REFUND_PAYOUT_INDEX } from '../../../../src/protocol/tag.ts';
import { fromHex, type Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { deposit, RECIPIENT, sealedDeposit } from '../../../support/deposits.ts';
import {
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  ETHEREUM_GATEWAY,
  POLKADOT,
  RATE,
  SUBMITTER,
  testContext,
} from '../../../support/enclave-world.ts';

const context = testContext();
const { keys } = context;
const epochKey = await keys.epochKeyOf(1n);
let world: EnclaveWorld;

beforeEach(async () => {
  world = new EnclaveWorld(context);
  await world.openLedger();
});

const releasesOn = async (chainId: bigint, from = 0n) =>
  (await world.reveal(chainId, from)).batches.flatMap(({ batch }) => batch.releases);

describe('reveal', () => {
  it('signs the outstanding batches of a chain for the gateway and submitter that they name, in their order', async () => {
    for (let i = 0; i < 20; i++) world.deposit(ETHEREUM, deposit(ETHEREUM, 1000n + BigInt(i)));
    for (const seed of [1, 2, 3, 4]) {
      const amount = BigInt(seed) * 1000n;
      world.deposit(ETHEREUM, await sealedDeposit(ETHEREUM, amount, { epoch: 1n, epochKey, seed }));
    }
    await world.advance();
    const { batches } = await world.reveal(POLKADOT);
    expect(batches.map(({ batch }) => batch.releases.length)).toEqual([16, 8]);
    let at: { count: bigint; head: Hex } | undefined;
    for (const { batch, submitter, epoch, signature } of batches) {
      expect([submitter, epoch]).toEqual([SUBMITTER, 1n]);
      const digest = releaseBatchDigest(epoch, SUBMITTER, batch);
      expect(recoverAddress(digest, fromHex(signature))).toBe(keys.signer);
      if (at !== undefined) expect({ count: batch.firstIndex, head: batch.prevHead }).toEqual(at);
      at = positionAfterBatch(batch);
    }
    const { released } = (await world.run('status', {})).ledger;
    expect(released.find(({ chainId }) => chainId === POLKADOT)?.position).toEqual(at);
    for (const seed of [1, 2, 3, 4]) {
      const tag = payoutTag(new Uint8Array(32).fill(seed), 0);
      expect((await releasesOn(POLKADOT)).find((each) => each.tag === tag)).toMatchObject({
        recipient: RECIPIENT,
        amount: BigInt(seed) * 1000n - 30n - RATE,
      });
    }
  });

  it('begins at the batch that is named, and knows none that begins elsewhere', async () => {
    for (let i = 0; i < 20; i++) world.deposit(ETHEREUM, deposit(ETHEREUM, 1000n));
    await world.advance();
    expect((await world.reveal(POLKADOT, 16n)).batches).toHaveLength(1);
    for (const index of [1n, 15n, 17n, 20n, 2n ** 64n - 1n]) {
      expect((await world.reveal(POLKADOT, index)).batches).toEqual([]);
    }
    expect((await world.reveal(ETHEREUM)).batches).toEqual([]);
  });

  it('goes on over batches of many rounds until they are paid, and answers no more than fit', async () => {
    const last = BigInt(MAX_REVEAL_BATCHES + 3);
    for (let round = 2n; round <= last; round++) {
      world.deposit(ETHEREUM, deposit(ETHEREUM, 1000n, { sentAtSec: cutOf(ETHEREUM, round) }));
    }
    await world.advance({ round: last });
    const { batches } = await world.reveal(POLKADOT);
    expect(batches).toHaveLength(MAX_REVEAL_BATCHES);
    expect(new Set(batches.map(({ batch }) => batch.firstIndex)).size).toBe(MAX_REVEAL_BATCHES);
    expect((await world.reveal(POLKADOT, BigInt(MAX_REVEAL_BATCHES))).batches).toHaveLength(2);
    await world.showReleased(POLKADOT, 5n);
    await world.advance({ paid: [{ chainId: POLKADOT, count: 5n }] });
    expect((await world.reveal(POLKADOT)).batches).toEqual([]);
    expect((await world.reveal(POLKADOT, 5n)).batches.length).toBe(MAX_REVEAL_BATCHES - 3);
  });

  it('signs the same batch again, for another submitter too', async () => {
    world.deposit(ETHEREUM, deposit(ETHEREUM, 1000n));
    await world.advance();
    const other: Hex = `0x${'5c'.repeat(20)}`;
    const first = await world.reveal(POLKADOT);
    expect(await world.reveal(POLKADOT)).toEqual(first);
    const asked = { chainId: POLKADOT, firstIndex: 0n, submitter: other };
    const { batches } = await world.run('reveal', asked);
    expect(batches.map(({ batch }) => batch)).toEqual(first.batches.map(({ batch }) => batch));
    for (const { batch, submitter, epoch, signature } of batches) {
      const [theirs, ours] = [other, SUBMITTER].map((each) =>
        recoverAddress(releaseBatchDigest(epoch, each, batch), fromHex(signature)),
      );
      expect([submitter, theirs]).toEqual([other, keys.signer]);
      expect(ours).not.toBe(keys.signer);
    }
  });

  it('shows nothing of a transition before its commit is final, proposed or signed', async () => {
    world.deposit(ETHEREUM, deposit(ETHEREUM, 1000n));
    await world.reach(2n);
    const commit = await world.propose();
    await world.run('signCommit', { postState: commit.postState });
    expect((await world.reveal(POLKADOT)).batches).toEqual([]);
    await world.confirm(commit);
    expect((await world.reveal(POLKADOT)).batches).toHaveLength(1);
  });

  it('is refused for a chain that is none', async () => {
    const error = await asyncRefusal(world.reveal(7n));
    expect(error).toMatchObject({ code: 'ENCLAVE_CHAIN_UNKNOWN', meta: { chainId: 7n } });
  });
});

describe('an envelope copied into another deposit', () => {
  it('does not open: its depositor is refunded and its recipient is paid once', async () => {
    const original = await sealedDeposit(ETHEREUM, 1000n, { epoch: 1n, epochKey, seed: 1 });
    const thief: Hex = `0x${'7f'.repeat(20)}`;
    const copy = { ...original, amount: 500n, sender: thief, refundTo: thief };
    world.deposit(ETHEREUM, original, copy);
    await world.advance();
    const tag = publicTag(ETHEREUM, ETHEREUM_GATEWAY, 1n, REFUND_PAYOUT_INDEX);
    expect(await releasesOn(ETHEREUM)).toMatchObject([
      { tag, recipient: thief, amount: 490n, refundOf: 2n },
    ]);
    expect(await releasesOn(POLKADOT)).toHaveLength(1);
  });
});
