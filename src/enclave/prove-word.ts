import { proveWord } from '../light-client/client-state.ts';
import type { MeasuredContract } from '../light-client/light-client.ts';
import { anchorIdSlot, GATEWAY_SLOTS } from '../protocol/contracts.ts';
import type { StateProof } from '../protocol/state-proof.ts';
import type { Hex } from '../shared/bytes.ts';
import { EnclaveError } from './enclave-error.ts';
import { chainOf, lightClientOf, type MeasuredChain } from './measured-config.ts';
import { clientStateOf, type EnclaveContext, type EnclaveState } from './state.ts';

/**
 * The gateway's sent head on `chainId`, proven under a header that is final.
 *
 * @throws {EnclaveError} ENCLAVE_CHAIN_UNKNOWN, ENCLAVE_PROOF_OF_OTHER_CHAIN
 * @throws {StateProofError} the proof is of another block or route, or of no contract
 * @throws {BridgeError} as the light clients' verifiers: the proof is for another account, slot or state
 */
export function proveSentHead(
  state: EnclaveState,
  context: EnclaveContext,
  { chainId, proof }: { readonly chainId: bigint; readonly proof: StateProof },
): Hex {
  const chain = chainOf(context.config, chainId);
  const word = { chain, contract: chain.gateway, slot: GATEWAY_SLOTS.sentHead };
  return proveContractWord({ state, context }, word, proof);
}

/** What the anchor keeps of a transition that is not committed: no state has this id. */
const NO_STATE: Hex = `0x${'00'.repeat(32)}`;

/**
 * The state id after transition `number`, as the anchor keeps it, proven under a header of the anchor chain that is final.
 *
 * @throws {EnclaveError} ENCLAVE_NOT_ANCHORED: at that header the transition is not committed
 * @throws as {@link proveSentHead}
 */
export function proveAnchoredState(
  state: EnclaveState,
  context: EnclaveContext,
  { number, proof }: { readonly number: bigint; readonly proof: StateProof },
): Hex {
  const { anchor } = context.config;
  const chain = chainOf(context.config, anchor.chainId);
  const word = { chain, contract: anchor, slot: anchorIdSlot(number) };
  const stateId = proveContractWord({ state, context }, word, proof);
  if (stateId !== NO_STATE) return stateId;
  const message = `Expected a transition that the anchor has at the block of the proof, got ${number}, which is not committed there; prove it at a later block.`;
  throw new EnclaveError('ENCLAVE_NOT_ANCHORED', message, { number });
}

interface Word {
  readonly chain: MeasuredChain;
  readonly contract: MeasuredContract;
  readonly slot: Hex;
}

function proveContractWord(
  { state, context }: { readonly state: EnclaveState; readonly context: EnclaveContext },
  { chain: { chainId, kind, lightClient, route }, contract, slot }: Word,
  proof: StateProof,
): Hex {
  if (proof.kind !== kind) {
    const message = `Expected a proof of chain ${chainId}, of kind ${kind}, got one of ${proof.kind}; prove the contract named.`;
    throw new EnclaveError('ENCLAVE_PROOF_OF_OTHER_CHAIN', message, { chainId, kind: proof.kind });
  }
  const config = lightClientOf(context.config, lightClient);
  const client = { config, state: clientStateOf(state.durable, lightClient) };
  return proveWord(client, proof, { contract, slot, route });
}
