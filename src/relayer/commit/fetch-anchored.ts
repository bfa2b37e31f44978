import { ANCHOR_SLOTS } from '../../protocol/contracts.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { Bridge } from '../bridge.ts';

/** The state id that the anchor holds in the newest block. */
export function fetchAnchoredState({ anchor }: Pick<Bridge, 'anchor'>): Promise<Hex> {
  return anchor.side.chain.word(anchor.address, ANCHOR_SLOTS.stateId);
}
