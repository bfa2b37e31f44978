import type { RefusalRow } from '../shared/transaction-refusal.ts';

/**
 * How execution nodes refuse a transaction. There are no codes to go by: geth and most others answer -32000 to all of it.
 *
 * SOURCES: go-ethereum core/txpool/errors.go and core/error.go; erigon txpool/txpoolcfg; reth transaction-pool
 * and rpc-eth-types; nethermind AcceptTxResult.cs, older and newer words; besu RpcErrorType.java; foundry anvil/src/eth/error.rs.
 *
 * In this order: what says more of a transaction stands before what says less.
 */
export const ETHEREUM_REFUSALS: readonly RefusalRow[] = [
  // geth, reth, erigon, newer nethermind; besu and old geth; anvil; erigon's other words; older nethermind
  [
    /already known|known transaction|already imported|existing tx with same hash|^AlreadyKnown\b|already exists/i,
    'known',
  ],
  // geth and erigon ("could not replace existing tx"); nethermind; geth's for a nonce that is not the next
  [
    /replacement transaction underpriced|could not replace existing tx|replacement (?:fee|not allowed)|^ReplacementNotAllowed\b|future transaction tries to replace pending|^OwnNonceAlreadyUsed\b/i,
    'outbid',
  ],
  [/nonce too low|nonce (?:is )?too low|^OldNonce\b|nonce has already been used/i, 'nonce-used'],
  // besu: "Nonce too distant from current sender nonce"; geth: EIP-7702 accounts may have no gap
  [
    /nonce too high|nonce too distant|nonce too far|nonce gap|^NonceGap\b|^NonceTooFarInFuture\b|gapped[- ]nonce/i,
    'nonce-ahead',
  ],
  [
    /exceeds the configured cap|fee cap exceeded|priority fee per gas higher than max fee|(?:fee|gas ?price) .*too high/i,
    'overpriced',
  ],
  // Before "underpriced", which some nodes say in the same breath.
  [
    /txpool is full|pool is full|pool overflow|queue full|pool limit|dropped due to limit|FeeTooLowToCompete/i,
    'pool-full',
  ],
  [
    /account limit exceeded|in-?flight transaction limit|too many (?:pending )?transactions|limit reached for delegated|^PendingTxsOfConflictingType\b|pending transaction type|^DelegatorHasPendingTx\b|^NotCurrentNonceForDelegation\b/i,
    'account-limited',
  ],
  [
    /underpriced|max ?fee ?per ?gas (?:less than|too low)|below (?:configured )?minimum gas price|gas price (?:is )?(?:too low|below)|fee too low|^FeeTooLow\b|fee cap less than block base fee|tip .*below minimum|priority fee .*below/i,
    'underpriced',
  ],
  [
    /insufficient (?:funds|balance)|^InsufficientFunds\b|upfront cost exceeds|not enough funds|transaction would cause overdraft|out of funds|lack of funds/i,
    'unfunded',
  ],
  [
    /gas limit reached|exceeds block gas limit|^GasLimitExceeded\b|gas limit too high|exceeds (?:the )?(?:maximum|max) .*gas|intrinsic gas|oversized data|^MaxTxSizeExceeded\b|tx(?:n)? ?size|too large|invalid sender|invalid signature|invalid chain ?id|^FailedToResolveSender\b|^Int256Overflow\b|gas uint64 overflow|not supported|^NotSupportedTxType\b|^SenderIsContract\b|sender not an eoa|rlp|^Invalid\b/i,
    'impossible',
  ],
  [/syncing|not yet in sync|pool not enabled|^Syncing\b|pool is disabled/i, 'not-ready'],
  // Providers, and nodes that do not offer it at all: "the method eth_sendRawTransaction does not exist/is not available"
  [
    /\brate\b|too many requests|capacity|quota|\bmethod\b.*\bnot\b|not (?:available|whitelisted|allowed)|internal error|unable to complete|try again/i,
    'not-ready',
  ],
];
