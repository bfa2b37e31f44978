import { formatDuration } from '../client/describe-wait.ts';
import { formatTable } from '../client/format-table.ts';
import type { RelayerConfig } from '../config/relayer.ts';
import { CAUSES } from '../protocol/explain.ts';
import type { DeskAnswers } from '../relayer/operate/desk.ts';

type Explained = DeskAnswers['explain'][number];
type RunningVitals = NonNullable<DeskAnswers['vitals']>;

/** What stands where, in lines. */
export function formatListed(rows: DeskAnswers['list']): string[] {
  if (rows.length === 0) return ['nothing is on its way'];
  const cells = rows.map(({ subject, state, cause, who, block, atMs }) => {
    return [subject, state, formatInstant(atMs), `${block}`, who, cause];
  });
  return [formatTable(['subject', 'state', 'since', 'block', 'who acts', 'cause'], cells, [3])];
}

/** Why subjects are where they are, in lines. */
export function formatExplained(
  config: Pick<RelayerConfig, 'chains'>,
  { subjects, alarms }: { subjects: readonly Explained[]; alarms: RunningVitals['alarms'] },
): string[] {
  if (subjects.length === 0) return ['the journal knows nothing by that name'];
  const told = subjects.flatMap((each, i) => [
    ...(i === 0 ? [] : ['']),
    ...explained(config, each),
  ]);
  return [...told, ...formatAlarms(alarms)];
}

function explained(config: Pick<RelayerConfig, 'chains'>, one: Explained): string[] {
  const { subject, explanation, eta, evidence, facts, transactions, related, holds } = one;
  const nameOf = (id: string) =>
    config.chains.find(({ chainId }) => `${chainId}` === id)?.name ?? id;
  const steps = evidence.map(({ state, reason, chainId, block, atMs }) => {
    return [state, nameOf(chainId), `${block}`, formatInstant(atMs), CAUSES[reason]];
  });
  return [
    subject,
    ...(explanation === null
      ? [`cause: ${withoutSteps(subject, facts)}`]
      : [
          `cause: ${explanation.standing}: ${explanation.cause}`,
          `next: ${explanation.next}`,
          `who: ${explanation.who}`,
          ...(explanation.command === undefined ? [] : [`command: ${explanation.command}`]),
        ]),
    ...(eta === null ? [] : [formatEta(eta)]),
    ...Object.entries(facts).map(([name, value]) => `  ${name}: ${value}`),
    ...(related.length === 0 ? [] : [`  hangs together with: ${related.join(', ')}`]),
    ...holds.map((hold) => `  held by the operator: ${hold.subject}: ${hold.reason}`),
    ...transactions.map(({ hash, state, nonce, block }) => {
      return `  our transaction ${hash}: ${state}, nonce ${nonce}${block === null ? '' : `, block ${block}`}`;
    }),
    ...(steps.length === 0
      ? []
      : [formatTable(['state', 'chain', 'block', 'journaled', 'cause'], steps, [2])]),
  ];
}

/** When something can be expected, in a line. */
function formatEta({ until, p50Sec, p90Sec, p99Sec, note }: NonNullable<Explained['eta']>): string {
  const shares = [
    ['half of them', p50Sec],
    ['nine of ten', p90Sec],
    ['all but one of 100', p99Sec],
  ] as const;
  const told = shares.flatMap(([share, sec]) =>
    sec === null ? [] : [`${share} in ${formatDuration(BigInt(sec))}`],
  );
  // Rules say one time for all.
  const when =
    p50Sec !== null && p90Sec === null ? formatDuration(BigInt(p50Sec)) : told.join(', ');
  return `expected: ${until}${when === '' ? '' : `: ${when}`} (${note})`;
}

/** Commits have no steps of their own. */
function withoutSteps(subject: string, { isFinal }: Explained['facts']): string {
  if (!subject.startsWith('commit ')) return 'no step of it is journaled';
  return isFinal === 'true'
    ? 'it is final on the anchor chain'
    : 'a block of the anchor chain has it, and may still be replaced';
}

/** How the lanes of a relayer stand, in lines. */
export function formatVitals(vitals: RunningVitals | null, holds: DeskAnswers['holds']): string[] {
  const held = holds.map(({ subject, reason }) => `held by the operator: ${subject}: ${reason}`);
  if (vitals === null) return ['no relayer runs here', ...held];
  const lanes = vitals.lanes.map(({ name, state, sinceDoneMs, failures, failedWith = '' }) => [
    name,
    state,
    sinceDoneMs === undefined ? 'never' : `${Math.round(sinceDoneMs / 1000)} s ago`,
    failures === 0 ? '' : `${failures}`,
    failedWith,
  ]);
  return [
    formatTable(['lane', 'state', 'last done', 'failures', 'code'], lanes, [2, 3]),
    ...formatAlarms(vitals.alarms),
    ...held,
  ];
}

function formatAlarms(alarms: RunningVitals['alarms']): string[] {
  return alarms.map(({ name, code, sentence }) => `alarm ${name}: ${code}: ${sentence}`);
}

function formatInstant(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace(/\..*/, ' UTC');
}
