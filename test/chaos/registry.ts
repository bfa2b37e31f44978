import { Interface } from 'ethers';
import { REGISTRY_ABI } from '../../src/chains/shared/abi.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import type { Deployment } from './contracts.ts';

/** Where the registry stands on every simulated chain. */
const REGISTRY: Hex = `0x${'e9'.repeat(20)}`;
const NEVER_SEC = 2n ** 64n - 1n;
const REGISTERED_ABI = new Interface(['function registry() view returns (address)']);

/** What a view function answers of who may sign. KEEP IN SYNC: contracts-evm/src/EnclaveRegistry.sol. */
export function viewRegistry({ epoch, threshold, signers }: Deployment, to: Hex, data: Hex): Hex {
  const abi = to === REGISTRY ? REGISTRY_ABI : REGISTERED_ABI;
  const { name = '', args = [] } = abi.parseTransaction({ data }) ?? {};
  const expiresAt = () => {
    const [of, enclave] = args as unknown as [bigint, string];
    return of === epoch && signers.has(enclave.toLowerCase() as Hex) ? NEVER_SEC : 0n;
  };
  const answers: Readonly<Record<string, () => unknown>> = {
    registry: () => REGISTRY,
    epoch: () => epoch,
    threshold: () => threshold,
    enclaveOf: () => [expiresAt(), `0x${'33'.repeat(32)}`],
    isRevoked: () => false,
  };
  return abi.encodeFunctionResult(name, [answers[name]?.()]) as Hex;
}
