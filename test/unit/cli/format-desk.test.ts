import { describe, expect, it } from 'vitest';
import { formatExplained } from '../../../src/cli/format-desk.ts';
import { explain } from '../../../src/protocol/explain.ts';
import { stepFor } from '../../../src/protocol/transfer-state.ts';
import type { ExplainedSubject } from '../../../src/relayer/operate/explain-subject.ts';

const SUBJECT = 'message 31337/4';
const UNKNOWN = { samples: 3, p90Sec: null, p99Sec: null };

function linesOf(eta: ExplainedSubject['eta']): string[] {
  const explained: ExplainedSubject = {
    subject: SUBJECT,
    explanation: explain(SUBJECT, [stepFor('deposit-final')]) ?? null,
    eta,
    evidence: [],
    facts: {},
    transactions: [],
    related: [],
    holds: [],
  };
  return formatExplained({ chains: [] }, { subjects: [explained], alarms: [] });
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
});
