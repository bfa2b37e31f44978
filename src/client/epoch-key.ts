import { REGISTRY_ABI } from '../chains/shared/abi.ts';
import type { BridgedChain } from '../chains/shared/bridged-chain.ts';
import { readContract } from '../chains/shared/read-contract.ts';
import type { EpochKey } from '../protocol/envelope.ts';
import { fromHex, type Hex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';

const EPOCH_KEY_BYTES = 32;

/**
 * What users of a chain seal to: the key that governance has published last, of a key epoch that the ledger has begun. Both come in
 * one answer: a key with another's epoch opens for nobody.
 *
 * @throws {ChainError}
 * @throws {EpochKeyError} EPOCH_KEY_UNPUBLISHED: the registry has none yet
 */
export async function fetchEpochKey({
  chain,
  registry,
}: {
  readonly chain: Pick<BridgedChain, 'call'>;
  readonly registry: Hex;
}): Promise<EpochKey> {
  const contract = { chain, address: registry, abi: REGISTRY_ABI };
  const { keyEpoch, key } = await readContract(contract, 'currentKey');
  const epoch = BigInt(keyEpoch as bigint);
  if (epoch === 0n) throw new EpochKeyError({ registry });
  return { epoch, epochKey: fromHex(String(key), EPOCH_KEY_BYTES) };
}

/** Nobody can seal yet. */
export class EpochKeyError extends BridgeError<{ registry: Hex }> {
  readonly code = 'EPOCH_KEY_UNPUBLISHED';
  readonly disposition = 'retry';
  constructor(meta: { registry: Hex }) {
    super(
      `The registry ${meta.registry} has published no key to seal to yet; try again once the bridge's owner has.`,
      meta,
    );
  }
}
