import type { DeskAnswers } from '../relayer/operate/desk.ts';
import { commandToLift } from '../relayer/operate/lane-names.ts';
import { namingFile } from './name-config.ts';

/** What an operator holds, as it is read: a lane by its own name, all of them by what they are. */
export function nameHeld(subject: string): string {
  return subject === 'lane *' ? 'every lane' : subject;
}

/** What a hold comes to, and what ends it. @param file the configuration that the operator has named */
export function aboutHold(subject: string, file: string): string {
  if (subject.startsWith('message ')) {
    return 'that is a mark only: what a round consumes follows from the chains, and cannot be held out of it';
  }
  const end = `\`${namingFile(commandToLift(subject), file)}\` lets it go on`;
  return subject.startsWith('batch ') ? `so is the gateway’s line behind it; ${end}` : end;
}

/** What is held still, a line each. */
export function formatHolds(holds: DeskAnswers['holds'], file: string): string[] {
  return holds.map(({ subject, reason }) => {
    return `held by the operator: ${nameHeld(subject)}: ${reason}; end it by \`${namingFile(commandToLift(subject), file)}\``;
  });
}
