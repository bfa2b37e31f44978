import { GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import { quoteFee } from '../../src/client/deposit.ts';
import { GATEWAY_SLOTS } from '../../src/protocol/contracts.ts';
import { transparentEnvelope } from '../../src/protocol/envelope.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import type { RelaySide } from './relay-world.ts';

/**
 * The pattern of other relayers on the same chains in the same run: for each message a job of its own, which asks for one storage proof and
 * sends one transaction, and the next message of that destination after its block. The transaction is a deposit, which does less than any
 * of their handlers; the queue is left out. Both is in the pattern's favour.
 *
 * @returns messages a second
 */
export async function peerRate(
  from: RelaySide,
  to: RelaySide,
  { asset, count }: { readonly asset: Hex; readonly count: number },
): Promise<number> {
  const fee = await quoteFee(to, asset);
  const amount = 10n ** 16n;
  const envelope = toHex(transparentEnvelope(to.depositor.address));
  const refundTo = to.depositor.address;
  const args = [asset, amount, fee, from.chain.chainId, refundTo, envelope];
  const data = GATEWAY_ABI.encodeFunctionData('deposit', args) as Hex;
  const startMs = performance.now();
  for (let i = 0; i < count; i++) {
    const { hash } = await from.chain.finalizedHead();
    await from.chain.stateProof({ address: from.gateway }, GATEWAY_SLOTS.sentHead, hash);
    await to.chain.submit(to.depositor, { to: to.gateway, data, valueWei: amount });
  }
  return (count * 1000) / (performance.now() - startMs);
}
