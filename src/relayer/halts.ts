import { BridgeError } from '../shared/errors.ts';
import type { Vitals } from './vitals.ts';

/**
 * What must not be gone on after anywhere, not only in the lane that has met it: the process ends, so that whatever supervises it acts.
 * Any other halt stops its lane, and is an alarm.
 */
const ENDS_THE_PROCESS: ReadonlySet<string> = new Set(['RELAYER_STATE_DIVERGED', 'CHAIN_MISMATCH']);

/** @throws {RelayerHalted} a lane has halted after what concerns the whole bridge */
export function requireNoHalt(vitals: Vitals): void {
  for (const { name, state, failedWith } of vitals.lanes()) {
    if (state !== 'halted' || failedWith === undefined) continue;
    if (ENDS_THE_PROCESS.has(failedWith)) throw new RelayerHalted({ lane: name, why: failedWith });
  }
}

/** The relayer has ended because to go on would be unsafe. */
export class RelayerHalted extends BridgeError<{ lane: string; why: string }> {
  readonly code = 'RELAYER_HALTED';
  readonly disposition = 'halt';
  constructor(meta: { lane: string; why: string }) {
    super(
      `The relayer has ended: its lane "${meta.lane}" met ${meta.why}, after which nothing may be carried.`,
      meta,
    );
  }
}
