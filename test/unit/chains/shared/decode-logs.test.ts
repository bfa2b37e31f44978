import { describe, expect, it } from 'vitest';
import { ChainError } from '../../../../src/chains/shared/bridged-chain.ts';
import { decodeLogs, joinSeen, NOTHING_SEEN } from '../../../../src/chains/shared/decode-logs.ts';
import { CONTROL_KINDS } from '../../../../src/protocol/control.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import {
  bridgeLog,
  commitLog,
  controlLog,
  depositLog,
  GATEWAY,
  postLog,
  SENDER,
} from '../../../support/bridge-logs.ts';
import { refusal } from '../../../support/refusal.ts';

const PLACE = { chain: 'here', chainId: 3n, gateway: GATEWAY, isFinal: true };
const WORD: Hex = `0x${'cd'.repeat(32)}`;
const PAYLOAD: Hex = `0x${'00'.repeat(31)}09`;

describe('the logs of a bridge', () => {
  it('show a post as a message of which all is fee', () => {
    const { messages } = decodeLogs([depositLog(0n, 5), postLog(1n, 6)], PLACE);
    expect(messages.map(({ amount, fee }) => amount === fee)).toEqual([false, true]);
    expect(messages[1]).toMatchObject({ chainId: 3n, index: 1n, sender: SENDER, destination: 0n });
  });

  it('show a commit with all that it can be proposed again from', () => {
    const args = [2n, WORD, WORD, 40n, 1_800_000_009n, [[3n, 4n]], 5n, [[6n, 7n]], WORD];
    const { commits } = decodeLogs([bridgeLog('Committed', args, 8)], PLACE);
    expect(commits).toEqual([
      {
        number: 2n,
        round: 40n,
        asOf: 1_800_000_009n,
        prevState: WORD,
        postState: WORD,
        inputs: [{ chainId: 3n, count: 4n }],
        control: 5n,
        paid: [{ chainId: 6n, count: 7n }],
        beneficiary: WORD,
        blockNumber: 8,
        isFinal: true,
        transactionHash: WORD,
      },
    ]);
  });

  it('show a control message as the anchor sent it', () => {
    const kind = CONTROL_KINDS.startEpoch;
    const args = [4n, kind, 77n, 1_800_000_001n, PAYLOAD, WORD];
    const { controls } = decodeLogs([bridgeLog('ControlSent', args, 9)], PLACE);
    const said = { index: 4n, kind, round: 77n, sentAtSec: 1_800_000_001n };
    expect(controls).toEqual([
      { ...said, payload: PAYLOAD, head: WORD, blockNumber: 9, isFinal: true },
    ]);
  });

  it('are joined in their order, control messages too', () => {
    const seen = [1n, 2n].map((index) => {
      const logs = [controlLog({ index, kind: 5, payload: PAYLOAD }, 1), commitLog(index, [], 1)];
      return decodeLogs(logs, PLACE);
    });
    const joined = seen.reduce(joinSeen, NOTHING_SEEN);
    expect(joined.controls.map(({ index }) => index)).toEqual([1n, 2n]);
    expect(joined.commits.map(({ number }) => number)).toEqual([1n, 2n]);
  });

  it.each([
    ['an amount above what a gateway takes', 'amount', 2n ** 128n],
    ['a fee above the amount', 'fee', 11n],
    ['an index that no counter reaches', 'index', 2n ** 63n],
    ['a time that no block has', 'sentAtSec', 2n ** 64n - 1n],
    ['an envelope without a byte', 'envelope', '0x'],
    ['an envelope that is too long', 'envelope', `0x${'01'.repeat(833)}`],
  ])('are refused if one has %s', (_, field, value) => {
    const honest = { index: 0n, amount: 10n, fee: 1n, sentAtSec: 9n, envelope: '0x01' };
    const told = new Map<string, unknown>([...Object.entries(honest), [field, value]]);
    const [index, amount, fee, sentAtSec, envelope] = told.values();
    const args = [index, SENDER, WORD, amount, fee, 1n, sentAtSec, SENDER, envelope, WORD];
    const logs = [bridgeLog('Deposited', args, 5)];
    expect(refusal(() => decodeLogs(logs, PLACE))).toMatchObject({
      code: 'CHAIN_ANSWER_MALFORMED',
    });
  });

  it('are refused if two say what one message is', () => {
    const logs = [depositLog(0n, 5), { ...postLog(0n, 5), logIndex: 1 }];
    expect(refusal(() => decodeLogs(logs, PLACE))).toMatchObject({
      code: 'CHAIN_ANSWER_MALFORMED',
    });
  });

  it('are refused if one does not fit its event', () => {
    const log = { ...controlLog({ index: 0n, kind: 5, payload: PAYLOAD }, 1), data: '0x' as Hex };
    expect(() => decodeLogs([log], PLACE)).toThrow(ChainError);
  });
});
