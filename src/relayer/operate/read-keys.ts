import { Interface } from 'ethers';
import { REGISTERED_ABI, REGISTRY_ABI } from '../../chains/shared/abi.ts';
import type { BridgedChain } from '../../chains/shared/bridged-chain.ts';
import { readContract } from '../../chains/shared/read-contract.ts';
import type { RelayerConfig } from '../../config/relayer.ts';
import { createEnclaveClient } from '../../enclave-client/enclave-client.ts';
import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import type { Hex } from '../../shared/bytes.ts';
import { openOne } from './examine-chain.ts';
import { describeFailure } from './finding.ts';

const THRESHOLD_ABI = new Interface(['function threshold() view returns (uint16)']);

/** An account of this relayer's. */
export interface SignerStanding {
  readonly chain: string;
  readonly chainId: string;
  /** Null where the chain could not be asked; `failure` says why. */
  readonly address: Hex | null;
  /** Where coins for it are sent to, as the chain's wallets write it. */
  readonly payTo: string | null;
  /** In 18 decimals, as text. */
  readonly balanceWei: string | null;
  readonly failure: string | null;
}

/** What a chain's registry says of a signing key. */
export interface RegistryStanding {
  readonly chain: string;
  /** The epoch that signatures count in now, and how many of them a batch or a commit needs. */
  readonly epoch: string;
  readonly threshold: number;
  /** Until when it may sign, in seconds of Unix time; null if it is not admitted in this epoch. */
  readonly admittedUntilSec: number | null;
  readonly isRevoked: boolean;
  /** What it was admitted with; null if it is not. */
  readonly measurement: Hex | null;
}

/** An enclave by its keys. */
export interface EnclaveStanding {
  readonly address: string;
  /** Null where it does not answer; `failure` says why. */
  readonly signer: Hex | null;
  readonly epoch: string | null;
  readonly measurement: Hex | null;
  /** Number of the last commit that its ledger has taken. */
  readonly ledgerNumber: string | null;
  readonly registries: readonly RegistryStanding[];
  readonly failure: string | null;
}

/** Every key that this relayer works with. None of them is secret. */
export interface KeyStanding {
  readonly signers: readonly SignerStanding[];
  readonly enclaves: readonly EnclaveStanding[];
}

interface OpenSide {
  readonly name: string;
  readonly chain: BridgedChain;
  readonly registry: Hex;
}

/** Asks every chain and every enclave; what does not answer says so in its row. */
export async function readKeys(config: RelayerConfig): Promise<KeyStanding> {
  const closers: (() => Promise<void>)[] = [];
  try {
    const sides: OpenSide[] = [];
    const signers = await Promise.all(
      config.chains.map(async (entry): Promise<SignerStanding> => {
        const at = { chain: entry.name, chainId: `${entry.chainId}` };
        let account: Pick<SignerStanding, 'address' | 'payTo'> = { address: null, payTo: null };
        try {
          const { chains, close } = await openOne(config, entry);
          closers.push(close);
          const chain = chains.get(entry.chainId);
          if (chain === undefined) throw new RangeError('the chain of the entry is open');
          const { address, payTo = address } = await chain.signer(entry.signer.reveal());
          account = { address, payTo };
          const gateway = { chain, address: entry.gateway, abi: REGISTERED_ABI };
          const [registry] = await readContract(gateway, 'registry');
          sides.push({ name: entry.name, chain, registry });
          const balanceWei = `${await chain.balanceWei(address)}`;
          return { ...at, ...account, balanceWei, failure: null };
        } catch (error) {
          return { ...at, ...account, balanceWei: null, failure: describeFailure(error) };
        }
      }),
    );
    const enclaves = await Promise.all(
      config.enclaves.map((address) => readEnclave(address, sides)),
    );
    return { signers, enclaves };
  } finally {
    await Promise.all(closers.map((close) => close()));
  }
}

const ENCLAVE_MS = 10_000;

async function readEnclave(address: string, sides: readonly OpenSide[]): Promise<EnclaveStanding> {
  const client = createEnclaveClient({ address, timeoutMs: ENCLAVE_MS });
  try {
    const status = await client.ask('status', {});
    const { signer, epoch, measurement, ledger } = status;
    const registries = await Promise.all(sides.map((side) => readRegistry(side, status)));
    const own = { signer, epoch: `${epoch}`, measurement, ledgerNumber: `${ledger.number}` };
    return { address, ...own, registries, failure: null };
  } catch (error) {
    const nothing = { signer: null, epoch: null, measurement: null, ledgerNumber: null };
    return { address, ...nothing, registries: [], failure: describeFailure(error) };
  } finally {
    client.close();
  }
}

async function readRegistry(
  { name, chain, registry }: OpenSide,
  { signer }: Pick<EnclaveStatus, 'signer'>,
): Promise<RegistryStanding> {
  const contract = { chain, address: registry, abi: REGISTRY_ABI };
  const [epoch] = await readContract(contract, 'epoch');
  const [[admitted], [isRevoked], [threshold]] = await Promise.all([
    readContract(contract, 'enclaveOf', [epoch, signer]),
    readContract(contract, 'isRevoked', [signer]),
    readContract({ ...contract, abi: THRESHOLD_ABI }, 'threshold'),
  ]);
  const untilSec = Number(admitted.expiresAt);
  return {
    chain: name,
    epoch: `${epoch}`,
    threshold: Number(threshold),
    admittedUntilSec: untilSec === 0 ? null : untilSec,
    isRevoked: Boolean(isRevoked),
    measurement: untilSec === 0 ? null : (String(admitted.measurement) as Hex),
  };
}
