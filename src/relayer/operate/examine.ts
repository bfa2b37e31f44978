import type { RelayerConfig } from '../../config/relayer.ts';
import { BridgeError } from '../../shared/errors.ts';
import { JournalFormError } from '../journal/database.ts';
import { whereExplained } from '../unexpected-error.ts';
import { Vitals } from '../vitals.ts';
import { connectDesk, deskPath } from './desk-socket.ts';
import { examineChain } from './examine-chain.ts';
import { examineEnclaves } from './examine-enclaves.ts';
import { examineLightClients } from './examine-light-clients.ts';
import { machineChecks, type StartedWith } from './examine-machine.ts';
import { askPostgres, judgeForm, judgePostgres, queueChecks } from './examine-stores.ts';
import { describeFailure, examineAll, type Finding, failure, good, warning } from './finding.ts';
import type { JournalStanding } from './journal-standing.ts';
import { commandToLift } from './lane-names.ts';
import { JournalAbsent, openDesk } from './open-desk.ts';
import { readKeys } from './read-keys.ts';

/** Checks everything that a relayer with this configuration needs, and says of each what to do about it. Changes nothing. */
export async function examine(config: RelayerConfig, startedWith: StartedWith): Promise<Finding[]> {
  const vitals = new Vitals();
  const checks = [...machineChecks(config, startedWith), ...queueChecks(config)];
  const machine = await examineAll(vitals, checks);
  const journal = await examineJournal(config);
  const chains = await Promise.all(
    config.chains.map((entry) =>
      examineChain(entry, { config, vitals, nowMs: () => Date.now(), ...journal }),
    ),
  );
  const keys = await readKeys(config);
  const lastCommit = journal.standing?.lastCommit ?? null;
  const enclaves = examineEnclaves(keys, { nowSec: Math.round(Date.now() / 1000), lastCommit });
  const clients = await examineLightClients(config, vitals);
  return [...machine, ...journal.findings, ...chains.flat(), ...enclaves, ...clients];
}

interface JournalExamined {
  readonly isRunning: boolean;
  readonly standing: JournalStanding | undefined;
  readonly findings: readonly Finding[];
}

async function examineJournal(config: RelayerConfig): Promise<JournalExamined> {
  const running = await connectDesk(deskPath(config.journal.folder));
  await running?.close();
  const isRunning = running !== undefined;
  try {
    const server = await examinePostgres(config);
    // Opening a journal of another form would change it.
    if (!isRunning && !server.isCurrent) {
      return { isRunning, standing: undefined, findings: server.findings };
    }
    const opened = await askDesk(config, isRunning);
    return { isRunning, ...opened, findings: [...server.findings, ...opened.findings] };
  } catch (error) {
    return { isRunning, standing: undefined, findings: [judgeUnopened(error)] };
  }
}

/** Why a journal does not open. */
function judgeUnopened(error: unknown): Finding {
  if (error instanceof JournalAbsent) return ABSENT;
  if (error instanceof JournalFormError) return judgeForm({ journal: error.meta.found });
  return failure('journal: opens', describeFailure(error), fixOf(error));
}

/** What to do about a journal that does not open, by the code of its error. */
const FIXES: Readonly<Record<string, string>> = {
  JOURNAL_FULL: 'make room on its disk: nothing is lost, and a relayer that runs goes on by itself',
  JOURNAL_UNWRITABLE: 'let the relayer’s user write there, or correct journal.folder',
  JOURNAL_CORRUPT: 'move the folder away, or `veilspan relayer rebuild`',
};

function fixOf(error: unknown): string {
  const fix = error instanceof BridgeError ? FIXES[error.code] : undefined;
  return fix ?? 'start Postgres, or correct journal in the configuration';
}

/** As it is before the first start. */
const ABSENT = warning(
  'journal: opens',
  'there is none yet, and no relayer runs',
  'start the relayer; if it has been started before, correct journal.folder, or start in the folder that it is started in',
);

async function examinePostgres({
  journal,
}: RelayerConfig): Promise<{ readonly findings: Finding[]; readonly isCurrent: boolean }> {
  if (journal.postgresUrl === undefined) return { findings: [], isCurrent: true };
  const facts = await askPostgres(journal.postgresUrl.reveal());
  const form = judgeForm(facts);
  const isCurrent = form.verdict === 'ok' && facts.journal !== undefined;
  return { findings: [...judgePostgres(facts), form], isCurrent };
}

async function askDesk(
  config: RelayerConfig,
  isRunning: boolean,
): Promise<Omit<JournalExamined, 'isRunning'>> {
  const desk = await openDesk(config);
  try {
    const standing = await desk.ask('standing', {});
    const vitals = await desk.ask('vitals', {});
    const holds = await desk.ask('holds', {});
    const says = isRunning ? 'a relayer runs and answers' : 'no relayer runs; the journal opens';
    return {
      standing,
      findings: [
        good('journal: opens', `${says}; last final commit ${standing.lastCommit ?? 'none'}`),
        ...holds.map(({ subject, reason }) =>
          warning('journal: holds', `${subject} is held: ${reason}`, commandToLift(subject)),
        ),
        ...(vitals?.alarms ?? []).map(({ name, code, sentence }) =>
          failure(`alarm: ${name}`, `${code}: ${sentence}`, whereExplained(code)),
        ),
      ],
    };
  } finally {
    await desk.close();
  }
}
