import { loadConfig } from '../config/load.ts';
import { type RelayerConfig, relayerConfigSchema } from '../config/relayer.ts';
import type { DeskAnswers, DeskParams, DeskQuestion } from '../relayer/operate/desk.ts';
import { type Desk, DeskRefusal } from '../relayer/operate/desk-socket.ts';
import { laneOfHold, withHolds } from '../relayer/operate/lane-names.ts';
import { openDesk } from '../relayer/operate/open-desk.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { formatExplained, formatListed, formatVitals } from './format-desk.ts';
import { aboutHold, formatHolds, nameHeld } from './format-holds.ts';
import { holdSubjectOf, laneOfId, requireAnyLane, requireHeldLane } from './hold-subject.ts';
import { SubjectUnknown } from './subject-unknown.ts';

/** What every command of an operator takes. */
export interface OperatorOptions {
  /** Path of the relayer's configuration. */
  readonly config: string;
  readonly json?: boolean;
}

/** Reads a relayer's configuration. @throws {ConfigError} */
export function relayerConfigOf({ config }: OperatorOptions): RelayerConfig {
  return loadConfig(relayerConfigSchema, config, process.env, 'VEILSPAN_RELAYER');
}

/** Prints JSON if that is asked for, or else lines of text. */
export function printAnswer<T>(
  { json = false }: OperatorOptions,
  answer: T,
  format: (answer: T) => readonly string[],
): void {
  if (json) console.log(JSON.stringify(answer));
  else for (const line of format(answer)) console.log(line);
}

/** `relayer list`. */
export async function listPending(
  options: OperatorOptions & DeskParams<'list'>,
): Promise<ExitCode> {
  const { state, limit } = options;
  const answer = await askOnce(options, 'list', { state, limit });
  printAnswer(options, answer, formatListed);
  return EXIT.ok;
}

/** `relayer explain <id>`. */
export async function explainId(id: string, options: OperatorOptions): Promise<ExitCode> {
  const config = relayerConfigOf(options);
  const { answer, vitals } = await withDesk(config, async (desk) => ({
    answer: await desk.ask('explain', { id }),
    vitals: await desk.ask('vitals', {}),
  }));
  const alarms = vitals?.alarms ?? [];
  printAnswer(options, { subjects: answer, alarms }, (all) =>
    formatExplained({ ...config, file: options.config }, all),
  );
  return answer.length === 0 ? EXIT.notFound : EXIT.ok;
}

/** `relayer quarantine <id>`, `relayer pause [lane]`. @throws {CommandLineError} @throws {SubjectUnknown} */
export async function placeHold(
  subject: string,
  options: OperatorOptions & { readonly reason: string },
): Promise<ExitCode> {
  const held = holdSubjectOf(subject);
  const config = relayerConfigOf(options);
  requireHeldLane(held, config);
  const answer = await withDesk(config, async (desk) => {
    if (laneOfHold(held) === undefined) await requireKnown(desk, subject);
    return await desk.ask('hold', { subject: held, reason: options.reason });
  });
  printAnswer(options, answer, () => [
    `${nameHeld(held)} is held; ${aboutHold(held, options.config)}`,
  ]);
  return EXIT.ok;
}

/** `relayer release <id>`, `relayer resume [lane]`. */
export async function liftHold(subject: string, options: OperatorOptions): Promise<ExitCode> {
  const held = holdSubjectOf(subject);
  const [{ lifted }, holds] = await withDesk(relayerConfigOf(options), async (desk) => [
    await desk.ask('lift', { subject: held }),
    await desk.ask('holds', {}),
  ]);
  printAnswer(options, { lifted, subject: held, holds }, () => [
    lifted ? `${nameHeld(held)} goes on` : `${nameHeld(held)} was not held`,
    ...formatHolds(holds, options.config),
  ]);
  return lifted ? EXIT.ok : EXIT.notFound;
}

/** `relayer retry [lane or id]`. @throws {CommandLineError} @throws {SubjectUnknown} */
export async function retryLane(what: string, options: OperatorOptions): Promise<ExitCode> {
  const config = relayerConfigOf(options);
  const named = laneOfId(what, config);
  requireAnyLane(named, config);
  const answer = await withDesk(config, async (desk) => {
    const lane = named === what ? what : await laneWaitedFor(desk, what, config);
    return await desk.ask('retry', { lane });
  });
  const { asked: lane } = answer;
  const all = lane === '*' ? 'every lane' : `lane "${lane}"`;
  printAnswer(options, answer, () => [`${all} is tried again, whatever it has failed with`]);
  return EXIT.ok;
}

/** @throws {SubjectUnknown} the journal has nothing of it */
async function laneWaitedFor(desk: Desk, id: string, config: RelayerConfig): Promise<string> {
  const [known] = await requireKnown(desk, id);
  return laneOfId(id, config, known?.explanation?.reason);
}

/** `relayer lanes`: what the relayer that runs is doing. */
export async function showLanes(options: OperatorOptions): Promise<ExitCode> {
  const [vitals, holds] = await withDesk(relayerConfigOf(options), async (desk) => [
    await desk.ask('vitals', {}),
    // A relayer whose journal is away is to be seen all the same.
    await desk.ask('holds', {}).catch(orNull),
  ]);
  const lanes = vitals === null ? [] : withHolds(vitals.lanes, holds ?? []);
  const answer = { running: vitals !== null, ...vitals, ...(vitals && { lanes }), holds };
  const held = holds === null ? [HOLDS_UNSEEN] : formatHolds(holds, options.config);
  printAnswer(options, answer, () => formatVitals(vitals && { ...vitals, lanes }, held));
  return EXIT.ok;
}

const HOLDS_UNSEEN = 'what is held cannot be said: the journal does not answer';

function orNull(error: unknown): null {
  if (error instanceof DeskRefusal) return null;
  throw error;
}

/** @throws {SubjectUnknown} the journal has nothing of it */
async function requireKnown(desk: Desk, id: string): Promise<DeskAnswers['explain']> {
  const known = await desk.ask('explain', { id });
  if (known.length > 0) return known;
  throw new SubjectUnknown({ what: `The journal has nothing by the name ${id}` });
}

async function askOnce<Q extends DeskQuestion>(
  options: OperatorOptions,
  question: Q,
  params: DeskParams<Q>,
): Promise<DeskAnswers[Q]> {
  return await withDesk(relayerConfigOf(options), (desk) => desk.ask(question, params));
}

async function withDesk<T>(config: RelayerConfig, work: (desk: Desk) => Promise<T>): Promise<T> {
  const desk = await openDesk(config);
  try {
    return await work(desk);
  } finally {
    await desk.close();
  }
}
