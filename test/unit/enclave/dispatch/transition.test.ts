import { beforeEach, describe, expect, it } from 'vitest';
import { recoverAddress } from '../../../../src/crypto/secp256k1.ts';
import { commitDigest } from '../../../../src/protocol/commit.ts';
import { ANCHOR_SLOTS, anchorIdSlot } from '../../../../src/protocol/contracts.ts';
import { encodeBody } from '../../../../src/protocol/enclave-wire.ts';
import { MAX_PROPOSALS } from '../../../../src/protocol/limits.ts';
import { positionAfterBatch, releaseBatchDigest } from '../../../../src/protocol/release.ts';
import { payoutTag, publicTag, REFUND_PAYOUT_INDEX } from '../../../../src/protocol/tag.ts';
import { fromHex, type Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { deposit, RECIPIENT, SENDER, sealedDeposit } from '../../../support/deposits.ts';
import {
  ANCHOR,
  ANCHOR_TRIE,
  BENEFICIARY,
  EnclaveWorld,
  ETHEREUM,
  ETHEREUM_GATEWAY,
  POLKADOT,
  POLKADOT_GATEWAY,
  SUBMITTER,
  testContext,
  wordOf,
} from '../../../support/enclave-world.ts';

const context = await testContext();
const { keys } = context;
const domain = { chainId: POLKADOT, verifyingContract: ANCHOR };
let world: EnclaveWorld;

const seal = (amount: bigint, seed: number) =>
  sealedDeposit(ETHEREUM, amount, { epoch: keys.epoch, epochKey: keys.epochKey, seed });

beforeEach(async () => {
  world = new EnclaveWorld(context);
  for (const [i, amount] of [1000n, 2000n, 3000n, 4000n].entries()) {
    world.deposit(ETHEREUM, await seal(amount, i + 1));
  }
  await world.ingestAll(ETHEREUM);
});

async function settle(commit: { readonly number: bigint; readonly postState: Hex }): Promise<void> {
  await world.confirm(commit);
}

describe('propose', () => {
  it('shows a commit and nothing else, and has the same answer for the same question', async () => {
    const commit = await world.propose(2, 0);
    expect(commit).toEqual({
      number: 1n,
      round: 0n,
      asOf: 0n,
      prevState: world.state.durable.ledger.stateId,
      postState: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      inputs: [
        { chainId: ETHEREUM, count: 2n },
        { chainId: POLKADOT, count: 0n },
      ],
      control: 0n,
      paid: [],
      beneficiary: BENEFICIARY,
    });
    const { proposals } = world.state;
    expect(await world.propose(2, 0)).toEqual(commit);
    expect(world.state.proposals).toEqual(proposals);
    const twin = new EnclaveWorld(context);
    twin.deposit(ETHEREUM, ...(world.outboxes.get(ETHEREUM) ?? []));
    await twin.ingestAll(ETHEREUM);
    expect(await twin.propose(2, 0)).toEqual(commit);
  });

  it('answers two different cursors on one state alike, but for hashes and cursors', async () => {
    const ask = async (ethereum: number) => {
      const params = {
        prevState: world.state.durable.ledger.stateId,
        inputs: [
          { chainId: ETHEREUM, count: BigInt(ethereum) },
          { chainId: POLKADOT, count: 0n },
        ],
        beneficiary: BENEFICIARY,
      };
      const result = await world.run('propose', params);
      const { commit, ...beside } = result;
      const { postState, inputs, ...rest } = commit;
      expect(inputs).toEqual(params.inputs);
      return { beside, rest, postState, bytes: encodeBody(result).length };
    };
    const untouched = await world.run('status', {});
    const [one, four] = [await ask(1), await ask(4)];
    expect(await world.run('status', {})).toEqual(untouched);
    expect(one.beside).toEqual({});
    expect(four.beside).toEqual({});
    expect(one.rest).toEqual(four.rest);
    expect(one.bytes).toBe(four.bytes);
    expect(one.postState).not.toBe(four.postState);
    const signed = await Promise.all(
      [one, four].map(({ postState }) => world.run('signCommit', { postState })),
    );
    for (const { commit, epoch, signature } of signed) {
      expect(Object.keys(commit)).toHaveLength(9);
      expect([epoch, signature.length]).toEqual([keys.epoch, 2 + 2 * 65]);
    }
    const error = await asyncRefusal(world.reveal(1n));
    expect(error).toMatchObject({ code: 'ENCLAVE_NOT_FINAL', meta: { number: 1n, last: 0n } });
  });

  it('blinds the state id: another ledger secret gives another id for the same ledger', async () => {
    const commit = await world.propose(1, 0);
    const otherKeys = { ...keys, ledgerSecret: new Uint8Array(32).fill(1) };
    const other = new EnclaveWorld({ ...context, keys: otherKeys });
    expect(other.state.durable.ledger.stateId).not.toBe(commit.prevState);
  });

  it('refuses a state that is neither the ledger nor proposed on it', async () => {
    const error = await asyncRefusal(world.propose(1, 0, wordOf(1n)));
    expect(error).toMatchObject({
      code: 'ENCLAVE_UNKNOWN_STATE',
      disposition: 'retry',
      meta: { stateId: wordOf(1n), ledgerState: world.state.durable.ledger.stateId },
    });
  });

  it('refuses a state that the anchor has moved past', async () => {
    const genesis = world.state.durable.ledger.stateId;
    const commit = await world.propose(1, 0);
    const sibling = await world.propose(2, 0);
    await settle(commit);
    for (const stale of [genesis, sibling.postState]) {
      const error = await asyncRefusal(world.propose(3, 0, stale));
      expect(error).toMatchObject({ code: 'ENCLAVE_UNKNOWN_STATE', meta: { stateId: stale } });
    }
    const signing = await asyncRefusal(world.run('signCommit', { postState: sibling.postState }));
    expect(signing.code).toBe('ENCLAVE_UNKNOWN_STATE');
  });

  const [eth, dot] = [ETHEREUM, POLKADOT];
  it.each([
    [
      'past what is proven',
      [
        [eth, 5n],
        [dot, 0n],
      ],
    ],
    ['of one chain only', [[eth, 1n]]],
    [
      'in another order',
      [
        [dot, 0n],
        [eth, 1n],
      ],
    ],
    [
      'of a chain twice',
      [
        [eth, 1n],
        [eth, 1n],
      ],
    ],
    [
      'that add nothing',
      [
        [eth, 0n],
        [dot, 0n],
      ],
    ],
    [
      'of an unknown chain',
      [
        [eth, 1n],
        [7n, 0n],
      ],
    ],
  ] as [string, [bigint, bigint][]][])('refuses cursors %s', async (_, cursors) => {
    const inputs = cursors.map(([chainId, count]) => ({ chainId, count }));
    const prevState = world.state.durable.ledger.stateId;
    const before = world.state;
    const error = await asyncRefusal(
      world.run('propose', { prevState, inputs, beneficiary: BENEFICIARY }),
    );
    expect(error.code).toBe('ENCLAVE_CURSORS_INVALID');
    expect(world.state).toBe(before);
  });

  it.each([
    ['an address that is not padded', `0x01${'bb'.repeat(20).padStart(62, '0')}`],
    ['nobody', wordOf(0n)],
    ['a gateway', wordOf(BigInt(POLKADOT_GATEWAY))],
  ] as [string, Hex][])(
    'refuses %s as the beneficiary, and computes nothing',
    async (_, beneficiary) => {
      const inputs = [
        { chainId: ETHEREUM, count: 1n },
        { chainId: POLKADOT, count: 0n },
      ];
      const prevState = world.state.durable.ledger.stateId;
      const before = world.state;
      const error = await asyncRefusal(world.run('propose', { prevState, inputs, beneficiary }));
      expect(error).toMatchObject({
        code: 'LEDGER_BENEFICIARY_INVALID',
        disposition: 'reject',
        meta: { beneficiary },
      });
      expect(world.state).toBe(before);
    },
  );

  it('refuses to go back behind what is consumed', async () => {
    const commit = await world.propose(2, 0);
    const error = await asyncRefusal(world.propose(1, 0, commit.postState));
    expect(error.code).toBe('ENCLAVE_CURSORS_INVALID');
  });

  it('drops the oldest proposals when there are too many, never one that is stood on', async () => {
    const parent = await world.propose(1, 0);
    const ask = (i: number) => {
      const beneficiary = wordOf(BigInt(i));
      const inputs = [
        { chainId: ETHEREUM, count: 2n },
        { chainId: POLKADOT, count: 0n },
      ];
      return world.run('propose', { prevState: parent.postState, inputs, beneficiary });
    };
    const first = await ask(1);
    for (let i = 2; i <= MAX_PROPOSALS; i++) await ask(i);
    expect(world.state.proposals.size).toBe(MAX_PROPOSALS);
    expect(world.state.proposals.has(parent.postState)).toBe(true);
    expect(world.state.proposals.has(first.commit.postState)).toBe(false);
    expect(await ask(1)).toEqual(first);
  });
});

describe('signCommit', () => {
  it('signs what was proposed for the anchor, under the epoch', async () => {
    const commit = await world.propose(2, 0);
    const signed = await world.run('signCommit', { postState: commit.postState });
    expect(signed.commit).toEqual(commit);
    const digest = commitDigest(domain, signed.epoch, commit);
    expect(recoverAddress(digest, fromHex(signed.signature))).toBe(keys.signer);
  });

  it('refuses what was not', async () => {
    const error = await asyncRefusal(world.run('signCommit', { postState: wordOf(3n) }));
    expect(error).toMatchObject({ code: 'ENCLAVE_UNKNOWN_STATE', meta: { stateId: wordOf(3n) } });
  });
});

describe('confirmAnchored', () => {
  /** Indices of the messages that wait on a chain. */
  const waiting = (chainId = ETHEREUM) =>
    world.state.inboxes.get(chainId)?.messages.map(({ message }) => message.index);

  it('moves the ledger over several proposals at once and drops what stands beside', async () => {
    const one = await world.propose(1, 0);
    const two = await world.propose(3, 0, one.postState);
    const three = await world.propose(4, 0, two.postState);
    const beside = await world.propose(4, 0, one.postState);
    const answer = await world.confirm(two);
    expect(answer).toEqual({ number: 2n, stateId: two.postState });
    expect([...world.state.proposals.keys()]).toEqual([three.postState]);
    expect(world.state.proposals.has(beside.postState)).toBe(false);
    expect(waiting()).toEqual([3n]);
    expect((await world.reveal(1n)).batches.length).toBeGreaterThan(0);
    expect((await world.reveal(2n)).batches.length).toBeGreaterThan(0);
    await settle(three);
    expect(world.state.durable.ledger.stateId).toBe(three.postState);
  });

  it('keeps all that stands on the state that was anchored, however far from it', async () => {
    const one = await world.propose(1, 0);
    const two = await world.propose(2, 0, one.postState);
    const three = await world.propose(3, 0, two.postState);
    const four = await world.propose(4, 0, three.postState);
    await settle(one);
    const rest = [two, three, four].map(({ postState }) => postState);
    expect([...world.state.proposals.keys()]).toEqual(rest);
    expect(waiting()).toEqual([1n, 2n, 3n]);
    await settle(four);
    expect(world.state.proposals.size).toBe(0);
  });

  it('keeps no message that is consumed, and all of the other chains', async () => {
    world.deposit(POLKADOT, deposit(POLKADOT, 700n), deposit(POLKADOT, 800n));
    await world.ingestAll(POLKADOT);
    const commit = await world.propose(4, 1);
    await settle(commit);
    expect(waiting()).toEqual([]);
    expect(waiting(POLKADOT)).toEqual([1n]);
    expect(world.state.inboxes.get(ETHEREUM)?.position).toEqual(world.positionAt(ETHEREUM));
  });

  it('takes any number on the way, so that a ledger far behind drops what it has consumed', async () => {
    const one = await world.propose(1, 0);
    const two = await world.propose(2, 0, one.postState);
    const three = await world.propose(3, 0, two.postState);
    expect(await world.confirm(one)).toEqual({ number: 1n, stateId: one.postState });
    expect(waiting()).toEqual([1n, 2n, 3n]);
    expect([...world.state.proposals.keys()]).toEqual([two.postState, three.postState]);
    expect((await asyncRefusal(world.reveal(2n))).code).toBe('ENCLAVE_NOT_FINAL');
    expect(await world.confirm(three)).toEqual({ number: 3n, stateId: three.postState });
    expect(waiting()).toEqual([3n]);
    expect((await world.reveal(2n)).batches.length).toBeGreaterThan(0);
  });

  it('changes nothing for a transition that it has passed, or has forgotten', async () => {
    const genesis = { number: 0n, postState: world.state.durable.ledger.stateId };
    await settle(genesis);
    const one = await world.propose(1, 0);
    await settle(one);
    const two = await world.propose(2, 0);
    await settle(two);
    for (const passed of [genesis, one, two]) {
      const params = world.proveAnchor(passed);
      const before = world.state;
      const answer = await world.run('confirmAnchored', params);
      expect(answer).toEqual({ number: 2n, stateId: two.postState });
      expect(world.state).toBe(before);
    }
  });

  it('refuses a number that the anchor has not committed at that block', async () => {
    const one = await world.propose(1, 0);
    await world.propose(2, 0, one.postState);
    for (const number of [1n, 2n, 2n ** 64n - 1n]) {
      const words = new Map([[anchorIdSlot(0n), world.state.durable.ledger.stateId]]);
      const proof = world.provePolkadot(ANCHOR_TRIE, anchorIdSlot(number), words);
      const error = await asyncRefusal(world.run('confirmAnchored', { number, proof }));
      expect(error).toMatchObject({
        code: 'ENCLAVE_NOT_ANCHORED',
        disposition: 'retry',
        meta: { number },
      });
    }
    expect(world.state.durable.ledger.state.number).toBe(0n);
  });

  it('stops where the anchor keeps another id than the ledger had, or one of its ids elsewhere', async () => {
    const genesis = { number: 0n, postState: world.state.durable.ledger.stateId };
    const one = await world.propose(1, 0);
    await settle(one);
    const two = await world.propose(2, 0);
    await settle(two);
    const three = await world.propose(3, 0);
    const four = await world.propose(4, 0, three.postState);
    const wrong: readonly (readonly [bigint, Hex])[] = [
      [2n, wordOf(7n)],
      [2n, one.postState],
      [1n, wordOf(7n)],
      [0n, two.postState],
      [3n, two.postState],
      [3n, one.postState],
      [3n, four.postState],
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
    await settle(genesis);
    expect(await world.confirm(four)).toEqual({ number: 4n, stateId: four.postState });
  });

  it('refuses a state that was not proposed here, until it is', async () => {
    const twin = new EnclaveWorld(context);
    twin.deposit(ETHEREUM, ...(world.outboxes.get(ETHEREUM) ?? []));
    await twin.ingestAll(ETHEREUM);
    const others = await twin.propose(3, 0);
    const error = await asyncRefusal(settle(others));
    expect(error).toMatchObject({
      code: 'ENCLAVE_ANCHOR_UNKNOWN',
      disposition: 'retry',
      meta: { stateId: others.postState, number: 0n, anchored: 1n },
    });
    await world.propose(3, 0);
    await settle(others);
    expect(world.state.durable.ledger.stateId).toBe(others.postState);
  });

  it('refuses a proof of another slot, contract or chain', async () => {
    const { number, postState } = await world.propose(1, 0);
    const words = new Map([
      [ANCHOR_SLOTS.stateId, postState],
      [ANCHOR_SLOTS.number, wordOf(1n)],
      [anchorIdSlot(number), postState],
      [anchorIdSlot(2n), wordOf(2n)],
    ]);
    for (const slot of [ANCHOR_SLOTS.stateId, ANCHOR_SLOTS.idOf, anchorIdSlot(2n)]) {
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
    expect(world.state.durable.ledger.state.number).toBe(0n);
  });
});

describe('reveal', () => {
  it('signs the batches of a final transition for the gateways they name, in their order', async () => {
    await settle(await world.propose(4, 0));
    const { batches } = await world.reveal(1n);
    const heads = new Map<bigint, { count: bigint; head: Hex }>();
    for (const { batch, submitter, epoch, signature } of batches) {
      expect(submitter).toBe(SUBMITTER);
      const digest = releaseBatchDigest(epoch, SUBMITTER, batch);
      expect(recoverAddress(digest, fromHex(signature))).toBe(keys.signer);
      const before = heads.get(batch.chainId);
      if (before !== undefined) {
        expect({ count: batch.firstIndex, head: batch.prevHead }).toEqual(before);
      }
      heads.set(batch.chainId, positionAfterBatch(batch));
    }
    const { released } = (await world.run('status', {})).ledger;
    for (const { chainId, position } of released) {
      if (heads.has(chainId)) expect(heads.get(chainId)).toEqual(position);
    }
    const paid = batches.flatMap(({ batch }) => batch.releases);
    for (const seed of [1, 2, 3, 4]) {
      const tag = payoutTag(new Uint8Array(32).fill(seed), 0);
      const release = paid.find((candidate) => candidate.tag === tag);
      expect(release).toMatchObject({ recipient: RECIPIENT, amount: BigInt(seed) * 1000n - 10n });
    }
  });

  it('signs for the chains that are named and the submitter named with each, and leaves the others out', async () => {
    world.deposit(POLKADOT, deposit(POLKADOT, 700n));
    await world.ingestAll(POLKADOT);
    await settle(await world.propose(4, 1));
    const all = (await world.reveal(1n)).batches;
    expect(new Set(all.map(({ batch }) => batch.chainId))).toEqual(new Set([ETHEREUM, POLKADOT]));
    const other: Hex = `0x${'5c'.repeat(20)}`;
    const submitters = [{ chainId: POLKADOT, submitter: other }];
    const { batches } = await world.run('reveal', { number: 1n, submitters });
    expect(batches.map(({ batch }) => batch)).toEqual(
      all.filter(({ batch }) => batch.chainId === POLKADOT).map(({ batch }) => batch),
    );
    for (const { batch, submitter, epoch, signature } of batches) {
      const signers = [other, SUBMITTER].map((each) =>
        recoverAddress(releaseBatchDigest(epoch, each, batch), fromHex(signature)),
      );
      expect([submitter, signers[0]]).toEqual([other, keys.signer]);
      expect(signers[1]).not.toBe(keys.signer);
    }
    expect((await world.run('reveal', { number: 1n, submitters: [] })).batches).toEqual([]);
    const unknown = [{ chainId: 7n, submitter: other }];
    const error = await asyncRefusal(world.run('reveal', { number: 1n, submitters: unknown }));
    expect(error).toMatchObject({ code: 'ENCLAVE_CHAIN_UNKNOWN', meta: { chainId: 7n } });
  });

  it('is refused before the commit is final, signed or not', async () => {
    const { postState } = await world.propose(1, 0);
    await world.run('signCommit', { postState });
    for (const number of [1n, 2n]) {
      const error = await asyncRefusal(world.reveal(number));
      expect(error).toMatchObject({
        code: 'ENCLAVE_NOT_FINAL',
        disposition: 'retry',
        meta: { number, last: 0n },
      });
    }
  });

  it('is refused for the genesis, which releases nothing', async () => {
    const error = await asyncRefusal(world.reveal(0n));
    expect(error).toMatchObject({ code: 'ENCLAVE_TRANSITION_FORGOTTEN', disposition: 'reject' });
  });
});

describe('an envelope copied into another deposit', () => {
  it('does not open: its depositor is refunded and its recipient is paid once', async () => {
    const [original] = world.outboxes.get(ETHEREUM)!;
    const thief: Hex = `0x${'7f'.repeat(20)}`;
    world.deposit(
      ETHEREUM,
      deposit(ETHEREUM, 500n, { sender: thief, refundTo: thief, envelope: original!.envelope }),
    );
    await world.ingestAll(ETHEREUM);
    await settle(await world.propose(5, 0));
    const { batches } = await world.reveal(1n);
    const on = (chainId: bigint) =>
      batches
        .filter(({ batch }) => batch.chainId === chainId)
        .flatMap(({ batch }) => batch.releases);
    const tag = publicTag(ETHEREUM, ETHEREUM_GATEWAY, 4n, REFUND_PAYOUT_INDEX);
    expect(on(ETHEREUM).find((release) => release.tag === tag)).toMatchObject({
      recipient: thief,
      amount: 490n,
      refundOf: 5n,
    });
    expect(on(POLKADOT).filter(({ recipient }) => recipient === RECIPIENT)).toHaveLength(4);
    expect(SENDER).not.toBe(thief);
  });
});
