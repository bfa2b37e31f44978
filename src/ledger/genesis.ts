import { MAX_CHAINS } from '../protocol/limits.ts';
import { type ChainPosition, EMPTY_HEAD } from '../protocol/message.ts';
import type { Hex } from '../shared/bytes.ts';
import { emptyMap } from './auth-map.ts';
import { ACCOUNT_VALUES, BATCH_VALUES, LEG_VALUES, OPENED_VALUES } from './entry-codecs.ts';
import { LedgerError } from './ledger-error.ts';
import type { LedgerRules } from './rules.ts';
import type { Account, LedgerState } from './state.ts';

const NO_WORD: Hex = `0x${'00'.repeat(32)}`;

/**
 * The state before any message: number and round 0, all hash chains empty, the house account open.
 *
 * @throws {LedgerError} LEDGER_CHAINS_INVALID
 */
export function genesisState({ chains, houseAccount, firstEpoch }: LedgerRules): LedgerState {
  const isAscending = chains.every(
    ({ chainId }, i) => i === 0 || (chains[i - 1]?.chainId ?? chainId) < chainId,
  );
  if (chains.length === 0 || chains.length > MAX_CHAINS || !isAscending) {
    throw new LedgerError('LEDGER_CHAINS_INVALID', `1 … ${MAX_CHAINS} chains by ascending id`, {
      chains: chains.map(({ chainId }) => chainId).join(' '),
    });
  }
  const empty: ChainPosition = { count: 0n, head: EMPTY_HEAD };
  const house: Account = { root: NO_WORD, nonceBase: 0n, nonceBits: 0n, balances: [] };
  return {
    number: 0n,
    round: 0n,
    asOf: 0n,
    chains: chains.map(({ chainId, gateway }) => ({
      chainId,
      gateway,
      inbox: empty,
      released: empty,
      paid: 0n,
      isSuspended: false,
    })),
    control: empty,
    pending: [],
    assets: [],
    epochs: [{ epoch: firstEpoch, firstRound: 1n, opened: emptyMap(OPENED_VALUES) }],
    successor: NO_WORD,
    beneficiary: NO_WORD,
    accounts: emptyMap(ACCOUNT_VALUES).set(houseAccount, house),
    legs: emptyMap(LEG_VALUES),
    batches: emptyMap(BATCH_VALUES),
  };
}
