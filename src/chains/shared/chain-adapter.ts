import type { ChainKind, Route } from '../../protocol/chain-kind.ts';
import type { Hex } from '../../shared/bytes.ts';
import type { BridgedChain } from './bridged-chain.ts';
import type { FinalitySource } from './finality-source.ts';

/** Where a consensus is reached. */
export interface FinalityOptions {
  /** What the configuration calls the light client; stands in errors. */
  readonly client: string;
  /** Of a node that serves finality proofs: a beacon node's API, a Substrate node's WebSocket. */
  readonly url: string;
  /** Of further ones. */
  readonly urls?: readonly string[] | undefined;
}

/** Where a chain is reached, and which it must be. */
export interface ChainOptions {
  /** What the configuration calls it; stands in errors. */
  readonly name: string;
  readonly chainId: bigint;
  /** Of a node's JSON-RPC. */
  readonly url: string;
  /** Of further nodes'. */
  readonly urls?: readonly string[] | undefined;
  readonly route: Route;
  readonly pollMs: number;
}

/** How nodes of a kind of chain are spoken to. */
export interface ChainAdapter {
  readonly kind: ChainKind;
  /**
   * The account that a secret signs for, which no node has to be asked for.
   *
   * @param chain what the configuration calls the chain; stands in errors
   * @returns 20 bytes
   * @throws {ChainError} CHAIN_SIGNER_INVALID
   */
  addressOf(chain: string, secret: string): Promise<Hex>;
  /** @throws {ChainError} CHAIN_UNAVAILABLE */
  openFinality(options: FinalityOptions): Promise<FinalitySource>;
  /**
   * Connects to a chain.
   *
   * @param finality of the same kind, from `openFinality`: the consensus that makes the chain final; it is not closed
   *   with the chain
   * @throws {ChainError} CHAIN_UNAVAILABLE, CHAIN_MISMATCH: another chain than `options` says
   */
  openChain(options: ChainOptions, finality: FinalitySource): Promise<BridgedChain>;
}
