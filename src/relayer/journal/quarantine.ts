import { refusalCode } from '../../enclave-client/enclave-client.ts';
import { messageSubject, quarantineReason, stepsOf } from '../../protocol/transfer-state.ts';
import type { Clock } from '../../shared/clock.ts';
import { type ChangeLog, journalChanges } from './journal-changes.ts';
import type { MessageRow } from './messages.ts';

/** Journals that an enclave does not go on with messages, if that is what the refusal says; only then are they read. */
export async function journalQuarantine(
  bridge: ChangeLog & { readonly clock: Clock },
  refusal: unknown,
  readMessages: () => Promise<readonly Pick<MessageRow, 'chainId' | 'index' | 'blockNumber'>[]>,
): Promise<void> {
  const code = refusalCode(refusal);
  const reason = code === undefined ? undefined : quarantineReason(code);
  if (reason === undefined) return;
  const atMs = bridge.clock.nowMs();
  const changes = (await readMessages()).flatMap(({ chainId, index, blockNumber }) => {
    const subject = messageSubject(chainId, index);
    const steps = stepsOf({ kind: 'quarantined', reason });
    return steps.map((step) => ({ ...step, subject, chainId, blockNumber, atMs }));
  });
  await journalChanges(bridge, changes);
}
