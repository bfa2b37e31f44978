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

/** In the order in which contracts take signatures: by ascending address of the signer. */
export function bySigner<T extends { readonly signer: Hex }>(answers: readonly T[]): readonly T[] {
  return [...answers].sort((a, b) => (a.signer < b.signer ? -1 : 1));
}

/** What an enclave has revealed of what a gateway has not paid. */
export interface Revealed {
  /** 20 bytes. */
  readonly signer: Hex;
  readonly batches: readonly SignedBatch[];
}

/** The batches that most enclaves reveal, with the signatures of all of these by ascending signer. */
export function combineBatches(
  bridge: Pick<Bridge, 'log'>,
  revealed: readonly Revealed[],
): SignedReleaseBatch[] {
  const agreed = mostAgreed(bridge, revealed, ({ batches }) => batches.map(withoutSignature));
  const ascending = bySigner(agreed);
  return (ascending[0]?.batches ?? []).map(({ batch, epoch, submitter }, i) => ({
    epoch,
    batch,
    submitter,
    signatures: ascending.flatMap(({ batches }) => batches[i]?.signature ?? []),
  }));
}

function withoutSignature({ batch, epoch, submitter }: SignedBatch): unknown {
  return { batch, epoch, submitter };
}
