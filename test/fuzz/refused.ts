import { BridgeError } from '../../src/shared/errors.ts';

/** A refusal that came as an answer. */
export class RefusedByEnclave extends BridgeError {
  readonly code: string;
  readonly disposition = 'reject';
  constructor(code: string) {
    super(`Refused with ${code}.`, {});
    this.code = code;
  }
}
