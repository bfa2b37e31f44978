import { BridgeError } from '../shared/errors.ts';

/** Something on the command line, or in the environment, that cannot be done as it was asked. */
export class CommandLineError extends BridgeError<{ what: string }> {
  readonly code = 'CONFIG_COMMAND_LINE';
  readonly disposition = 'reject';
  constructor(what: string) {
    super(`Nothing was done: ${what}.`, { what });
  }
}
