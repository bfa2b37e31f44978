import {
  hashMeasuredConfig,
  lightClientOf,
  type MeasuredConfig,
  parseMeasuredConfig,
} from '../enclave/measured-config.ts';
import type { ClientConfig } from '../light-client/kinds.ts';
import { toHex } from '../shared/bytes.ts';
import type { BundleTrust } from './bundle-format.ts';
import { EvidenceFileError } from './verify-step.ts';

/**
 * Refuses a bundle that rests on anything that the user's own measured configuration does not say. It may leave chains
 * out, and have names of its own; a name that the configuration has too must mean the same in both.
 *
 * @param expected undefined if there is nothing to compare with
 * @throws {EvidenceFileError} another checkpoint, another route, a block taken to be final without a proof, or a name
 *   that the user knows for something else
 */
export function requireKnownTrust({ lightClients, chains }: BundleTrust, expected: unknown): void {
  if (expected === undefined) return;
  const known = parseMeasuredConfig(expected);
  for (const claimed of lightClients) requireKnownClient(claimed, known);
  for (const claimed of chains) {
    const client = lightClients.find(({ id }) => id === claimed.lightClient);
    requireKnownChain(claimed, client, known);
  }
}

function requireKnownClient(claimed: ClientConfig, { lightClients }: MeasuredConfig): void {
  const same = lightClients.filter((each) => isSameClient(each, claimed));
  if (same.length === 0) {
    throw new EvidenceFileError(
      `its light client ${claimed.id} starts from another checkpoint, or by other rules, than yours`,
    );
  }
  requireOwnName(claimed.id, {
    same: same.map(({ id }) => id),
    all: lightClients.map(({ id }) => id),
  });
}

function requireKnownChain(
  { name, route, final }: BundleTrust['chains'][number],
  client: ClientConfig | undefined,
  known: MeasuredConfig,
): void {
  if (final.length > 0) {
    throw new EvidenceFileError(
      `it takes blocks of ${name} to be final that your configuration does not know`,
    );
  }
  const same = known.chains.filter(
    (chain) =>
      client !== undefined &&
      isSameClient(lightClientOf(known, chain.lightClient), client) &&
      hashOf(chain.route) === hashOf(route),
  );
  if (same.length === 0) {
    throw new EvidenceFileError(`your configuration reaches no chain as it reaches ${name}`);
  }
  requireOwnName(name, {
    same: same.map((chain) => chain.name),
    all: known.chains.map((chain) => chain.name),
  });
}

/** SECURITY: what is shown is told by its name, so one of another chain of the user's would mislead. */
function requireOwnName(
  name: string,
  { same, all }: { readonly same: readonly string[]; readonly all: readonly string[] },
): void {
  if (same.includes(name) || !all.includes(name)) return;
  throw new EvidenceFileError(
    `what it calls ${name} is ${same.join(' or ')} in your configuration, where another has that name`,
  );
}

/** Whether two light clients start from one checkpoint and follow the same rules, whatever they are called. */
function isSameClient(a: ClientConfig, b: ClientConfig): boolean {
  return hashOf({ ...a, id: '' }) === hashOf({ ...b, id: '' });
}

function hashOf(part: unknown): string {
  return toHex(hashMeasuredConfig(part));
}
