import { hashMeasuredConfig, parseMeasuredConfig } from '../enclave/measured-config.ts';
import type { ClientConfig } from '../light-client/kinds.ts';
import { toHex } from '../shared/bytes.ts';
import type { BundleTrust } from './bundle-format.ts';
import { EvidenceFileError } from './verify-step.ts';

/**
 * Refuses a bundle that rests on anything that the user's own measured configuration does not say. It may leave chains
 * out, and name light clients in its own way.
 *
 * @param expected undefined if there is nothing to compare with
 * @throws {EvidenceFileError} another checkpoint, another route, or a block taken to be final without a proof
 */
export function requireKnownTrust({ lightClients, chains }: BundleTrust, expected: unknown): void {
  if (expected === undefined) return;
  const known = parseMeasuredConfig(expected);
  const names = new Map(lightClients.map((each) => [each.id, nameOf(each, known.lightClients)]));
  for (const { name, lightClient, route, final } of chains) {
    if (final.length > 0) {
      throw new EvidenceFileError(
        `it takes blocks of ${name} to be final that your configuration does not know`,
      );
    }
    const client = names.get(lightClient ?? '');
    const isKnown = known.chains.some(
      (chain) => chain.lightClient === client && hashOf(chain.route) === hashOf(route),
    );
    if (!isKnown) {
      throw new EvidenceFileError(`your configuration reaches no chain as it reaches ${name}`);
    }
  }
}

/** What the user's configuration calls a light client that starts where this one does. */
function nameOf(claimed: ClientConfig, known: readonly ClientConfig[]): string {
  const found = known.find(
    (each) => hashOf({ ...each, id: '' }) === hashOf({ ...claimed, id: '' }),
  );
  if (found !== undefined) return found.id;
  throw new EvidenceFileError(
    `its light client ${claimed.id} starts from another checkpoint, or by other rules, than yours`,
  );
}

function hashOf(part: unknown): string {
  return toHex(hashMeasuredConfig(part));
}
