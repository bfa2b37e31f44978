import type { Receipt } from '../chains/shared/bridged-chain.ts';
import { postCall } from '../chains/shared/post-call.ts';
import type { SourceSide } from './deposit.ts';

/** Posts sealed orders at a gateway as {@link postCall} does. @throws {ChainCallReverted} the gateway is paused */
export async function postOrders(
  source: Pick<SourceSide, 'chain' | 'signer' | 'gateway'>,
  envelopes: readonly Uint8Array[],
): Promise<Receipt> {
  return await source.chain.submit(source.signer, await postCall(source, envelopes));
}
