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
export type Admitted = Pick<EnclaveStatus, 'signer' | 'epoch' | 'measurement'>;

/** What they tell wallets: a key epoch that the ledger has begun, and its key. */
export type PublishedKey = Pick<EnclaveStatus, 'keyEpoch' | 'epochKey'>;

/** Admits enclaves of one epoch to it on every chain, and starts the epoch. */
export async function admitEnclaves(
  sites: readonly Site[],
  bridge: Bridge,
  admission: AdmissionTerms & { readonly enclaves: readonly [Admitted, ...Admitted[]] },
): Promise<void> {
  const { enclaves, expiresAtSec, threshold } = admission;
  const [{ epoch }] = enclaves;
  await Promise.all(
    sites.map(async (site) => {
      const address = contractsOn(bridge, site.chain.chainId).registry;
      const call = (method: string, args: readonly unknown[]) =>
        invoke(site, { contract: 'EnclaveRegistry', address, method, args });
      for (const { signer, measurement } of enclaves) {
        await call('admit', [signer, epoch, expiresAtSec, measurement]);
      }
      await call('setThreshold', [epoch, threshold]);
      // Last: an epoch that runs can be signed in.
      await call('startEpoch', [epoch]);
    }),
  );
}

/**
 * Has wallets of every chain seal to a key from now on. Not before an enclave says that the ledger's next round is of its epoch: what
 * is sealed to a later one does not open.
 *
 * @throws {ChainCallReverted} a key of this epoch or a later one is published
 */
export async function publishKey(
  sites: readonly Site[],
  bridge: Bridge,
  { keyEpoch, epochKey }: PublishedKey,
): Promise<void> {
  await Promise.all(
    sites.map((site) => {
      const address = contractsOn(bridge, site.chain.chainId).registry;
      const args = [keyEpoch, epochKey];
      return invoke(site, { contract: 'EnclaveRegistry', address, method: 'publishKey', args });
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
