import type { Draft, DraftAsset, DraftChain } from './draft.ts';
import type { ChainAmount, LedgerAsset, LedgerState } from './state.ts';
import { requireBalanced } from './supply.ts';
import { keepWaitingLegs } from './waiting-legs.ts';

/**
 * The state that a draft has come to, one transition further.
 *
 * @throws {LedgerError} LEDGER_SUPPLY_BROKEN: the books do not agree
 */
export function closeDraft(
  draft: Draft,
  { number, beneficiary }: Pick<LedgerState, 'number' | 'beneficiary'>,
): LedgerState {
  const { round, asOf, control, pending, epochs, successor, batches } = draft;
  for (const asset of draft.assets.values()) requireBalanced(asset);
  const assets = [...draft.assets.values()]
    .map(closeAsset)
    .filter((asset) => !isForgotten(asset))
    .sort((a, b) => (a.asset < b.asset ? -1 : 1));
  const chains = [...draft.chains.values()].map(closeChain);
  const legs = draft.legs.done();
  keepWaitingLegs(legs, draft.waiting);
  return {
    number,
    round,
    asOf,
    chains,
    control,
    pending,
    assets,
    epochs: epochs.map((epoch) => ({ ...epoch, opened: epoch.opened.done() })),
    successor,
    beneficiary,
    accounts: draft.accounts.done(),
    legs,
    batches,
  };
}

function closeChain({ lagSec: _, ...chain }: DraftChain): LedgerState['chains'][number] {
  return chain;
}

function closeAsset({ asset, terms, rates, reward, locked, minted }: DraftAsset): LedgerAsset {
  return { asset, terms, rates: ascending(rates), reward, locked, minted: ascending(minted, 1n) };
}

/** Whether nothing is known of an asset and nothing is left of it. */
function isForgotten({ terms, rates, reward, locked, minted }: LedgerAsset): boolean {
  const isKnown = terms !== undefined || rates.length > 0 || reward > 0n;
  return !isKnown && locked === 0n && minted.length === 0;
}

function ascending(amounts: ReadonlyMap<bigint, bigint>, least = 0n): ChainAmount[] {
  return [...amounts]
    .filter(([, amount]) => amount >= least)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([chainId, amount]) => ({ chainId, amount }));
}
