import { REGISTERED_ABI, REGISTRY_ABI } from '../../chains/shared/abi.ts';
import type { BridgedChain } from '../../chains/shared/bridged-chain.ts';
import { readContract } from '../../chains/shared/read-contract.ts';
import type { Hex } from '../../shared/bytes.ts';

/** A contract that believes what enough enclaves of its registry have signed: a gateway, or the anchor. */
export interface SignedContract {
  readonly chain: Pick<BridgedChain, 'name' | 'call' | 'head' | 'blockTimeSec'>;
  /** 20 bytes. */
  readonly address: Hex;
}

/** Who may sign for a contract now, as its registry says. What a node lies about here, the contract refuses. */
export interface SigningRules {
  readonly epoch: bigint;
  /** Signatures that it takes. */
  readonly threshold: number;
  /** Whether a key was admitted to the epoch, is not revoked and has not expired. */
  isAdmitted(signer: Hex): Promise<boolean>;
}

/** Reads rules and keeps them for a while. @throws {ChainError} */
export type ReadRules = (contract: SignedContract) => Promise<SigningRules>;

/** Admissions are rare, and one that is not seen yet costs a signature, not money. */
const KEPT_MS = 30_000;

/** @param nowMs a monotonic clock, in milliseconds */
export function createRulesReader(nowMs: () => number): ReadRules {
  const registries = new Map<string, Promise<Hex>>();
  const kept = new Map<string, { readonly rules: Promise<SigningRules>; readonly atMs: number }>();
  return ({ chain, address }) => {
    const key = `${chain.name} ${address}`;
    const known = kept.get(key);
    if (known !== undefined && nowMs() - known.atMs < KEPT_MS) return known.rules;
    const registry = registries.get(key) ?? fetchRegistry({ chain, address });
    registries.set(key, registry);
    const rules = registry.then((at) => fetchRules({ chain, address: at }));
    kept.set(key, { rules, atMs: nowMs() });
    // What could not be read is asked for again at once by whoever needs it next.
    registry.catch(() => registries.delete(key));
    rules.catch(() => kept.delete(key));
    return rules;
  };
}

async function fetchRegistry(contract: SignedContract): Promise<Hex> {
  const [registry] = await readContract({ ...contract, abi: REGISTERED_ABI }, 'registry');
  return String(registry).toLowerCase() as Hex;
}

async function fetchRules({ chain, address }: SignedContract): Promise<SigningRules> {
  const registry = { chain, address, abi: REGISTRY_ABI };
  const [[epoch], [threshold], nowSec] = await Promise.all([
    readContract(registry, 'epoch'),
    readContract(registry, 'threshold'),
    chain.head().then(({ hash }) => chain.blockTimeSec(hash)),
  ]);
  const admitted = new Map<Hex, Promise<boolean>>();
  const ask = async (signer: Hex) => {
    const [[{ expiresAt }], [isRevoked]] = await Promise.all([
      readContract(registry, 'enclaveOf', [epoch, signer]),
      readContract(registry, 'isRevoked', [signer]),
    ]);
    return expiresAt > nowSec && !isRevoked;
  };
  return {
    epoch,
    threshold: Number(threshold),
    isAdmitted: (signer) => {
      const answer = admitted.get(signer) ?? ask(signer);
      admitted.set(signer, answer);
      answer.catch(() => admitted.delete(signer));
      return answer;
    },
  };
}
