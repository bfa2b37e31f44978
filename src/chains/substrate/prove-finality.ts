import type { Hex } from '../../shared/bytes.ts';
import { ChainError } from '../shared/bridged-chain.ts';
import { ask, isRefusal, type SubstrateConnection } from './connection.ts';
import { fetchHeader } from './read-block.ts';

/** A header and the votes that show that it is final. */
export interface FinalityFragment {
  readonly number: number;
  /** SCALE header. */
  readonly header: Uint8Array;
  /** SCALE GrandpaJustification for that header. */
  readonly justification: Uint8Array;
}

/** So many blocks are looked into one by one, at two calls each; of more a node is asked where their authority sets end. */
const FEW_BLOCKS = 16;

/** Blocks behind `fromNumber`, up to the other end. */
export interface Range {
  readonly fromNumber: number;
  readonly toNumber: number;
}

/**
 * Goes over many blocks: to the end of the authority set that finalized the first of them, or in the newest set to the newest justification.
 * Of a node that skips the end of a set the light client refuses what comes next.
 *
 * @returns undefined if the blocks are few, or the node does not say: one that began in the midst of the chain knows no sets before
 */
export async function hopOver(
  node: SubstrateConnection,
  { fromNumber, toNumber }: Range,
): Promise<FinalityFragment | undefined> {
  if (toNumber - fromNumber <= FEW_BLOCKS) return undefined;
  try {
    const end = await provenFrom(node, fromNumber + 1);
    return end && end.number > fromNumber && end.number <= toNumber ? end : undefined;
  } catch (error) {
    if (error instanceof ChainError && isRefusal(error.cause)) return undefined;
    throw error;
  }
}

/** The end of the authority set that has finalized a block, or the newest block of the running set: `grandpa_proveFinality`. */
export async function provenFrom(
  node: SubstrateConnection,
  number: number,
): Promise<FinalityFragment | undefined> {
  const { name, api } = node;
  const proof = await ask(name, 'grandpa_proveFinality', api.rpc.grandpa.proveFinality(number));
  if (proof.isNone) return undefined;
  // EncodedFinalityProofs: block hash ‖ Vec<u8> justification ‖ Vec<Header>.
  const bytes = proof.unwrap().toU8a(true);
  const [hash, justification] = api.registry.createType('(H256, Bytes)', bytes) as unknown as [
    { toHex(): Hex },
    { toU8a(isBare: boolean): Uint8Array },
  ];
  const header = await fetchHeader(node, hash.toHex());
  return {
    number: header.number.toNumber(),
    header: header.toU8a(),
    justification: justification.toU8a(true),
  };
}
