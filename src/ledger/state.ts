import type { AssetId } from '../protocol/asset.ts';
import { MAX_CHAINS } from '../protocol/limits.ts';
import { type ChainPosition, EMPTY_HEAD } from '../protocol/message.ts';
import type { Hex } from '../shared/bytes.ts';
import { LedgerError } from './ledger-error.ts';

/** A bridged chain and the contract that stands on it for the bridge. */
export interface ChainGateway {
  readonly chainId: bigint;
  /** 20 bytes. */
  readonly gateway: Hex;
}

/** How far the ledger has come with a chain. */
export interface LedgerChain extends ChainGateway {
  /** Messages consumed from the gateway's outbox. */
  readonly inbox: ChainPosition;
  /** Releases produced for the gateway. */
  readonly released: ChainPosition;
}

/** An amount of an asset on one chain. */
export interface ChainAmount {
  readonly chainId: bigint;
  readonly amount: bigint;
}

/** Where an asset is. `locked` is always the sum of `minted`. */
export interface AssetSupply {
  readonly asset: AssetId;
  /** Held by the gateway of the asset's origin chain. */
  readonly locked: bigint;
  /** Minted on every other chain, by ascending chain id; none of them zero. */
  readonly minted: readonly ChainAmount[];
}

/** Everything the ledger remembers. */
export interface LedgerState {
  /** Transitions made; the genesis state has number 0. */
  readonly number: bigint;
  /** By ascending chain id. */
  readonly chains: readonly LedgerChain[];
  /** By ascending asset id; an asset of which nothing is locked is not listed. */
  readonly supply: readonly AssetSupply[];
}

/**
 * The state before any message: number 0, both hash chains of every gateway empty.
 *
 * @param chains 1 … 16, in any order
 * @throws {LedgerError} LEDGER_CHAINS_INVALID
 */
export function genesisState(chains: readonly ChainGateway[]): LedgerState {
  const sorted = [...chains].sort((a, b) => (a.chainId < b.chainId ? -1 : 1));
  const isRepeated = sorted.some(({ chainId }, i) => chainId === sorted[i + 1]?.chainId);
  if (sorted.length === 0 || sorted.length > MAX_CHAINS || isRepeated) {
    throw new LedgerError('LEDGER_CHAINS_INVALID', `1 … ${MAX_CHAINS} chains, each once`, {
      chains: sorted.map(({ chainId }) => chainId).join(' '),
    });
  }
  const empty: ChainPosition = { count: 0n, head: EMPTY_HEAD };
  return {
    number: 0n,
    chains: sorted.map(({ chainId, gateway }) => ({
      chainId,
      gateway,
      inbox: empty,
      released: empty,
    })),
    supply: [],
  };
}
