import { beforeEach, describe, expect, it, vi } from 'vitest';
import { recoverAddress } from '../../../../src/crypto/secp256k1.ts';
import { inboxOf } from '../../../../src/enclave/state.ts';
import { encodeFixed } from '../../../../src/ledger/state-codec.ts';
import { commitDigest } from '../../../../src/protocol/commit.ts';
import { encodeBody } from '../../../../src/protocol/enclave-wire.ts';
import { MAX_PROPOSALS } from '../../../../src/protocol/limits.ts';
import { fromHex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { opened } from '../../../support/counted-openings.ts';
import { deposit, directLeg, sealedDeposit } from '../../../support/deposits.ts';
import {
  ANCHOR,
  BENEFICIARY,
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  type Proposing,
  testContext,
  wordOf,
} from '../../../support/enclave-world.ts';

vi.mock('../../../../src/protocol/envelope.ts', async (importActual) => {
  const { countOpenings } = await import('../../../support/counted-openings.ts');
  return countOpenings(importActual);
});

const context = testContext();
const { keys } = context;
const epochKey = await keys.epochKeyOf(1n);
let world: EnclaveWorld;

const sealed = (amount: bigint, seed: number, order = {}) =>
  sealedDeposit(ETHEREUM, amount, { epoch: 1n, epochKey, seed, order });
const refusalOf = async (change: Proposing) => {
  const before = world.state;
  const error = await asyncRefusal(world.propose(change));
  expect(world.state).toBe(before);
  return error;
};

beforeEach(async () => {
  world = new EnclaveWorld(context);
  await world.openLedger();
  world.deposit(ETHEREUM, await sealed(1000n, 1), await sealed(2000n, 2));
  await world.reach(2n);
  opened.count = 0;
});

describe('propose', () => {
  it('shows a commit and nothing else, and has the same answer for the same question', async () => {
    const commit = await world.propose();
    expect(commit).toEqual({
      number: 2n,
      round: 2n,
      asOf: world.state.control.provenAtSec,
      prevState: world.ledger.stateId,
      postState: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      inputs: [
        { chainId: ETHEREUM, count: 2n },
        { chainId: POLKADOT, count: 0n },
      ],
      control: 6n,
      paid: [],
      beneficiary: BENEFICIARY,
    });
    const { proposals } = world.state;
    expect(await world.propose()).toEqual(commit);
    expect(world.state.proposals).toBe(proposals);
    expect(opened.count).toBe(2);
  });

  it('has the same answer in every enclave of the network, whenever it was shown what', async () => {
    const commit = await world.propose({ round: 2n });
    const twin = new EnclaveWorld(context);
    for (const body of world.governance) twin.governance.push(body);
    await twin.advance();
    for (const body of world.outboxes.get(ETHEREUM) ?? []) {
      twin.deposit(ETHEREUM, body);
      await twin.ingestAll(ETHEREUM);
    }
    twin.deposit(ETHEREUM, deposit(ETHEREUM, 500n, { sentAtSec: cutOf(ETHEREUM, 3n) }));
    await twin.reach(5n);
    expect(await twin.propose({ round: 2n, asOf: commit.asOf })).toEqual(commit);
  });

  it('answers alike whatever the messages say, but for hashes', async () => {
    const answerTo = async (order: object) => {
      const other = new EnclaveWorld(context);
      await other.openLedger();
      other.deposit(ETHEREUM, await sealed(1000n, 1, order));
      await other.reach(2n);
      const { postState, ...rest } = await other.propose();
      const signed = await other.run('signCommit', { postState });
      expect(Object.keys(signed)).toEqual(['commit', 'epoch', 'signature']);
      return { rest, postState, bytes: encodeBody({ ...rest, postState }).length };
    };
    const answers = [
      await answerTo({}),
      await answerTo({ legs: [] }),
      await answerTo({ legs: Array.from({ length: 6 }, () => directLeg(POLKADOT, 50n)) }),
    ];
    for (const { rest, bytes } of answers) {
      expect(rest).toEqual(answers[0]?.rest);
      expect(bytes).toBe(answers[0]?.bytes);
    }
    expect(new Set(answers.map(({ postState }) => postState)).size).toBe(3);
  });

  it('changes nothing that the status tells', async () => {
    const before = await world.run('status', {});
    await world.propose();
    expect(await world.run('status', {})).toEqual(before);
  });

  it('advances over several rounds at once', async () => {
    world.deposit(POLKADOT, deposit(POLKADOT, 700n, { sentAtSec: cutOf(POLKADOT, 4n) }));
    await world.reach(4n);
    const commit = await world.propose({ round: 4n });
    expect(commit).toMatchObject({ number: 2n, round: 4n });
    expect(commit.inputs.map(({ count }) => count)).toEqual([2n, 1n]);
  });

  it('consumes what was sent by the cut of the round, to the second, and no more', async () => {
    world.deposit(
      ETHEREUM,
      deposit(ETHEREUM, 300n),
      deposit(ETHEREUM, 400n, { sentAtSec: cutOf(ETHEREUM, 2n) + 1n }),
    );
    await world.reach(3n);
    expect((await world.propose()).inputs[0]?.count).toBe(3n);
    expect((await world.propose({ round: 3n })).inputs[0]?.count).toBe(4n);
  });

  it('blinds the state id: another ledger secret gives another id for the same ledger', () => {
    const ledgerSecretOf = () => new Uint8Array(32).fill(1);
    const other = new EnclaveWorld({ ...context, keys: { ...keys, ledgerSecretOf } });
    expect(other.ledger.stateId).not.toBe(new EnclaveWorld(context).ledger.stateId);
    expect(encodeFixed(other.ledger.state)).toEqual(
      encodeFixed(new EnclaveWorld(context).ledger.state),
    );
  });

  it('keeps so many proposals and drops the oldest, which can be proposed again', async () => {
    await world.reach(8n);
    const { provenAtSec } = world.state.control;
    const ask = (i: number) => world.propose({ asOf: provenAtSec - BigInt(i) });
    const first = await ask(1);
    for (let i = 2; i <= MAX_PROPOSALS + 1; i++) await ask(i);
    expect(world.state.proposals.size).toBe(MAX_PROPOSALS);
    expect(world.state.proposals.has(first.postState)).toBe(false);
    expect(await ask(1)).toEqual(first);
    expect(opened.count).toBe(2);
  });
});

describe('propose refuses', () => {
  it('any state but the ledger, that of a proposal too: the next number is for when this one is final', async () => {
    const { prevState, postState } = await world.propose();
    for (const stale of [wordOf(1n), postState]) {
      expect(await refusalOf({ prevState: stale })).toMatchObject({
        code: 'ENCLAVE_UNKNOWN_STATE',
        disposition: 'retry',
        meta: { stateId: stale, ledgerState: prevState, number: 1n },
      });
    }
  });

  it.each<[field: string, change: () => Proposing]>([
    ['round', () => ({ round: 1n })],
    ['asOf', () => ({ asOf: world.ledger.state.asOf - 1n })],
    ['asOf', () => ({ asOf: world.state.control.provenAtSec + 1n })],
    ['control', () => ({ control: 5n })],
    ['control', () => ({ control: 7n })],
    ['paid', () => ({ paid: [{ chainId: ETHEREUM, count: 1n }] })],
    ['paid', () => ({ paid: [{ chainId: 7n, count: 0n }] })],
    [
      'paid',
      () => ({
        paid: [
          { chainId: POLKADOT, count: 0n },
          { chainId: ETHEREUM, count: 0n },
        ],
      }),
    ],
  ])('a value of %s behind the ledger, or that nobody has proven', async (field, change) => {
    expect(await refusalOf(change())).toMatchObject({
      code: 'ENCLAVE_PROPOSAL_INVALID',
      disposition: 'retry',
      meta: { field },
    });
    expect(opened.count).toBe(0);
  });

  it('more paid than was ever released, though a gateway is proven to say so', async () => {
    await world.showReleased(POLKADOT, 99n);
    expect(await refusalOf({ paid: [{ chainId: POLKADOT, count: 99n }] })).toMatchObject({
      code: 'ENCLAVE_PROPOSAL_INVALID',
    });
  });

  it('to say why the ledger does not go on', async () => {
    let isBroken = false;
    const ledgerSecretOf = (epoch: bigint) => {
      if (isBroken) throw new Error('a secret');
      return keys.ledgerSecretOf(epoch);
    };
    world = new EnclaveWorld({ ...context, keys: { ...keys, ledgerSecretOf } });
    await world.reach(1n);
    isBroken = true;
    const error = await refusalOf({});
    expect(error).toMatchObject({
      code: 'ENCLAVE_TRANSITION_FAILED',
      disposition: 'halt',
      meta: {},
    });
    expect(error.message).not.toContain('secret');
  });

  it('to tell who has an account: commits for others end in other states, open or not', async () => {
    const first = await world.propose({ beneficiary: wordOf(1n) });
    const second = await world.propose({ beneficiary: wordOf(2n) });
    expect(second.postState).not.toBe(first.postState);
    const { commit } = await world.run('signCommit', { postState: first.postState });
    expect(commit).toEqual(first);
  });
});

describe('a round', () => {
  const incomplete = { code: 'ENCLAVE_ROUND_INCOMPLETE', disposition: 'retry' };

  it.each([
    ['Ethereum', ETHEREUM],
    ['Polkadot', POLKADOT],
  ])(
    'is refused while %s is not proven later than its cut, and no envelope is opened',
    async (_, chainId) => {
      for (const other of [ETHEREUM, POLKADOT]) {
        world.nowSec = cutOf(other, 3n) + (other === chainId ? 0n : 1n);
        await world.ingestAll(other);
      }
      world.nowSec = cutOf(POLKADOT, 3n) + 1n;
      await world.ingestGovernance();
      expect(await refusalOf({ round: 3n })).toMatchObject({
        ...incomplete,
        meta: { outbox: `${chainId}`, round: 3n, complete: 2n },
      });
      expect(opened.count).toBe(0);
      world.nowSec = cutOf(chainId, 3n) + 1n;
      await world.ingestAll(chainId);
      expect((await world.propose({ round: 3n })).round).toBe(3n);
    },
  );

  it("is refused while the anchor's own outbox is not", async () => {
    world.nowSec = cutOf(POLKADOT, 3n) + 1n;
    await world.ingestAll(ETHEREUM);
    await world.ingestAll(POLKADOT);
    expect(await refusalOf({ round: 3n })).toMatchObject({
      ...incomplete,
      meta: { outbox: 'control', complete: 2n },
    });
    expect(opened.count).toBe(0);
  });

  it('is refused while messages are missing that are proven to be there', async () => {
    const third = { ...(await sealed(3000n, 3)), sentAtSec: cutOf(ETHEREUM, 3n) };
    world.deposit(ETHEREUM, third);
    await world.reach(3n);
    const inbox = inboxOf(world.state, ETHEREUM);
    const missing = {
      ...inbox,
      position: world.positionAt(ETHEREUM, 2),
      messages: inbox.messages.slice(0, 2),
      provenAtSec: cutOf(ETHEREUM, 2n),
      ahead: [inbox.position],
      aheadAtSec: inbox.provenAtSec,
    };
    const inboxes = new Map(world.state.inboxes).set(ETHEREUM, missing);
    world.state = { ...world.state, inboxes };
    for (const round of [2n, 3n]) expect(await refusalOf({ round })).toMatchObject(incomplete);
    expect(opened.count).toBe(0);
    const known = { chainId: ETHEREUM, fromIndex: 2n, messages: [third], proof: null };
    await world.run('ingest', known);
    expect((await world.propose({ round: 3n })).inputs[0]?.count).toBe(3n);
  });

  it('opens no envelope of a later one', async () => {
    world.deposit(ETHEREUM, { ...(await sealed(3000n, 3)), sentAtSec: cutOf(ETHEREUM, 2n) + 1n });
    await world.reach(4n);
    await world.propose();
    expect(opened.count).toBe(2);
    await world.propose({ round: 3n });
    expect(opened.count).toBe(3);
  });

  it('opens nothing that is late: it goes back unopened', async () => {
    const { lateSec } = context.config.rounds;
    world.nowSec = cutOf(ETHEREUM, 2n) + lateSec + 1n;
    await world.ingestGovernance();
    await world.propose({ asOf: world.nowSec - 1n });
    expect(opened.count).toBe(2);
    const late = new EnclaveWorld(context);
    await late.openLedger();
    late.deposit(ETHEREUM, await sealed(1000n, 1));
    await late.reach(2n);
    late.nowSec = world.nowSec;
    await late.ingestGovernance();
    opened.count = 0;
    await late.confirm(await late.propose());
    expect(opened.count).toBe(0);
    const [batch] = (await late.reveal(ETHEREUM)).batches;
    expect(batch?.batch.releases).toMatchObject([{ refundOf: 1n, amount: 990n }]);
  });
});

describe('signCommit', () => {
  it('signs what was proposed for the anchor, under the signing epoch', async () => {
    const commit = await world.propose();
    const signed = await world.run('signCommit', { postState: commit.postState });
    expect(signed.commit).toEqual(commit);
    const digest = commitDigest({ chainId: POLKADOT, verifyingContract: ANCHOR }, 1n, commit);
    expect(recoverAddress(digest, fromHex(signed.signature))).toBe(keys.signer);
  });

  it('refuses what was not', async () => {
    const error = await asyncRefusal(world.run('signCommit', { postState: wordOf(3n) }));
    expect(error).toMatchObject({ code: 'ENCLAVE_UNKNOWN_STATE', meta: { stateId: wordOf(3n) } });
  });
});
