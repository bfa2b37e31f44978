import { BridgeError } from '../shared/errors.ts';
import type { Bridge } from './bridge.ts';
import { enclaveOf } from './lanes.ts';

// What must not be gone on after anywhere, not only in the lane that has met it, ends the process, so that whatever supervises it acts. Any
// other halt stops its lane, and is an alarm.

const ENDS_THE_PROCESS: ReadonlySet<string> = new Set(['JOURNAL_DAMAGED']);
/** Of one enclave these are an alarm; where no enclave is left there is nobody to go on with. */
const OF_AN_ENCLAVE: ReadonlySet<string> = new Set([
  'RELAYER_STATE_DIVERGED',
  'CHAIN_CLIENT_MISMATCH',
]);

/**
 * @throws {RelayerHalted} a lane has halted after what concerns the whole bridge, or those of each enclave after what concerns that
 * @throws {ChainError} CHAIN_MISMATCH, as the lane met it: what is wrong is the configuration, whenever a node shows it
 */
export function requireNoHalt({ vitals, enclaves }: Pick<Bridge, 'vitals' | 'enclaves'>): void {
  const lost = new Set<string | undefined>();
  for (const [lane, halt] of vitals.halts()) {
    if (halt.code === 'CHAIN_MISMATCH') throw halt;
    if (OF_AN_ENCLAVE.has(halt.code)) lost.add(enclaveOf(lane));
    if (ENDS_THE_PROCESS.has(halt.code) || lost.size === enclaves.length) {
      throw new RelayerHalted({ lane, why: halt.code });
    }
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
