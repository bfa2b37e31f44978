// What a node means when it does not take a transaction. Nodes say it in words of their own; each kind of chain has a table of them.

/** Why a node does not take a transaction. */
export type TransactionRefusal =
  /** It has it already, which is as good as taking it. */
  | 'known'
  /** A block has a transaction with its nonce: this one, or another. */
  | 'nonce-used'
  /** A nonce before its own is missing. */
  | 'nonce-ahead'
  /** Another one with its nonce waits there and offers as much. */
  | 'outbid'
  /** It offers less than the node asks for now. */
  | 'underpriced'
  /** It offers more than the node lets anybody offer. */
  | 'overpriced'
  /** The node has no room for it. */
  | 'pool-full'
  /** The node has as many of this account as it takes. */
  | 'account-limited'
  /** The account cannot pay for it. */
  | 'unfunded'
  /** Its time is over, or the runtime it was signed for is: signed anew it is a good one. */
  | 'expired'
  /** The node has put these very bytes aside. */
  | 'banned'
  /** The node does not take any now: it is behind its chain. */
  | 'not-ready'
  /** No node ever takes it: larger than a block, or no transaction at all. */
  | 'impossible'
  /** Words that no table has. */
  | 'unknown';

/**
 * What follows. `taken`: nothing; `wait`: the same again later; `renew`: the same call, signed with what holds now;
 * `drop`: the nonce is free again.
 */
export type AfterRefusal = 'taken' | 'wait' | 'renew' | 'drop';

/** What follows each refusal. */
export const AFTER_REFUSAL: Readonly<Record<TransactionRefusal, AfterRefusal>> = {
  known: 'taken',
  'nonce-used': 'wait',
  'nonce-ahead': 'wait',
  outbid: 'wait',
  underpriced: 'renew',
  overpriced: 'renew',
  'pool-full': 'wait',
  'account-limited': 'wait',
  unfunded: 'wait',
  expired: 'renew',
  banned: 'renew',
  'not-ready': 'wait',
  impossible: 'drop',
  unknown: 'renew',
};

/** A row of a kind's table: words that a node may use, and what they mean. */
export type RefusalRow = readonly [words: RegExp, refusal: TransactionRefusal];

/** The meaning of the first row that fits. */
export function readRefusal(table: readonly RefusalRow[], said: string): TransactionRefusal {
  return table.find(([words]) => words.test(said))?.[1] ?? 'unknown';
}
