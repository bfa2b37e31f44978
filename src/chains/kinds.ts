import { CHAIN_KINDS, type ChainKind } from '../protocol/chain-kind.ts';
import { ChainError } from './shared/bridged-chain.ts';
import type { ChainAdapter } from './shared/chain-adapter.ts';

/** Every kind's adapter, loaded when a chain of the kind is opened: each brings libraries that are large. */
const ADAPTERS: { readonly [K in ChainKind]: () => Promise<ChainAdapter> } = {
  ethereum: async () => (await import('./ethereum/adapter.ts')).ethereumAdapter,
  substrate: async () => (await import('./substrate/adapter.ts')).substrateAdapter,
};

/** How nodes of a kind of chain are spoken to. @throws {ChainError} CHAIN_KIND_UNKNOWN */
export async function loadAdapter(kind: string): Promise<ChainAdapter> {
  const known = CHAIN_KINDS.find((each) => each === kind);
  if (known !== undefined) return await ADAPTERS[known]();
  const what = `there is no kind of chain "${kind}"; give one of ${CHAIN_KINDS.join(', ')}`;
  throw new ChainError('CHAIN_KIND_UNKNOWN', { chain: kind, what });
}
