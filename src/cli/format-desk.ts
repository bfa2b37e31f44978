import { formatDuration } from '../client/describe-wait.ts';
import type { RelayerConfig } from '../config/relayer.ts';
import { CAUSES } from '../protocol/explain.ts';
import type { DeskAnswers } from '../relayer/operate/desk.ts';
import type { HeldLane } from '../relayer/operate/lane-names.ts';
import { formatFacts } from './format-facts.ts';
import { formatHolds } from './format-holds.ts';
import { formatInstant } from './format-instant.ts';
import { namingFile } from './name-config.ts';
import { terminalTable } from './terminal-table.ts';

type Explained = DeskAnswers['explain'][number];
type RunningVitals = NonNullable<DeskAnswers['vitals']>;
type HeldVitals = Omit<RunningVitals, 'lanes'> & { readonly lanes: readonly HeldLane[] };

/** What stands where, in lines. */
export function formatListed(rows: DeskAnswers['list']): string[] {
  if (rows.length === 0) return ['nothing is on its way'];
  const cells = rows.map(({ subject, state, cause, who, block, atMs }) => {
    return [subject, state, formatInstant(atMs), `${block}`, who, cause];
  });
  return [terminalTable(['subject', 'state', 'since', 'block', 'who acts', 'cause'], cells, [3])];
}

/** Why subjects are where they are, in lines. */
export function formatExplained(
  config: Pick<RelayerConfig, 'chains'> & { readonly file: string },
  { subjects, alarms }: { subjects: readonly Explained[]; alarms: RunningVitals['alarms'] },
): string[] {
  if (subjects.length === 0) return ['the journal knows nothing by that name'];
  const told = subjects.flatMap((each, i) => [
    ...(i === 0 ? [] : ['']),
    ...explained(config, each),
  ]);
  return [...told, ...formatAlarms(alarms)];
}

function explained(config: Parameters<typeof formatExplained>[0], one: Explained): string[] {
  const { subject, explanation, eta, evidence, facts, transactions, related, holds } = one;
  const nameOf = (id: string) =>
    config.chains.find(({ chainId }) => `${chainId}` === id)?.name ?? id;
  const steps = evidence.map(({ state, reason, chainId, block, atMs }) => {
    return [state, nameOf(chainId), `${block}`, formatInstant(atMs), CAUSES[reason]];
  });
  return [
    subject,
    ...(explanation === null
      ? [`cause: ${withoutSteps(one)}`]
      : [
          `cause: ${explanation.standing}: ${explanation.cause}`,
          `next: ${explanation.next}`,
          ...(explanation.isOver ? [] : [`who: ${explanation.who}`]),
          ...(explanation.command === undefined
            ? []
            : [`command: ${namingFile(explanation.command, config.file)}`]),
        ]),
    ...(eta === null ? [] : [formatEta(eta)]),
    ...formatFacts(facts, nameOf),
    ...(related.length === 0 ? [] : [`  hangs together with: ${related.join(', ')}`]),
    ...formatHolds(holds, config.file).map((line) => `  ${line}`),
    ...transactions.map(({ hash, state, nonce, block }) => {
      return `  our transaction ${hash}: ${state}, nonce ${nonce}${block === null ? '' : `, block ${block}`}`;
    }),
    ...(steps.length === 0
      ? []
      : [terminalTable(['state', 'chain', 'block', 'journaled', 'cause'], steps, [2])]),
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

/** Commits have no steps of their own, and batches only where one is held. */
function withoutSteps({ subject, facts, transactions }: Explained): string {
  if (subject.startsWith('commit ')) {
    return facts['isFinal'] === 'true'
      ? 'it is final on the anchor chain'
      : 'a block of the anchor chain has it, and may still be replaced';
  }
  if (!subject.startsWith('batch ')) return 'no step of it is journaled';
  const states = new Set(transactions.map(({ state }) => state));
  if (states.has('final')) return 'done: its releases are made, and final';
  if (states.has('included')) return 'a block has its releases, and may still be replaced';
  if (states.has('broadcast') || states.has('intent')) return 'in flight: no block has it yet';
  return 'the enclaves have signed it: it waits for its turn, or another relayer has released it';
}

/** How the lanes of a relayer stand, in lines. @param held lines about what its operator holds */
export function formatVitals(vitals: HeldVitals | null, held: readonly string[]): string[] {
  if (vitals === null) return ['no relayer runs here', ...held];
  const lanes = vitals.lanes.map((lane) => [
    lane.name,
    lane.isHeld ? `${lane.state}, held` : lane.state,
    lane.sinceDoneMs === undefined ? 'never' : `${Math.round(lane.sinceDoneMs / 1000)} s ago`,
    lane.failures === 0 ? '' : `${lane.failures}`,
    lane.failedWith ?? '',
  ]);
  return [
    terminalTable(['lane', 'state', 'last done', 'failures', 'code'], lanes, [2, 3]),
    ...formatAlarms(vitals.alarms),
    ...held,
  ];
}

function formatAlarms(alarms: RunningVitals['alarms']): string[] {
  return alarms.map(({ name, code, sentence }) => `alarm ${name}: ${code}: ${sentence}`);
}
