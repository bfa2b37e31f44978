import type { Bridge } from './bridge.ts';
import { requireNoHalt } from './halts.ts';
import { pause } from './pause.ts';
import type { AlarmVitals } from './vitals.ts';

const LOOK_MS = 1000;

/**
 * Logs each alarm once when it is raised and once when it is over, until the relayer stops.
 *
 * @param lookMs milliseconds between looks at what alarms there are
 * @throws {RelayerHalted} a lane has met what ends the whole relayer
 */
export async function sayAlarms(
  bridge: Pick<Bridge, 'vitals' | 'enclaves' | 'log' | 'signal'>,
  lookMs: number = LOOK_MS,
): Promise<void> {
  let said = new Map<string, AlarmVitals>();
  while (!bridge.signal.aborted) {
    said = sayChanges(bridge, said);
    requireNoHalt(bridge);
    await pause(lookMs, bridge.signal);
  }
}

/** An alarm is told apart by its name and code: the same lane may fail with something else now. */
function sayChanges(
  { vitals, log }: Pick<Bridge, 'vitals' | 'log'>,
  said: ReadonlyMap<string, AlarmVitals>,
): Map<string, AlarmVitals> {
  const alarms = new Map(vitals.alarms().map((alarm) => [`${alarm.name} ${alarm.code}`, alarm]));
  for (const [key, { name, code, sentence }] of alarms) {
    if (!said.has(key)) log.error({ alarm: name, code }, `ALARM: ${name}: ${sentence}`);
  }
  for (const [key, { name, code }] of said) {
    if (!alarms.has(key)) log.info({ alarm: name, code }, `the alarm is over: ${name}`);
  }
  return alarms;
}
