import type { EnclaveStatus } from '../protocol/enclave-commands.ts';
import { type Bridge, contractsOn } from './deploy-bridge.ts';
import { invoke, type Site } from './site.ts';

/** On what terms an enclave is let in. */
export interface AdmissionTerms {
  /** Unix seconds from which its signatures no longer count. */
  readonly expiresAtSec: bigint;
  /** Signatures that a commit or a batch needs. */
  readonly threshold: number;
}

/** What the registries have to know of an enclave. */
export type Admitted = Pick<EnclaveStatus, 'signer' | 'epoch' | 'epochKey' | 'measurement'>;

/** Admits an enclave to its epoch on every chain, and starts the epoch. */
export async function admitEnclave(
  sites: readonly Site[],
  bridge: Bridge,
  admission: AdmissionTerms & { readonly enclave: Admitted },
): Promise<void> {
  const { enclave, expiresAtSec, threshold } = admission;
  const { signer, epoch, epochKey, measurement } = enclave;
  await Promise.all(
    sites.map(async (site) => {
      const address = contractsOn(bridge, site.chain.chainId).registry;
      const call = (method: string, args: readonly unknown[]) =>
        invoke(site, { contract: 'EnclaveRegistry', address, method, args });
      await call('admit', [signer, epoch, expiresAtSec, measurement]);
      await call('setThreshold', [epoch, threshold]);
      // Last: an epoch that runs can be signed in.
      await call('startEpoch', [epoch, epochKey]);
    }),
  );
}

/** Gives the anchor the ledger's genesis state; it takes one and no other. @throws {ChainCallReverted} it has one */
export async function initializeAnchor(
  sites: readonly Site[],
  bridge: Bridge,
  stateId: EnclaveStatus['ledger']['stateId'],
): Promise<void> {
  const { chainId, address } = bridge.anchor;
  for (const site of sites.filter(({ chain }) => chain.chainId === chainId)) {
    await invoke(site, { contract: 'Anchor', address, method: 'initialize', args: [stateId] });
  }
}
