import type { Subject } from '../../protocol/transfer-state.ts';
import type { Hex } from '../../shared/bytes.ts';
import { BridgeError } from '../../shared/errors.ts';
import { isHex } from '../../shared/hex-schema.ts';

/** What an operator asks about. */
export type SubjectId =
  | { readonly kind: 'subject'; readonly subject: Subject }
  /** A transaction of a deposit, a commit or a batch; or the tag of a payout. */
  | { readonly kind: 'hash'; readonly hash: Hex };

const NUMBER = '([0-9]{1,20})';
const MESSAGE = new RegExp(`^(?:message[/ ])?${NUMBER}[/:]${NUMBER}$`);
const PLACED = new RegExp(`^(release|batch)[/ ]${NUMBER}[/:]${NUMBER}$`);
const COMMIT = new RegExp(`^commit[/ ]${NUMBER}$`);

/**
 * Reads an id: `<chain id>/<index>` of a transfer, `release/<chain id>/<index>`, `batch/<chain id>/<first index>`, `commit/<number>`, a
 * transaction hash, or a tag.
 *
 * @throws {SubjectIdError}
 */
export function parseSubjectId(text: string): SubjectId {
  const [message, chainId = '', index = ''] = MESSAGE.exec(text) ?? [];
  if (message !== undefined) return named(`message ${BigInt(chainId)}/${BigInt(index)}`);
  const [placed, kind, chain = '', place = ''] = PLACED.exec(text) ?? [];
  if (placed !== undefined) {
    const at = `${BigInt(chain)}/${BigInt(place)}` as const;
    return named(kind === 'batch' ? `batch ${at}` : `release ${at}`);
  }
  const [commit, number = ''] = COMMIT.exec(text) ?? [];
  if (commit !== undefined) return named(`commit ${BigInt(number)}`);
  const hash = text.toLowerCase();
  if (isHex(hash, 32)) return { kind: 'hash', hash };
  throw new SubjectIdError({ id: text.slice(0, 100) });
}

function named(subject: Subject): SubjectId {
  return { kind: 'subject', subject };
}

/** What an operator typed is the id of nothing. */
export class SubjectIdError extends BridgeError<{ id: string }> {
  readonly code = 'CONFIG_SUBJECT_ID';
  readonly disposition = 'reject';
  constructor(meta: { id: string }) {
    super(
      `"${meta.id}" is no id: expected <chain id>/<index> of a transfer, release/<chain id>/<index>, batch/<chain id>/<first index>, commit/<number>, a transaction hash or a tag.`,
      meta,
    );
  }
}
