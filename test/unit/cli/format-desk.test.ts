import { describe, expect, it } from 'vitest';
import { formatExplained } from '../../../src/cli/format-desk.ts';
import { explain, withPublicEnd } from '../../../src/protocol/explain.ts';
import { stepFor } from '../../../src/protocol/transfer-state.ts';
import type { ExplainedSubject } from '../../../src/relayer/operate/explain-subject.ts';

const SUBJECT = 'message 31337/4';
const UNKNOWN = { samples: 3, p90Sec: null, p99Sec: null };

function linesOf(eta: ExplainedSubject['eta'], more: Partial<ExplainedSubject> = {}): string[] {
  const explained: ExplainedSubject = {
    subject: SUBJECT,
    explanation: explain(SUBJECT, [stepFor('deposit-final')]) ?? null,
    eta,
    evidence: [],
    facts: {},
    transactions: [],
    related: [],
    holds: [],
    ...more,
  };
  return formatExplained(
    { chains: [], file: '/etc/my relayer.json' },
    { subjects: [explained], alarms: [] },
  );
}

describe('what is explained to an operator', () => {
  it('says in how long how many were through before', () => {
    const note = 'of the newest 200 of this direction';
    const seconds = { p50Sec: 60, p90Sec: 240, p99Sec: 600 };
    expect(
      linesOf({ until: 'confirmed', basis: 'history', samples: 200, ...seconds, note }),
    ).toContain(
      `expected: confirmed: half of them in 60 s, nine of ten in 4 min, all but one of 100 in 10 min (${note})`,
    );
  });

  it('says one time where only rules say it, and none where nothing does', () => {
    const until = 'anchored';
    expect(linesOf({ until, basis: 'rules', ...UNKNOWN, p50Sec: 120, note: 'by rule' })).toContain(
      'expected: anchored: 2 min (by rule)',
    );
    expect(
      linesOf({ until, basis: 'none', ...UNKNOWN, p50Sec: null, note: 'who knows' }),
    ).toContain('expected: anchored (who knows)');
    expect(linesOf(null).join('\n')).not.toContain('expected');
  });

  it('has amounts in coins, times as dates and no JSON', () => {
    const coin = `0x${'00'.repeat(10)}7a69${'00'.repeat(20)}`;
    const facts = { asset: coin, amount: '2500300000000000000', sentAtSec: '1800000000' };
    expect(linesOf(null, { facts })).toEqual(
      expect.arrayContaining([
        '  asset: the coin of 31337',
        '  amount: 2.5003',
        '  sent: 2027-01-15 08:00:00 UTC',
      ]),
    );
    const token = `0x${'00'.repeat(10)}7a69${'ab'.repeat(20)}`;
    const inputs = '[{"chainId":"1","count":"4"},{"chainId":"2","count":"0"}]';
    expect(linesOf(null, { facts: { asset: token, paid: '7', inputs } })).toEqual(
      expect.arrayContaining([
        `  asset: token 0x${'ab'.repeat(20)} of 31337`,
        "  paid: 7 of the token's smallest unit",
        '  messages taken: 4 of 1, 0 of 2',
      ]),
    );
  });

  it('gives commands that can be typed as they are, with the configuration that was named', () => {
    const subject = 'batch 31337/4';
    const explanation = explain(subject, [stepFor('held-by-operator')]) ?? null;
    const holds = [{ subject, reason: 'wait', atMs: 0 }] as const;
    const lines = linesOf(null, { subject, explanation, holds });
    const release = "veilspan relayer release batch/31337/4 --config '/etc/my relayer.json'";
    expect(lines).toContain(`command: ${release}`);
    expect(lines).toContain(`  held by the operator: ${subject}: wait; end it by \`${release}\``);
  });

  it('names nobody who has to act where nothing follows', () => {
    expect(linesOf(null)).toContain('who: enclave');
    const told = explain(SUBJECT, [stepFor('commit-final')]);
    const explanation = told ? withPublicEnd(told, true) : null;
    expect(linesOf(null, { explanation }).join('\n')).not.toContain('who:');
  });

  it.each([
    ['final', 'done: its releases are made, and final'],
    ['included', 'a block has its releases, and may still be replaced'],
    ['broadcast', 'in flight: no block has it yet'],
  ])('says of a batch whose transaction is %s that %s', (state, cause) => {
    const transactions = [{ hash: '0xab', state, nonce: 0, block: null }] as const;
    expect(linesOf(null, { subject: 'batch 31337/4', explanation: null, transactions })).toContain(
      `cause: ${cause}`,
    );
  });
});
