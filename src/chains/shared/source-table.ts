import { ChainError } from './bridged-chain.ts';
import type { FinalitySource } from './finality-source.ts';

/** What an adapter has behind the sources of finality that it opened; nobody else sees it. */
export interface SourceTable<T> {
  /** @returns the source */
  add(source: FinalitySource, behind: T): FinalitySource;
  /**
   * @param chain what the configuration calls the chain that leans on the source
   * @throws {ChainError} CHAIN_MISMATCH: an adapter of another kind has opened it
   */
  get(source: FinalitySource, chain: string): T;
}

/** Creates an empty table. */
export function createSourceTable<T>(): SourceTable<T> {
  const table = new WeakMap<FinalitySource, T>();
  return {
    add: (source, behind) => {
      table.set(source, behind);
      return source;
    },
    get: (source, chain) => {
      const behind = table.get(source);
      if (behind !== undefined) return behind;
      const what = `a light client of kind ${source.kind} cannot make this chain final`;
      throw new ChainError('CHAIN_MISMATCH', { chain, what });
    },
  };
}
