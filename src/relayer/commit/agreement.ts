import { encodeJson } from '../../codec/json.ts';
import type { SignedBatch } from '../../protocol/enclave-commands.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { Bridge } from '../bridge.ts';
import type { SignedReleaseBatch } from '../journal/batches.ts';

/**
 * The answers of those enclaves that say the same, where more do so than say anything else; of as many, those who
 * answered first. A contract takes all signatures that come with a call or none: one over something else spoils the rest.
 *
 * @param said what they must agree on
 */
export function mostAgreed<T>(
  { log }: Pick<Bridge, 'log'>,
  answers: readonly T[],
  said: (answer: T) => unknown,
): readonly T[] {
  const groups = Map.groupBy(answers, (answer) => encodeJson(said(answer)));
  const agreed = [...groups.values()].reduce<readonly T[]>(
    (most, group) => (group.length > most.length ? group : most),
    [],
  );
  if (groups.size > 1) {
    log.error({ answers: answers.length, agreed: agreed.length }, 'enclaves contradict each other');
  }
  return agreed;
}

/** What an enclave has revealed of a transition. */
export interface Revealed {
  /** 20 bytes. */
  readonly signer: Hex;
  readonly batches: readonly SignedBatch[];
}

/** The batches that most enclaves reveal, with the signatures of all of these by ascending signer. */
export function combineBatches(
  bridge: Pick<Bridge, 'log'>,
  commitNumber: bigint,
  revealed: readonly Revealed[],
): SignedReleaseBatch[] {
  const agreed = mostAgreed(bridge, revealed, ({ batches }) => batches.map(withoutSignature));
  const bySigner = [...agreed].sort((a, b) => (a.signer < b.signer ? -1 : 1));
  return (bySigner[0]?.batches ?? []).map(({ batch, epoch, submitter }, i) => ({
    commitNumber,
    epoch,
    batch,
    submitter,
    signatures: bySigner.flatMap(({ batches }) => batches[i]?.signature ?? []),
  }));
}

function withoutSignature({ batch, epoch, submitter }: SignedBatch): unknown {
  return { batch, epoch, submitter };
}
