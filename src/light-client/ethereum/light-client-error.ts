import { BridgeError } from '../../shared/errors.ts';

/** What was looked at, what the rule asks, what was found: all public values, as text. */
export interface LightClientErrorMeta {
  readonly subject: string;
  readonly expected: string;
  readonly got: string;
}

const MESSAGES = {
  ETHEREUM_CHECKPOINT_MISMATCH: 'The bootstrap is not of the pinned checkpoint',
  ETHEREUM_FORK_UNSUPPORTED: 'The slot is in a fork that this configuration cannot verify',
  ETHEREUM_BRANCH_LENGTH: 'The Merkle branch has not the length of its fork',
  ETHEREUM_BRANCH_INVALID: 'The Merkle branch proves something else',
  ETHEREUM_HEADER_NOT_DEFAULT: 'The header has a field that its fork does not know',
  ETHEREUM_PARTICIPATION_TOO_LOW: 'Too few members of the sync committee have signed',
  ETHEREUM_SLOT_ORDER: 'The slots of the update are out of order',
  ETHEREUM_SIGNATURE_PERIOD: 'No known sync committee signs in the period of the update',
  ETHEREUM_UPDATE_IRRELEVANT: 'The update brings nothing new',
  ETHEREUM_UPDATE_NOT_FINAL: 'The update finalizes no block',
  ETHEREUM_NEXT_COMMITTEE_MISMATCH: 'The next sync committee is not the one already known',
  ETHEREUM_NEXT_COMMITTEE_NOT_DEFAULT: 'The next sync committee comes without a proof',
  ETHEREUM_SIGNATURE_INVALID: 'The sync committee did not sign the attested header',
  ETHEREUM_STORE_CHANGED: 'The update was verified against another store',
  ETHEREUM_STORE_MALFORMED: 'The bytes are not an encoded light client store',
} as const;

/** Every rule of the Ethereum light client that can be broken, by name. */
export type LightClientErrorCode = keyof typeof MESSAGES;

/** A bootstrap, update or stored state that breaks a rule of the light client. */
export class LightClientError extends BridgeError<LightClientErrorMeta> {
  readonly code: LightClientErrorCode;
  readonly disposition = 'reject';
  constructor(code: LightClientErrorCode, meta: LightClientErrorMeta) {
    super(`${MESSAGES[code]}: ${meta.subject}: expected ${meta.expected}, got ${meta.got}.`, meta);
    this.code = code;
  }
}
