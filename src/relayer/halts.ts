import { BridgeError } from '../shared/errors.ts';
import type { Vitals } from './vitals.ts';

/**
 * What must not be gone on after anywhere, not only in the lane that has met it: the process ends, so that whatever supervises it acts.
 * Any other halt stops its lane, and is an alarm.
 */
const ENDS_THE_PROCESS: ReadonlySet<string> = new Set([
  'RELAYER_STATE_DIVERGED',
  'JOURNAL_DAMAGED',
]);

/**
 * @throws {RelayerHalted} a lane has halted after what concerns the whole bridge
 * @throws {ChainError} CHAIN_MISMATCH, as the lane met it: what is wrong is the configuration, whenever a node shows it
 */
export function requireNoHalt(vitals: Vitals): void {
  for (const [lane, halt] of vitals.halts()) {
    if (halt.code === 'CHAIN_MISMATCH') throw halt;
    if (ENDS_THE_PROCESS.has(halt.code)) throw new RelayerHalted({ lane, why: halt.code });
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
