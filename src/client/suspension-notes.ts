/** A chain, as far as a suspension goes. */
interface NamedChain {
  readonly chainId: bigint;
  readonly name: string;
}

/** What is to go where. */
export interface Passage {
  /** Where the deposit or the order goes in. */
  readonly source: NamedChain;
  /** Undefined if nothing leaves the ledger. */
  readonly destination?: NamedChain;
  readonly way?: 'transparent' | 'direct' | 'pooled';
  /** What goes in at the source: an order expires. */
  readonly sends: 'deposit' | 'order';
}

/** What a suspended chain does to a payment, each in a sentence. Empty if none of its chains is suspended. */
export function suspensionNotes(passage: Passage, suspended: ReadonlySet<bigint>): string[] {
  const { source, destination, way = 'pooled' } = passage;
  const isShut = (chain?: NamedChain) => chain !== undefined && suspended.has(chain.chainId);
  return [
    ...(isShut(source) ? [`${source.name} is suspended: ${AT_SOURCE[passage.sends]}`] : []),
    ...(isShut(destination) ? [`${destination?.name} is suspended: ${AT_DESTINATION[way]}`] : []),
  ];
}

const AT_SOURCE: Readonly<Record<Passage['sends'], string>> = {
  deposit: 'what you pay in there is kept, and counts only when the chain goes on',
  order:
    'an order there counts only when the chain goes on, and not at all if it has expired by then',
};

const AT_DESTINATION: Readonly<Record<NonNullable<Passage['way']>, string>> = {
  pooled: 'the payout waits in its pool until the chain goes on, or its patience ends',
  direct:
    'the payout does not leave, unless the chain goes on in time; it is credited to your account',
  transparent:
    'the payout does not leave, unless the chain goes on in time; it is refunded, less the fee',
};
