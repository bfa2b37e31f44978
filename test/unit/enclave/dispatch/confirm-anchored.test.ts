import { beforeEach, describe, expect, it } from 'vitest';
import { inboxOf } from '../../../../src/enclave/state.ts';
import { ANCHOR_SLOTS, anchorIdSlot } from '../../../../src/protocol/contracts.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { deposit } from '../../../support/deposits.ts';
import {
  ANCHOR_TRIE,
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  testContext,
  wordOf,
} from '../../../support/enclave-world.ts';

const context = testContext();
let world: EnclaveWorld;
/** Indices of the messages that wait on a chain. */
const waiting = (chainId = ETHEREUM) =>
  inboxOf(world.state, chainId).messages.map(({ index }) => index);

beforeEach(async () => {
  world = new EnclaveWorld(context);
  await world.openLedger();
  for (const round of [2n, 3n, 4n]) {
    world.deposit(ETHEREUM, deposit(ETHEREUM, 1000n, { sentAtSec: cutOf(ETHEREUM, round) }));
  }
  world.deposit(POLKADOT, deposit(POLKADOT, 700n, { sentAtSec: cutOf(POLKADOT, 4n) }));
});

describe('confirmAnchored', () => {
  it('moves the ledger to what was proposed, and drops what was proposed beside it', async () => {
    await world.reach(3n);
    const beside = await world.propose({ round: 3n });
    const commit = await world.propose();
    expect(await world.confirm(commit)).toEqual({ number: 2n, stateId: commit.postState });
    expect(world.ledger).toMatchObject({ stateId: commit.postState, state: { round: 2n } });
    expect(world.state.proposals.size).toBe(0);
    const error = await asyncRefusal(world.run('signCommit', { postState: beside.postState }));
    expect(error.code).toBe('ENCLAVE_UNKNOWN_STATE');
  });

  it('keeps no message that is consumed, and all others', async () => {
    await world.reach(4n);
    expect(waiting()).toEqual([0n, 1n, 2n]);
    await world.confirm(await world.propose());
    expect([waiting(), waiting(POLKADOT)]).toEqual([[1n, 2n], [0n]]);
    expect(inboxOf(world.state, ETHEREUM).position).toEqual(world.positionAt(ETHEREUM));
    await world.confirm(await world.propose({ round: 4n }));
    expect([waiting(), waiting(POLKADOT)]).toEqual([[], []]);
    expect(inboxOf(world.state, ETHEREUM)).toMatchObject({
      bytes: 0,
      provenAtSec: cutOf(ETHEREUM, 4n) + 1n,
    });
  });

  it('keeps no control message that is consumed', async () => {
    world.govern({ kind: 'startEpoch', epoch: 9n }, { sentAtSec: cutOf(POLKADOT, 3n) });
    await world.reach(3n);
    expect(world.state.control.messages.map(({ index }) => index)).toEqual([6n]);
    await world.confirm(await world.propose({ control: 6n }));
    expect(world.state.control.messages.map(({ index }) => index)).toEqual([6n]);
    await world.confirm(await world.propose());
    expect(world.state.control.messages).toEqual([]);
    expect(world.state.control.position).toEqual(world.controlAt());
  });

  it('changes nothing for a transition that it has passed', async () => {
    const two = await world.advance();
    const three = await world.advance();
    const first = { number: 1n, postState: two.prevState };
    for (const passed of [{ number: 0n, postState: wordOf(7n) }, first, two, three]) {
      const params = world.proveAnchor(passed);
      const before = world.state;
      const answer = await world.run('confirmAnchored', params);
      expect(answer).toEqual({ number: 3n, stateId: three.postState });
      expect(world.state).toBe(before);
    }
  });

  it('refuses a number that the anchor has not committed at that block', async () => {
    await world.reach(2n);
    await world.propose();
    for (const number of [1n, 2n, 2n ** 64n - 1n]) {
      const words = new Map([[anchorIdSlot(0n), world.ledger.stateId]]);
      const proof = world.provePolkadot(ANCHOR_TRIE, anchorIdSlot(number), words);
      const error = await asyncRefusal(world.run('confirmAnchored', { number, proof }));
      expect(error).toMatchObject({
        code: 'ENCLAVE_NOT_ANCHORED',
        disposition: 'retry',
        meta: { number },
      });
    }
    expect(world.ledger.state.number).toBe(1n);
  });

  it("stops where the anchor keeps another id for the ledger's number, or its id for another", async () => {
    const two = await world.advance();
    await world.reach(3n);
    const three = await world.propose();
    const wrong: readonly (readonly [bigint, Hex])[] = [
      [2n, wordOf(7n)],
      [2n, three.postState],
      [1n, two.postState],
      [3n, two.postState],
      [4n, three.postState],
      [1n, three.postState],
    ];
    for (const [number, postState] of wrong) {
      const params = world.proveAnchor({ number, postState });
      const before = world.state;
      const error = await asyncRefusal(world.run('confirmAnchored', params));
      expect(error).toMatchObject({
        code: 'ENCLAVE_ANCHOR_DIVERGED',
        disposition: 'halt',
        meta: { number, stateId: postState },
      });
      expect(world.state).toBe(before);
    }
    expect(await world.confirm(three)).toEqual({ number: 3n, stateId: three.postState });
  });

  it('refuses a state that was not proposed here, until it is', async () => {
    const twin = new EnclaveWorld(context);
    twin.governance.push(...world.governance);
    await twin.advance();
    for (const chainId of [ETHEREUM, POLKADOT]) {
      twin.deposit(chainId, ...(world.outboxes.get(chainId) ?? []));
    }
    await twin.reach(3n);
    const others = await twin.propose({ round: 3n });
    await world.reach(3n);
    const error = await asyncRefusal(world.confirm(others));
    expect(error).toMatchObject({
      code: 'ENCLAVE_ANCHOR_UNKNOWN',
      disposition: 'retry',
      meta: { stateId: others.postState, number: 1n, anchored: 2n },
    });
    const { round, asOf, control, paid, beneficiary } = others;
    await world.propose({ round, asOf, control, paid: [...paid], beneficiary });
    await world.confirm(others);
    expect(world.ledger.stateId).toBe(others.postState);
  });

  it('refuses a proof of another slot, contract or chain', async () => {
    await world.reach(2n);
    const { number, postState } = await world.propose();
    const words = new Map([
      [ANCHOR_SLOTS.stateId, postState],
      [ANCHOR_SLOTS.number, wordOf(2n)],
      [anchorIdSlot(number), postState],
      [anchorIdSlot(3n), wordOf(2n)],
    ]);
    for (const slot of [ANCHOR_SLOTS.stateId, ANCHOR_SLOTS.idOf, anchorIdSlot(3n)]) {
      const proof = world.provePolkadot(ANCHOR_TRIE, slot, words);
      const error = await asyncRefusal(world.run('confirmAnchored', { number, proof }));
      expect(error.code).toMatch(/^READ_PROOF_/);
    }
    const elsewhere = world.provePolkadot(wordOf(0xbadn), anchorIdSlot(number), words);
    expect(
      (await asyncRefusal(world.run('confirmAnchored', { number, proof: elsewhere }))).code,
    ).toMatch(/^READ_PROOF_|^ENCLAVE_NOT_ANCHORED$/);
    const proof = world.proveOutbox(ETHEREUM);
    expect((await asyncRefusal(world.run('confirmAnchored', { number, proof }))).code).toBe(
      'ENCLAVE_PROOF_OF_OTHER_CHAIN',
    );
    expect(world.ledger.state.number).toBe(1n);
  });
});
