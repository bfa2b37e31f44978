import { proveWord } from '../light-client/client-state.ts';
import type { MeasuredContract, ProvenWord } from '../light-client/light-client.ts';
import { ANCHOR_SLOTS, anchorIdSlot, GATEWAY_SLOTS } from '../protocol/contracts.ts';
import type { StateProof } from '../protocol/state-proof.ts';
import type { Hex } from '../shared/bytes.ts';
import { EnclaveError } from './enclave-error.ts';
import { chainOf, lightClientOf, type MeasuredChain } from './measured-config.ts';
import { clientStateOf, type EnclaveContext, type EnclaveState } from './state.ts';

/** The head of an outbox in a final block. */
export interface ProvenHead {
  /** 32 bytes. */
  readonly head: Hex;
  /** When the block was made, in whole seconds of Unix time. */
  readonly blockTimeSec: bigint;
}

/** A proof, and the chain that it is said to be of. */
interface ProofOfChain {
  readonly chainId: bigint;
  readonly proof: StateProof;
}

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
  of: ProofOfChain,
): ProvenHead {
  const { word, blockTimeSec } = proveGateway({ state, context }, GATEWAY_SLOTS.sentHead, of);
  return { head: word, blockTimeSec };
}

/**
 * How many releases the gateway on `chainId` has paid, proven under a header that is final.
 *
 * @throws as {@link proveSentHead}
 */
export function proveReleasedCount(
  state: EnclaveState,
  context: EnclaveContext,
  of: ProofOfChain,
): bigint {
  const { word } = proveGateway({ state, context }, GATEWAY_SLOTS.releasedCount, of);
  return BigInt.asUintN(64, BigInt(word));
}

/**
 * The head of the anchor's own outbox, proven under a header that is final.
 *
 * @throws as {@link proveSentHead}
 */
export function proveControlHead(
  state: EnclaveState,
  context: EnclaveContext,
  proof: StateProof,
): ProvenHead {
  const { word, blockTimeSec } = proveAnchor({ state, context }, ANCHOR_SLOTS.controlHead, proof);
  return { head: word, blockTimeSec };
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
  const { word } = proveAnchor({ state, context }, anchorIdSlot(number), proof);
  if (word !== NO_STATE) return word;
  const message = `Expected a transition that the anchor has at the block of the proof, got ${number}, which is not committed there; prove it at a later block.`;
  throw new EnclaveError('ENCLAVE_NOT_ANCHORED', message, { number });
}

interface Enclave {
  readonly state: EnclaveState;
  readonly context: EnclaveContext;
}

function proveGateway(enclave: Enclave, slot: Hex, { chainId, proof }: ProofOfChain): ProvenWord {
  const chain = chainOf(enclave.context.config, chainId);
  return proveContractWord(enclave, { chain, contract: chain.gateway, slot }, proof);
}

function proveAnchor(enclave: Enclave, slot: Hex, proof: StateProof): ProvenWord {
  const { config } = enclave.context;
  const chain = chainOf(config, config.anchor.chainId);
  return proveContractWord(enclave, { chain, contract: config.anchor, slot }, proof);
}

interface Word {
  readonly chain: MeasuredChain;
  readonly contract: MeasuredContract;
  readonly slot: Hex;
}

function proveContractWord(
  { state, context }: Enclave,
  { chain: { chainId, kind, lightClient, route }, contract, slot }: Word,
  proof: StateProof,
): ProvenWord {
  if (proof.kind !== kind) {
    const message = `Expected a proof of chain ${chainId}, of kind ${kind}, got one of ${proof.kind}; prove the contract named.`;
    throw new EnclaveError('ENCLAVE_PROOF_OF_OTHER_CHAIN', message, { chainId, kind: proof.kind });
  }
  const config = lightClientOf(context.config, lightClient);
  const client = { config, state: clientStateOf(state.durable, lightClient) };
  return proveWord(client, proof, { contract, slot, route });
}
