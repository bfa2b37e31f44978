import { describe, expect, it } from 'vitest';
import { ANCHOR_ABI, GATEWAY_ABI } from '../../../../src/chains/shared/abi.ts';
import type { ContractLog } from '../../../../src/chains/shared/bridged-chain.ts';
import { decodeLogs } from '../../../../src/chains/shared/decode-logs.ts';
import { stateChangesOf } from '../../../../src/relayer/watch/state-changes-of.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { refusal } from '../../../support/refusal.ts';

const GATEWAY: Hex = `0x${'0a'.repeat(20)}`;
const ANCHOR: Hex = `0x${'0b'.repeat(20)}`;
const WORD: Hex = `0x${'cd'.repeat(32)}`;
const PERSON: Hex = `0x${'ef'.repeat(20)}`;
const CHAIN_ID = 420420499n;

function log(name: string, args: readonly unknown[], blockNumber = 7): ContractLog {
  const isAnchor = name === 'Committed';
  const abi = isAnchor ? ANCHOR_ABI : GATEWAY_ABI;
  const { topics, data } = abi.encodeEventLog(name, args);
  return {
    address: isAnchor ? ANCHOR : GATEWAY,
    topics: topics as Hex[],
    data: data as Hex,
    blockNumber,
    blockHash: WORD,
    logIndex: 0,
    transactionHash: WORD,
  };
}

function changes(
  logs: readonly ContractLog[],
  isFinal: boolean,
  consumed: [bigint, bigint][] = [],
) {
  const seen = decodeLogs(logs, {
    chain: 'polkadot',
    chainId: CHAIN_ID,
    gateway: GATEWAY,
    isFinal,
  });
  const cursors = consumed.map(([chainId, count]) => ({ chainId, count }));
  const seeing = { chain: 'polkadot', isFinal, atMs: 1, consumed: cursors } as const;
  return stateChangesOf(seen, seeing).map(({ subject, state, reason }) => [subject, state, reason]);
}

describe('what a chain’s logs stand for', () => {
  const deposited = log('Deposited', [4n, PERSON, WORD, 10n, 1n, 31337n, '0x01', WORD]);
  const paid = log('Released', [0n, WORD, WORD, PERSON, 9n]);
  const deferred = log('ReleaseDeferred', [1n, WORD, WORD, PERSON, 9n, 6n]);
  const claimed = log('Claimed', [1n, WORD, PERSON]);
  const commit = log('Committed', [
    2n,
    WORD,
    WORD,
    [
      [31337n, 5n],
      [CHAIN_ID, 1n],
    ],
    PERSON,
  ]);

  it('is seen first and final later', () => {
    const subject = `message ${CHAIN_ID}/4`;
    expect(changes([deposited], false)).toEqual([[subject, 'observed', 'deposit-included']]);
    expect(changes([deposited], true)).toEqual([
      [subject, 'observed', 'deposit-included'],
      [subject, 'finalised', 'deposit-final'],
    ]);
  });

  it('tells a payout from one that was put aside, with the gateway’s reason', () => {
    expect(changes([paid, deferred, claimed], true)).toEqual([
      [`release ${CHAIN_ID}/0`, 'released', 'payout-included'],
      [`release ${CHAIN_ID}/0`, 'confirmed', 'payout-final'],
      [`release ${CHAIN_ID}/1`, 'claimable', 'payout-failed'],
      [`release ${CHAIN_ID}/1`, 'claimed', 'claim-included'],
    ]);
  });

  it('gives a commit to the messages between the cursors before it and its own', () => {
    expect(
      changes([commit], false, [
        [31337n, 3n],
        [CHAIN_ID, 1n],
      ]),
    ).toEqual([
      ['message 31337/3', 'committed', 'commit-included'],
      ['message 31337/4', 'committed', 'commit-included'],
    ]);
  });

  it('counts on from one commit of a block to the next', () => {
    const next = log('Committed', [
      3n,
      WORD,
      WORD,
      [
        [31337n, 6n],
        [CHAIN_ID, 1n],
      ],
      PERSON,
    ]);
    const subjects = changes([commit, next], true, [
      [31337n, 4n],
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
