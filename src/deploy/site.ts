import type { BridgedChain, ChainSigner } from '../chains/shared/bridged-chain.ts';
import type { Hex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import { loadArtifact } from './artifacts.ts';

/** A chain and the account that owns what is deployed on it. */
export interface Site {
  readonly chain: BridgedChain;
  readonly owner: ChainSigner;
}

/** A call of a deployed contract, by the name of its source. */
export interface ContractCall {
  readonly contract: string;
  /** 20 bytes. */
  readonly address: Hex;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Creates contract `name`. @returns its address, 20 bytes. @throws {DeploymentError} */
export async function deploy(site: Site, name: string, args: readonly unknown[]): Promise<Hex> {
  const { abi, creationCode } = loadArtifact(name);
  const data = `${creationCode}${abi.encodeDeploy(args).slice(2)}` as Hex;
  const receipt = await site.chain.submit(site.owner, { to: null, data, valueWei: 0n });
  if (!receipt.contractAddress) throw new DeploymentError({ contract: name });
  return receipt.contractAddress;
}

/** Calls a contract as the owner and waits until a block includes it. @throws {ChainCallReverted} */
export async function invoke(site: Site, call: ContractCall): Promise<void> {
  const { abi } = loadArtifact(call.contract);
  const data = abi.encodeFunctionData(call.method, call.args) as Hex;
  await site.chain.submit(site.owner, { to: call.address, data, valueWei: 0n });
}

export class DeploymentError extends BridgeError<{ contract: string }> {
  readonly code = 'DEPLOY_ADDRESS_MISSING';
  readonly disposition = 'halt';
  constructor(meta: { contract: string }) {
    super(`The chain included ${meta.contract} but gave it no address: look at its receipt.`, meta);
  }
}
