import type { Hex } from '../../shared/bytes.ts';
import type { Endpoint } from './endpoints.ts';

/** What one node calls the newest block. */
export interface HeadClaim {
  readonly endpoint: Endpoint;
  readonly number: number;
  readonly hash: Hex;
}

/** Of blocks that come one by one. */
const USUAL_SPREAD_BLOCKS = 8;

/**
 * The newest block that more than one node knows of; of two nodes the higher one's, as nodes fall behind more often than they
 * run ahead. Nothing proves heads, so the one that is alone with its claim is asked later than the others from then on, and so
 * is one that is far behind.
 *
 * @param claims at least one
 * @param usualSpread how far honest nodes are apart at most, but for those that have fallen behind
 * @returns undefined if as many nodes say that another block of this number is the newest
 */
export function agreedHead(
  claims: readonly HeadClaim[],
  usualSpread: number = USUAL_SPREAD_BLOCKS,
): HeadClaim | undefined {
  const highest = [...claims].sort((a, b) => b.number - a.number);
  const agreed = highest.length > 2 ? highest[1] : highest[0];
  if (agreed === undefined) throw new RangeError('at least one node has a head');
  for (const { endpoint, number } of claims) {
    if (number > agreed.number + usualSpread) endpoint.fault('alone');
    if (number < agreed.number - usualSpread) endpoint.fault('behind');
  }
  return mostNamed(claims.filter(({ number }) => number === agreed.number));
}

function mostNamed(claims: readonly HeadClaim[]): HeadClaim | undefined {
  const groups = [...Map.groupBy(claims, ({ hash }) => hash).values()];
  const [most, next] = groups.sort((a, b) => b.length - a.length);
  return most?.length === next?.length ? undefined : most?.[0];
}
