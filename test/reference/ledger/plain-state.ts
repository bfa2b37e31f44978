import type {
  AssetTerms,
  LedgerState,
  LegEntry,
  PendingControl,
} from '../../../src/ledger/state.ts';
import type { AssetId } from '../../../src/protocol/asset.ts';
import type { ChainPosition } from '../../../src/protocol/message.ts';
import type { ReleaseBatch } from '../../../src/protocol/release.ts';
import type { Hex } from '../../../src/shared/bytes.ts';

// The ledger's state as the slow twin keeps it: maps and numbers that are changed in place, and no hash of anything.

export interface PlainChain {
  readonly chainId: bigint;
  readonly gateway: Hex;
  inbox: ChainPosition;
  released: ChainPosition;
  paid: bigint;
  isSuspended: boolean;
}

export interface PlainAsset {
  terms: AssetTerms | undefined;
  readonly rates: Map<bigint, bigint>;
  reward: bigint;
  locked: bigint;
  readonly minted: Map<bigint, bigint>;
}

export interface PlainAccount {
  readonly root: Hex;
  nonceBase: bigint;
  nonceBits: bigint;
  readonly balances: Map<AssetId, bigint>;
}

export interface PlainEpoch {
  readonly epoch: bigint;
  readonly firstRound: bigint;
  /** The round in which it opened, by the `enc`'s hash. */
  readonly opened: Map<Hex, bigint>;
}

export interface PlainState {
  number: bigint;
  round: bigint;
  asOf: bigint;
  readonly chains: readonly PlainChain[];
  control: ChainPosition;
  pending: PendingControl[];
  readonly assets: Map<AssetId, PlainAsset>;
  epochs: PlainEpoch[];
  successor: Hex;
  beneficiary: Hex;
  readonly accounts: Map<Hex, PlainAccount>;
  readonly legs: Map<Hex, LegEntry>;
  readonly batches: Map<Hex, ReleaseBatch>;
}

/** The same state without hashes. Assets that nothing is known of and nothing is left of are not there. */
export function plainOf(state: LedgerState): PlainState {
  return structuredClone({
    number: state.number,
    round: state.round,
    asOf: state.asOf,
    chains: state.chains.map((chain) => ({ ...chain })),
    control: state.control,
    pending: [...state.pending],
    assets: new Map(
      state.assets
        .map(({ asset, terms, reward, locked, rates, minted }) => {
          const plain = { terms, reward, locked, rates: amounts(rates), minted: amounts(minted) };
          return [asset, plain] as const;
        })
        .filter(([, asset]) => !isForgotten(asset)),
    ),
    epochs: state.epochs.map(({ epoch, firstRound, opened }) => ({
      epoch,
      firstRound,
      opened: new Map([...opened.entries()].map(([key, { round }]) => [key, round])),
    })),
    successor: state.successor,
    beneficiary: state.beneficiary,
    accounts: new Map(
      [...state.accounts.entries()].map(([key, account]) => {
        const balances = new Map(account.balances.map(({ asset, amount }) => [asset, amount]));
        return [key, { ...account, balances }];
      }),
    ),
    legs: new Map(state.legs.entries()),
    batches: new Map(state.batches.entries()),
  });
}

export function isForgotten({ terms, rates, reward, locked, minted }: PlainAsset): boolean {
  return (
    terms === undefined && rates.size === 0 && reward === 0n && locked === 0n && minted.size === 0
  );
}

function amounts(list: readonly { chainId: bigint; amount: bigint }[]): Map<bigint, bigint> {
  return new Map(list.map(({ chainId, amount }) => [chainId, amount]));
}
