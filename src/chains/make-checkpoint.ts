import type { ChainKind } from '../protocol/chain-kind.ts';
import { makeEthereumCheckpoint } from './ethereum/make-checkpoint.ts';
import type { Checkpoint } from './shared/checkpoint.ts';
import { makeSubstrateCheckpoint } from './substrate/make-checkpoint.ts';

const MAKERS: { readonly [K in ChainKind]: (url: string) => Promise<Checkpoint> } = {
  ethereum: makeEthereumCheckpoint,
  substrate: makeSubstrateCheckpoint,
};

/**
 * Makes a checkpoint of the newest block that a node calls final, and starts a light client from it.
 *
 * @param url of what serves that kind's finality: a beacon node's API, a Substrate node
 * @throws {ChainError} CHAIN_UNAVAILABLE, CHAIN_ANSWER_MALFORMED
 * @throws {BridgeError} what the node says does not fit together
 */
export function makeCheckpoint(kind: ChainKind, url: string): Promise<Checkpoint> {
  return MAKERS[kind](url);
}
