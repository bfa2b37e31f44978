import { describe, expect, it } from 'vitest';
import type { ContractLog } from '../../../../src/chains/shared/bridged-chain.ts';
import { decodeLogs } from '../../../../src/chains/shared/decode-logs.ts';
import { stepFor } from '../../../../src/protocol/transfer-state.ts';
import { publicTags } from '../../../../src/protocol/transfer-tags.ts';
import { findGone } from '../../../../src/relayer/journal/state-changes.ts';
import { stateChangesOf } from '../../../../src/relayer/watch/state-changes-of.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import {
  assignedLog,
  claimedLog,
  commitLog,
  deferredLog,
  depositLog,
  GATEWAY,
  releasedLog,
  skippedLog,
} from '../../../support/bridge-logs.ts';
import { refusal } from '../../../support/refusal.ts';

const WORD: Hex = `0x${'cd'.repeat(32)}`;
const CHAIN_ID = 420420499n;
const OTHER = 31337n;
const REFUND = publicTags({ chainId: CHAIN_ID, index: 4n }, GATEWAY).refund;

function changesOf(
  logs: readonly ContractLog[],
  isFinal: boolean,
  consumed: [bigint, bigint][] = [],
) {
  const place = { chain: 'polkadot', chainId: CHAIN_ID, gateway: GATEWAY, isFinal };
  const changes = stateChangesOf(decodeLogs(logs, place), {
    chainId: CHAIN_ID,
    isFinal,
    atMs: 1,
    consumed: consumed.map(([chainId, count]) => ({ chainId, count })),
    refunds: { indexes: new Set([9n]), tags: new Set([REFUND]) },
  });
  return [...changes];
}

function changes(...of: Parameters<typeof changesOf>) {
  return changesOf(...of).map(({ subject, state, reason }) => [subject, state, reason]);
}

describe('what a chain’s logs stand for', () => {
  const deposited = depositLog(4n, 7);
  const paid = releasedLog(0n, WORD, 7);
  const deferred = deferredLog({ index: 1n, tag: WORD }, 7);
  const claimed = claimedLog({ index: 1n, tag: WORD }, 7);
  const commit = commitLog(
    2n,
    [
      [OTHER, 5n],
      [CHAIN_ID, 1n],
    ],
    7,
  );

  it('is seen first and final later', () => {
    const subject = `message ${CHAIN_ID}/4`;
    expect(changes([deposited], false)).toEqual([[subject, 'observed', 'deposit-included']]);
    expect(changes([deposited], true)).toEqual([
      [subject, 'observed', 'deposit-included'],
      [subject, 'finalized', 'deposit-final'],
    ]);
  });

  it('tells a payout from one that was put aside, with the gateway’s reason', () => {
    expect(changes([paid, deferred, claimed], true)).toEqual([
      [`release ${CHAIN_ID}/0`, 'released', 'payout-included'],
      [`release ${CHAIN_ID}/0`, 'confirmed', 'payout-final'],
      [`release ${CHAIN_ID}/1`, 'claimable', 'payout-failed'],
      [`release ${CHAIN_ID}/1`, 'claimed', 'claim-included'],
      [`release ${CHAIN_ID}/1`, 'confirmed', 'claim-final'],
    ]);
  });

  it('does not call a claim confirmed before its block is final', () => {
    expect(changes([claimed], false)).toEqual([
      [`release ${CHAIN_ID}/1`, 'claimed', 'claim-included'],
    ]);
  });

  it('tells a refund from a payout by its tag', () => {
    expect(changes([releasedLog(2n, REFUND, 7)], true)).toEqual([
      [`release ${CHAIN_ID}/2`, 'refunded', 'refund-included'],
      [`release ${CHAIN_ID}/2`, 'confirmed', 'payout-final'],
    ]);
  });

  it('tells a refund by the batch that says so, whatever its tag', () => {
    expect(changes([releasedLog(9n, WORD, 7)], false)).toEqual([
      [`release ${CHAIN_ID}/9`, 'refunded', 'refund-included'],
    ]);
  });

  it('leaves a claim of a part claimable, and a refund without a deposit skipped', () => {
    const part = claimedLog({ index: 1n, tag: WORD, left: 1n }, 7);
    expect(changes([deferred, part], true)).toEqual([
      [`release ${CHAIN_ID}/1`, 'claimable', 'payout-failed'],
      [`release ${CHAIN_ID}/1`, 'claimable', 'claimed-in-part'],
    ]);
    const skips = [0, 1, 2].map((reason) => skippedLog({ index: 2n, tag: REFUND, reason }, 7));
    expect(changes(skips, true).map(([, state, reason]) => `${state} ${reason}`)).toEqual([
      'skipped already-spent',
      'skipped message-unknown',
      'skipped unnamed-skip',
    ]);
  });

  it('says when somebody was named for what nobody could claim', () => {
    const orphan = deferredLog({ index: 1n, tag: WORD, reason: 7 }, 7);
    expect(changes([orphan, assignedLog(1n, 8)], true).map(([, , reason]) => reason)).toEqual([
      'recipient-impossible',
      'claim-assigned',
    ]);
  });

  it('does not confirm a payout of which the rest was put aside', () => {
    expect(changes([releasedLog(1n, WORD, 7), deferred], true)).toEqual([
      [`release ${CHAIN_ID}/1`, 'released', 'payout-included'],
      [`release ${CHAIN_ID}/1`, 'claimable', 'payout-failed'],
    ]);
  });

  it('gives a commit to the messages between the cursors before it and its own', () => {
    expect(
      changes([commit], false, [
        [OTHER, 3n],
        [CHAIN_ID, 1n],
      ]),
    ).toEqual([
      ['message 31337/3', 'committed', 'commit-included'],
      ['message 31337/4', 'committed', 'commit-included'],
    ]);
  });

  it('counts on from one commit of a block to the next', () => {
    const next = commitLog(
      3n,
      [
        [OTHER, 6n],
        [CHAIN_ID, 1n],
      ],
      7,
    );
    const subjects = changes([commit, next], true, [
      [OTHER, 4n],
      [CHAIN_ID, 0n],
    ]);
    expect(subjects.map(([subject, state]) => `${subject} ${state}`)).toEqual([
      'message 31337/4 committed',
      'message 31337/4 anchored',
      `message ${CHAIN_ID}/0 committed`,
      `message ${CHAIN_ID}/0 anchored`,
      'message 31337/5 committed',
      'message 31337/5 anchored',
    ]);
  });

  it('leaves out logs that are nobody’s', () => {
    const stranger: ContractLog = { ...deposited, topics: [WORD], data: '0x' };
    expect(changes([stranger, { ...deposited, topics: [] }], true)).toEqual([]);
  });

  it('refuses a log of ours that is cut off: the cursor must not pass it', () => {
    const cut: ContractLog = { ...deposited, data: deposited.data.slice(0, -64) as Hex };
    expect(refusal(() => changes([paid, cut], true))).toMatchObject({
      code: 'CHAIN_ANSWER_MALFORMED',
      meta: { chain: 'polkadot' },
    });
  });
});

describe('of what blocks once showed', () => {
  const before = changesOf([depositLog(4n, 7), releasedLog(0n, WORD, 8)], false);

  it('nothing is gone while they show the same', () => {
    expect(findGone(before, before)).toEqual([]);
  });

  it('what they show no more is gone, and what they show in another block', () => {
    const now = changesOf([depositLog(4n, 9)], false);
    expect(findGone(before, now).map(({ subject }) => subject)).toEqual([
      `message ${CHAIN_ID}/4`,
      `release ${CHAIN_ID}/0`,
    ]);
  });

  it('what an enclave has verified stays, for it does not hang on these blocks', () => {
    const { reason } = stepFor('replayed-to-proven-head');
    expect(findGone([{ subject: 'message 1/0', reason, blockNumber: 7 }], [])).toEqual([]);
  });
});
