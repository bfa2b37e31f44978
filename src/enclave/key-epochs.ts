import type { LedgerState } from '../ledger/state.ts';
import { CONTROL_KINDS, type ControlMessage, decodeControl } from '../protocol/control.ts';
import type { SecretOf } from '../protocol/envelope.ts';
import type { EnclaveKeys } from './keys/enclave-keys.ts';

/** The key epoch of the ledger's next round, as far as what it has consumed says: what users should seal to. */
export function nextKeyEpoch({ epochs, pending, round }: LedgerState): bigint {
  const begun = epochs.filter(({ firstRound }) => firstRound <= round + 1n);
  const starting = pending.flatMap(({ content, holdsFrom }) =>
    content.kind === 'startEpoch' && holdsFrom <= round + 1n ? [content.epoch] : [],
  );
  return [...begun.map(({ epoch }) => epoch), ...starting].reduce(largerOf, 0n);
}

/**
 * The secrets that a transition may open envelopes with: those of epochs that the ledger knows of, or learns of on the way.
 * Whether an epoch may still open a message is the ledger's rule.
 *
 * @param control what is consumed of the anchor's outbox
 */
export function openingSecrets(
  { epochs, pending }: LedgerState,
  control: readonly ControlMessage[],
  { epochSecretOf }: EnclaveKeys,
): SecretOf {
  const contents = [
    ...pending.map(({ content }) => content),
    ...control
      .filter(({ kind }) => kind === CONTROL_KINDS.startEpoch)
      .map(({ kind, payload }) => decodeControl(kind, payload)),
  ];
  const known = new Set(epochs.map(({ epoch }) => epoch));
  for (const content of contents) if (content?.kind === 'startEpoch') known.add(content.epoch);
  return (epoch) => (known.has(epoch) ? epochSecretOf(epoch) : undefined);
}

function largerOf(a: bigint, b: bigint): bigint {
  return a < b ? b : a;
}
