import { keccak256 } from '../crypto/hashes.ts';
import { verifyAccountProof } from '../light-client/ethereum/verify-account-proof.ts';
import { verifyExecutionHeader } from '../light-client/ethereum/verify-execution-header.ts';
import { verifyStorageProof } from '../light-client/ethereum/verify-storage-proof.ts';
import { verifyContractSlot } from '../light-client/polkadot/verify-contract-slot.ts';
import { ANCHOR_SLOTS, GATEWAY_SLOTS } from '../protocol/contracts.ts';
import type { StateProof } from '../protocol/enclave-commands.ts';
import { type Hex, toHex } from '../shared/bytes.ts';
import { EnclaveError } from './enclave-error.ts';
import type { EnclaveContext, EnclaveState } from './state.ts';

type ProofOf<C extends StateProof['chain']> = Extract<StateProof, { chain: C }>;

/**
 * The gateway's sent head on `chainId`, proven under a header that is final.
 *
 * @throws {EnclaveError} ENCLAVE_CHAIN_UNKNOWN, ENCLAVE_PROOF_OF_OTHER_CHAIN, ENCLAVE_HEADER_UNKNOWN,
 *   ENCLAVE_GATEWAY_ABSENT
 * @throws {BridgeError} as the light clients' verifiers: the proof is for another account, slot or state
 */
export function proveSentHead(
  state: EnclaveState,
  { config }: EnclaveContext,
  { chainId, proof }: { readonly chainId: bigint; readonly proof: StateProof },
): Hex {
  const { ethereum, polkadot } = config;
  const isEthereum = chainId === ethereum.chainId;
  if (!isEthereum && chainId !== polkadot.chainId) {
    const message = `Expected chain ${ethereum.chainId} or ${polkadot.chainId}, got ${chainId}; only they have a gateway.`;
    throw new EnclaveError('ENCLAVE_CHAIN_UNKNOWN', message, { chainId });
  }
  const slot = GATEWAY_SLOTS.sentHead;
  if (proof.chain === 'ethereum' && isEthereum) {
    return proveEthereumWord(state, proof, { address: ethereum.gateway, slot });
  }
  if (proof.chain === 'polkadot' && !isEthereum) {
    return provePolkadotWord(state, proof, { trieId: polkadot.gateway.trieId, slot });
  }
  const message = `Expected a proof of chain ${chainId}, got one of ${proof.chain}; prove the gateway named.`;
  throw new EnclaveError('ENCLAVE_PROOF_OF_OTHER_CHAIN', message, { chainId, chain: proof.chain });
}

/**
 * The anchor's state id, proven under a Polkadot header that is final.
 *
 * @throws as {@link proveSentHead}
 */
export function proveAnchoredState(
  state: EnclaveState,
  { config }: EnclaveContext,
  proof: StateProof,
): Hex {
  const { chainId, anchor } = config.polkadot;
  if (proof.chain !== 'polkadot') {
    const message = `Expected a proof of chain ${chainId}, where the anchor is, got one of ${proof.chain}.`;
    const meta = { chainId, chain: proof.chain };
    throw new EnclaveError('ENCLAVE_PROOF_OF_OTHER_CHAIN', message, meta);
  }
  const { trieId } = anchor;
  return provePolkadotWord(state, proof, { trieId, slot: ANCHOR_SLOTS.stateId });
}

function proveEthereumWord(
  { durable }: EnclaveState,
  proof: ProofOf<'ethereum'>,
  { address, slot }: { readonly address: Hex; readonly slot: Hex },
): Hex {
  const hash = toHex(keccak256(proof.header));
  const known = durable.ethereum?.recent.find(({ blockHash }) => blockHash === hash);
  if (known === undefined) throw headerUnknown('ethereum', hash);
  const { stateRoot } = verifyExecutionHeader(proof.header, known.blockHash);
  const account = verifyAccountProof(stateRoot, address, proof.accountProof);
  if (account === undefined) {
    const message = `Expected a contract at ${address}, the proof shows none; deploy it before it is measured.`;
    throw new EnclaveError('ENCLAVE_GATEWAY_ABSENT', message, { address });
  }
  return verifyStorageProof(account.storageRoot, slot, proof.storageProof);
}

function provePolkadotWord(
  { durable }: EnclaveState,
  proof: ProofOf<'polkadot'>,
  { trieId, slot }: { readonly trieId: Hex; readonly slot: Hex },
): Hex {
  const known = durable.polkadot.recent.find(({ hash }) => hash === proof.blockHash);
  if (known === undefined) throw headerUnknown('polkadot', proof.blockHash);
  return verifyContractSlot(known.stateRoot, { trieId }, slot, proof.nodes);
}

function headerUnknown(chain: string, blockHash: Hex): EnclaveError {
  const message = `Expected a block of ${chain} that was lately shown to be final, got ${blockHash}; advance the light client and prove again.`;
  return new EnclaveError('ENCLAVE_HEADER_UNKNOWN', message, { chain, blockHash });
}
