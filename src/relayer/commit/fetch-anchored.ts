import { ANCHOR_SLOTS } from '../../protocol/contracts.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { Bridge } from '../bridge.ts';

/** The state id that the anchor holds in the newest block. */
export function fetchAnchoredState({ polkadot }: Bridge): Promise<Hex> {
  return polkadot.chain.word(polkadot.anchor, ANCHOR_SLOTS.stateId);
}
