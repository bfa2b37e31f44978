import { keccak256 } from '../crypto/hashes.ts';
import { verifyAccountProof } from '../light-client/ethereum/verify-account-proof.ts';
import { verifyExecutionHeader } from '../light-client/ethereum/verify-execution-header.ts';
import { verifyStorageProof } from '../light-client/ethereum/verify-storage-proof.ts';
import type { PolkadotConfig } from '../light-client/polkadot/config.ts';
import type { FinalizedBlock } from '../light-client/polkadot/store.ts';
import { verifyContractSlot } from '../light-client/polkadot/verify-contract-slot.ts';
import {
  verifyParachainHead,
  verifyParents,
} from '../light-client/polkadot/verify-parachain-head.ts';
import { ANCHOR_SLOTS, GATEWAY_SLOTS } from '../protocol/contracts.ts';
import type { StateProof } from '../protocol/enclave-commands.ts';
import { type Hex, toHex } from '../shared/bytes.ts';
import { EnclaveError } from './enclave-error.ts';
import type { EnclaveContext, EnclaveState } from './state.ts';

type ProofOf<C extends StateProof['chain']> = Extract<StateProof, { chain: C }>;

/**
 * The gateway's sent head on `chainId`, proven under a header that is final.
 *
 * @throws {EnclaveError} ENCLAVE_CHAIN_UNKNOWN, ENCLAVE_PROOF_OF_OTHER_CHAIN, ENCLAVE_PROOF_OF_OTHER_TOPOLOGY,
 *   ENCLAVE_HEADER_UNKNOWN, ENCLAVE_GATEWAY_ABSENT
 * @throws {BridgeError} as the light clients' verifiers: the proof is for another account, slot or state
 */
export function proveSentHead(
  state: EnclaveState,
  { config }: EnclaveContext,
  { chainId, proof }: { readonly chainId: bigint; readonly proof: StateProof },
): Hex {
  const { ethereum, polkadot } = config;
  const { topology } = polkadot.lightClient;
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
    const { trieId } = polkadot.gateway;
    return provePolkadotWord(state, proof, { trieId, slot, topology });
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
  const { chainId, anchor, lightClient } = config.polkadot;
  if (proof.chain !== 'polkadot') {
    const message = `Expected a proof of chain ${chainId}, where the anchor is, got one of ${proof.chain}.`;
    const meta = { chainId, chain: proof.chain };
    throw new EnclaveError('ENCLAVE_PROOF_OF_OTHER_CHAIN', message, meta);
  }
  const { trieId } = anchor;
  const { topology } = lightClient;
  return provePolkadotWord(state, proof, { trieId, slot: ANCHOR_SLOTS.stateId, topology });
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

interface PolkadotWord {
  readonly trieId: Hex;
  readonly slot: Hex;
  readonly topology: PolkadotConfig['topology'];
}

function provePolkadotWord(
  { durable }: EnclaveState,
  proof: ProofOf<'polkadot'>,
  { trieId, slot, topology }: PolkadotWord,
): Hex {
  const known = durable.polkadot.recent.find(({ hash }) => hash === proof.blockHash);
  if (known === undefined) throw headerUnknown('polkadot', proof.blockHash);
  const { stateRoot } = findContractsBlock(known, proof, topology);
  return verifyContractSlot(stateRoot, { trieId }, slot, proof.nodes);
}

/**
 * The block under whose state root the contracts are: `known` itself, or a block of the parachain that it makes final.
 *
 * SECURITY: the configuration says which of the two, never the proof. A relay chain may run the same pallets, so a word
 * under its own state root would be one of other contracts.
 */
function findContractsBlock(
  known: FinalizedBlock,
  { hop }: ProofOf<'polkadot'>,
  topology: PolkadotWord['topology'],
): FinalizedBlock {
  if (topology === 'solo' && hop === undefined) return known;
  if (topology !== 'solo' && hop !== undefined) {
    const head = verifyParachainHead(known.stateRoot, topology.paraId, hop.headNodes);
    return verifyParents(head, hop.parents);
  }
  const expected = topology === 'solo' ? 'no hop' : `a hop to parachain ${topology.paraId}`;
  const message = `Expected a proof with ${expected}, as the measured topology says, got the other; prove it by that way.`;
  throw new EnclaveError('ENCLAVE_PROOF_OF_OTHER_TOPOLOGY', message, { expected });
}

function headerUnknown(chain: string, blockHash: Hex): EnclaveError {
  const message = `Expected a block of ${chain} that was lately shown to be final, got ${blockHash}; advance the light client and prove again.`;
  return new EnclaveError('ENCLAVE_HEADER_UNKNOWN', message, { chain, blockHash });
}
