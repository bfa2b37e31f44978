import type { EtaAnswer } from './answers.ts';
import { findPayout, findTransfer, type Looking } from './transfers.ts';

const PLACED = /^(message|release) ([0-9]+)\/([0-9]+)$/;

/** When the end of what the chains show of a subject can be expected, by its name in the journal; as the answers about it have it. */
export async function subjectEta(
  looking: Looking,
  subject: string,
): Promise<EtaAnswer | undefined> {
  const [, kind, chainId = '', index = ''] = PLACED.exec(subject) ?? [];
  if (kind === undefined) return undefined;
  const find = kind === 'message' ? findTransfer : findPayout;
  const found = await find(looking, { chainId: BigInt(chainId), index: BigInt(index) });
  return found?.eta ?? undefined;
}
