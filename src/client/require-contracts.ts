import { ANCHOR_ABI, GATEWAY_ABI } from '../chains/shared/abi.ts';
import { type BridgedChain, ChainCallReverted } from '../chains/shared/bridged-chain.ts';
import { type ReadableContract, readContract } from '../chains/shared/read-contract.ts';
import type { ClientConfig } from '../config/client.ts';
import type { Hex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';

type Chains = ReadonlyMap<bigint, Pick<BridgedChain, 'name' | 'call'>>;

/**
 * Makes sure that there is a gateway, and an anchor, where a configuration says so: of an address without one, nothing is known for ever.
 *
 * @throws {ContractMissing} @throws {ChainError}
 */
export async function requireContracts(
  { chains: entries, anchor }: Pick<ClientConfig, 'chains' | 'anchor'>,
  chains: Chains,
): Promise<void> {
  for (const { chainId, gateway } of entries) {
    const chain = chains.get(chainId);
    if (chain === undefined) continue;
    await requireAnswer({ chain, address: gateway, abi: GATEWAY_ABI }, 'sentCount', 'gateway');
    if (chainId !== anchor.chainId) continue;
    await requireAnswer({ chain, address: anchor.address, abi: ANCHOR_ABI }, 'number', 'anchor');
  }
}

async function requireAnswer(
  contract: ReadableContract & { readonly chain: Pick<BridgedChain, 'name'> },
  method: string,
  what: 'gateway' | 'anchor',
): Promise<void> {
  try {
    await readContract(contract, method);
  } catch (error) {
    if (error instanceof BridgeError && !(error instanceof ChainCallReverted)) throw error;
    throw new ContractMissing({ chain: contract.chain.name, what, address: contract.address });
  }
}

/** At an address of the configuration there is no such contract. */
export class ContractMissing extends BridgeError<{
  chain: string;
  what: 'gateway' | 'anchor';
  address: Hex;
}> {
  readonly code = 'CONFIG_CONTRACT_MISSING';
  readonly disposition = 'reject';
  constructor(meta: { chain: string; what: 'gateway' | 'anchor'; address: Hex }) {
    super(
      `On ${meta.chain} there is no ${meta.what} at ${meta.address}: another contract, or none; compare it with the deployment.`,
      meta,
    );
  }
}
