import { type Bridge, lineOf, sideOf } from './bridge.ts';
import { commitRounds } from './commit/commit-rounds.ts';
import { confirmAnchored } from './commit/confirm-anchored.ts';
import { revealBatches } from './commit/reveal-batches.ts';
import { advance } from './prove/advance.ts';
import { proveMessages } from './prove/prove-messages.ts';
import type { JobRef } from './queue/job-queue.ts';
import { keepSnapshot } from './snapshot/keep-snapshot.ts';
import { releaseBatches } from './submit/release-batches.ts';

/** Does one job. Each can be done twice, or by two relayers, to the same end. */
export async function runJob(bridge: Bridge, { kind, id, enclave = '' }: JobRef): Promise<void> {
  switch (kind) {
    case 'follow': {
      const line = lineOf(bridge, enclave);
      await line.commanding.run(() => advance(bridge, line, id));
      return;
    }
    case 'prove':
      return await proveMessages(bridge, lineOf(bridge, enclave), sideOf(bridge, BigInt(id)));
    case 'confirm':
      return await confirmAnchored(bridge, lineOf(bridge, enclave));
    case 'commit':
      return await commitRounds(bridge);
    case 'reveal':
      return await revealBatches(bridge, sideOf(bridge, BigInt(id)));
    case 'snapshot':
      return await keepSnapshot(bridge);
    case 'release':
      return await releaseBatches(bridge, sideOf(bridge, BigInt(id)));
    default:
      return kind satisfies never;
  }
}
