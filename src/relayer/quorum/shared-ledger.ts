import { encodeJson } from '../../codec/json.ts';
import type { NamedEnclave, Standing } from './status-board.ts';

/**
 * The enclaves whose ledgers lead: of those that say the same of their ledger, and are as many as a contract asks for, the ones that
 * have come furthest, and of as far the most. None, if no ledger is shared by so many.
 *
 * @param threshold signatures that a contract asks for
 */
export function leading<L extends NamedEnclave>(
  standings: readonly Standing<L>[],
  threshold: number,
): readonly Standing<L>[] {
  const groups = Map.groupBy(standings, ({ status }) => encodeJson(status.ledger));
  const shared = [...groups.values()].filter(({ length }) => length >= threshold);
  return shared.reduce<readonly Standing<L>[]>((best, group) => {
    const [a, b] = [numberOf(group), numberOf(best)];
    return a > b || (a === b && group.length > best.length) ? group : best;
  }, []);
}

function numberOf<L extends NamedEnclave>([first]: readonly Standing<L>[]): bigint {
  return first?.status.ledger.number ?? -1n;
}
