import { BridgeError } from '../shared/errors.ts';

/** What a command was to be done with is not there: nothing was done. */
export class SubjectUnknown extends BridgeError<{ what: string }> {
  readonly code = 'SUBJECT_UNKNOWN';
  readonly disposition = 'reject';
  constructor(meta: { what: string }) {
    super(`${meta.what}; nothing was done.`, meta);
  }
}
