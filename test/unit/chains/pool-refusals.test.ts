import { describe, expect, it } from 'vitest';
import { ETHEREUM_REFUSALS } from '../../../src/chains/ethereum/pool-refusals.ts';
import {
  readRefusal,
  type TransactionRefusal,
} from '../../../src/chains/shared/transaction-refusal.ts';
import { SUBSTRATE_REFUSALS } from '../../../src/chains/substrate/pool-refusals.ts';

/** Words of nodes, as their sources have them. */
const ETHEREUM: Readonly<Record<TransactionRefusal, readonly string[]>> = {
  known: [
    'already known',
    'Known transaction',
    'known transaction: 3b5e7c',
    'AlreadyKnown',
    'transaction already imported',
    'INTERNAL_ERROR: existing tx with same hash',
  ],
  'nonce-used': [
    'nonce too low',
    'nonce too low: next nonce 8, tx nonce 7',
    'Nonce too low',
    'OldNonce, Current nonce: 8, nonce of rejected tx: 7',
    'Transaction nonce is too low. Try incrementing the nonce.',
  ],
  'nonce-ahead': [
    'nonce too high',
    'nonce too high: tx nonce 9, gapped nonce 7',
    'NonceGap, Future nonce. Expected nonce: 7',
    'NonceTooFarInFuture',
    'Transaction nonce is too distant from current sender nonce'.replace('is ', ''),
    'gapped-nonce tx from delegated accounts',
  ],
  outbid: [
    'replacement transaction underpriced',
    'replacement transaction underpriced: new tx gas fee cap 9 <= 10 queued',
    'Replacement transaction underpriced',
    'ReplacementNotAllowed',
    'INTERNAL_ERROR: could not replace existing tx',
    'future transaction tries to replace pending',
  ],
  underpriced: [
    'transaction underpriced',
    'transaction underpriced: gas tip cap 0, minimum needed 1',
    'max fee per gas less than block base fee: address 0x5a, maxFeePerGas: 1, baseFee: 7',
    'Gas price below configured minimum gas price',
    'FeeTooLow, MaxFeePerGas too low. MaxFeePerGas: 1, BaseFee: 7',
    'underpriced',
  ],
  overpriced: [
    'tx fee (1.20 ether) exceeds the configured cap (1.00 ether)',
    'Transaction fee cap exceeded',
    'max priority fee per gas higher than max fee per gas',
  ],
  'pool-full': ['txpool is full', 'FeeTooLowToCompete', 'transaction pool is full'],
  'account-limited': [
    'account limit exceeded',
    'account limit exceeded: pooled 16 txs',
    'in-flight transaction limit reached for delegated accounts',
    'PendingTxsOfConflictingType',
    'DelegatorHasPendingTx',
  ],
  unfunded: [
    'insufficient funds for gas * price + value: balance 1, tx cost 2, overshot 1',
    'Insufficient funds for gas * price + value',
    'Upfront cost exceeds account balance',
    'InsufficientFunds, Account balance: 1, cumulative cost: 2',
    'insufficient funds for transfer',
  ],
  expired: [],
  banned: [],
  'not-ready': [
    'Syncing',
    'the method eth_sendRawTransaction does not exist/is not available',
    'Method not found',
    'rate limit exceeded',
    'Internal error',
    'Transaction pool not enabled. (Either txpool explicitly disabled, or node not yet in sync).',
  ],
  impossible: [
    'exceeds block gas limit',
    'intrinsic gas too low: gas 20000, minimum needed 21000',
    'oversized data: transaction size 140000, limit 131072',
    'GasLimitExceeded, Gas limit: 30000000, gas limit of rejected tx: 40000000',
    'transaction gas limit too high (cap: 16777216, tx: 20000000)',
    'invalid sender',
    'Invalid signature',
    'SenderIsContract',
    'Intrinsic gas exceeds gas limit',
    'Transaction gas limit exceeds block gas limit',
  ],
  unknown: ['the moon is full', ''],
};

const SUBSTRATE: Readonly<Record<TransactionRefusal, readonly string[]>> = {
  known: ['1013: Transaction Already Imported: Any { .. }'],
  'nonce-used': ['1010: Invalid Transaction: Transaction is outdated'],
  'nonce-ahead': [
    '1010: Invalid Transaction: Transaction will be valid in the future',
    '1021: The pool is not accepting future transactions',
  ],
  outbid: [
    '1014: Priority is too low: (34 vs 34): The transaction has too low priority to replace another transaction already in the pool.',
  ],
  underpriced: [],
  overpriced: [],
  'pool-full': [
    "1016: Immediately Dropped: The transaction couldn't enter the pool because of the limit",
  ],
  'account-limited': [],
  unfunded: [
    '1010: Invalid Transaction: Inability to pay some fees (e.g. account balance too low)',
  ],
  expired: [
    '1010: Invalid Transaction: Transaction has an ancient birth block',
    '1010: Invalid Transaction: Transaction has a bad signature',
    '1011: Unknown Transaction Validity: Could not lookup information required to validate the transaction',
    '1002: Verification Error: Runtime error: Execution failed',
  ],
  banned: ['1012: Transaction is temporarily banned'],
  'not-ready': ['1018: Transaction is unactionable', '1020: The provided block ID is not valid'],
  impossible: [
    '1010: Invalid Transaction: Transaction would exhaust the block limits',
    '1010: Invalid Transaction: Transaction call is not expected',
    '1015: Cycle Detected',
    '1019: No tags',
  ],
  unknown: ['1010: Invalid Transaction: Custom error: 7', '-32603: Internal error'],
};

describe.each([
  ['an Ethereum node', ETHEREUM_REFUSALS, ETHEREUM],
  ['a Substrate node', SUBSTRATE_REFUSALS, SUBSTRATE],
] as const)('a transaction that %s refuses', (_, table, words) => {
  const rows = Object.entries(words).flatMap(([refusal, said]) =>
    said.map((text) => [text, refusal]),
  );
  it.each(rows)('with "%s" is %s', (text, refusal) => {
    expect(readRefusal(table, text ?? '')).toBe(refusal);
  });
});
