/**
 * The kinds of chain that the bridge can join. A kind stands for how a chain's finality and state are verified
 * (`src/light-client/kinds.ts`) and how its nodes are spoken to (`src/chains/kinds.ts`): both are registries by kind, and
 * one that lacks a kind does not compile. Nothing else asks which kind a chain is of.
 */
export const CHAIN_KINDS = ['ethereum', 'substrate'] as const;

/** See {@link CHAIN_KINDS}. */
export type ChainKind = (typeof CHAIN_KINDS)[number];

/**
 * How a chain's state is reached from a header that its light client holds: `direct`ly, for the header is its own, or by
 * the head of parachain `paraId` in the state of a relay chain.
 */
export type Route = 'direct' | { readonly paraId: number };
