import { REGISTRY_ABI } from '../chains/shared/abi.ts';
import type { BridgedChain } from '../chains/shared/bridged-chain.ts';
import type { EpochKey } from '../protocol/envelope.ts';
import { fromHex, type Hex } from '../shared/bytes.ts';

const EPOCH_KEY_BYTES = 32;

/** The epoch that a chain's registry of enclaves is in, and the key that users seal to. @throws {ChainError} */
export async function fetchEpochKey({
  chain,
  registry,
}: {
  readonly chain: Pick<BridgedChain, 'call'>;
  readonly registry: Hex;
}): Promise<EpochKey> {
  const read = async (method: 'epoch' | 'epochKey') => {
    const answer = await chain.call(registry, REGISTRY_ABI.encodeFunctionData(method) as Hex);
    return REGISTRY_ABI.decodeFunctionResult(method, answer)[0] as unknown;
  };
  const [epoch, key] = await Promise.all([read('epoch'), read('epochKey')]);
  return { epoch: BigInt(epoch as bigint), epochKey: fromHex(String(key), EPOCH_KEY_BYTES) };
}
