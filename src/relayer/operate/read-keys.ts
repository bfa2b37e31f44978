import { Interface } from 'ethers';
import { REGISTERED_ABI, REGISTRY_ABI } from '../../chains/shared/abi.ts';
import type { BridgedChain } from '../../chains/shared/bridged-chain.ts';
import { readContract } from '../../chains/shared/read-contract.ts';
import type { RelayerChain, RelayerConfig } from '../../config/relayer.ts';
import { createEnclaveClient } from '../../enclave-client/enclave-client.ts';
import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import type { Hex } from '../../shared/bytes.ts';
import { openOne } from './examine-chain.ts';
import { type SignerPurpose, signersOf } from './examine-signers.ts';
import { describeFailure } from './finding.ts';

const THRESHOLD_ABI = new Interface(['function threshold() view returns (uint16)']);

/** An account of this relayer's. */
export interface SignerStanding {
  readonly chain: string;
  readonly chainId: string;
  /** Whether it submits everything, or nothing but commits. */
  readonly purpose: SignerPurpose;
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
    const open = { config, sides, closers };
    const signers = await Promise.all(config.chains.map((entry) => readSigners(open, entry)));
    const enclaves = await Promise.all(
      config.enclaves.map((address) => readEnclave(address, sides)),
    );
    return { signers: signers.flat(), enclaves };
  } finally {
    await Promise.all(closers.map((close) => close()));
  }
}

/** What is open for a reading. */
interface Reading {
  readonly config: RelayerConfig;
  readonly sides: OpenSide[];
  readonly closers: (() => Promise<void>)[];
}

/** The accounts that submit on a chain. */
async function readSigners(
  { config, sides, closers }: Reading,
  entry: RelayerChain,
): Promise<SignerStanding[]> {
  const accounts = signersOf(entry, config);
  const at = { chain: entry.name, chainId: `${entry.chainId}` };
  try {
    const { chains, close } = await openOne(config, entry);
    closers.push(close);
    const chain = chains.get(entry.chainId);
    if (chain === undefined) throw new RangeError('the chain of the entry is open');
    const gateway = { chain, address: entry.gateway, abi: REGISTERED_ABI };
    const [registry] = await readContract(gateway, 'registry');
    sides.push({ name: entry.name, chain, registry });
    const read = accounts.map(async ([purpose, secret]) => {
      const { address, payTo = address } = await chain.signer(secret.reveal());
      const account = { ...at, purpose, address, payTo };
      try {
        return { ...account, balanceWei: `${await chain.balanceWei(address)}`, failure: null };
      } catch (error) {
        return { ...account, balanceWei: null, failure: describeFailure(error) };
      }
    });
    return await Promise.all(read);
  } catch (error) {
    const unread = { address: null, payTo: null, balanceWei: null };
    return accounts.map(([purpose]) => {
      return { ...at, purpose, ...unread, failure: describeFailure(error) };
    });
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
