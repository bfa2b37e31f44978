import type { Hex } from '../../shared/bytes.ts';
import type { Bridge } from '../bridge.ts';
import { ANCHOR_ABI } from '../chains/abi.ts';

/** Where the anchor stands. */
export interface Anchored {
  readonly number: bigint;
  readonly stateId: Hex;
}

const NUMBER_CALL = ANCHOR_ABI.encodeFunctionData('number') as Hex;
const STATE_CALL = ANCHOR_ABI.encodeFunctionData('stateId') as Hex;

/** The anchor's number and state id in the newest block. */
export async function fetchAnchored({ polkadot }: Bridge): Promise<Anchored> {
  const { chain, anchor } = polkadot;
  const { hash } = await chain.head();
  const [number, stateId] = await Promise.all([
    chain.call(anchor, NUMBER_CALL, hash),
    chain.call(anchor, STATE_CALL, hash),
  ]);
  return { number: BigInt(number), stateId };
}
