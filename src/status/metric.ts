import type { EndpointHealth } from '../chains/shared/endpoints.ts';
import type { LaneVitals } from '../relayer/vitals.ts';
import type { AccountFacts, ChainFacts, Facts } from './metric-facts.ts';

/** A number with what it is of. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric: what it is called, what it says, what its numbers are of, and where they come from. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Nothing of what is not known now. */
  read(facts: Facts): readonly Sample[];
}

/** A number that is of nothing but the relayer; no sample of what is not known. */
export const one = (value: number | bigint | undefined): Sample[] =>
  value === undefined ? [] : [{ labels: {}, value: Number(value) }];

/** A number of each chain of which it is known. */
export const ofChains =
  (numberOf: (chain: ChainFacts) => number | bigint | undefined) =>
  ({ chains }: Facts): Sample[] =>
    chains.flatMap((chain) => {
      const value = numberOf(chain);
      return value === undefined ? [] : [{ labels: { chain: chain.name }, value: Number(value) }];
    });

/** A number of each lane of which it is known. */
export const ofLanes =
  (numberOf: (lane: LaneVitals, facts: Facts) => number | undefined) =>
  (facts: Facts): Sample[] =>
    facts.lanes.flatMap((lane) => {
      const value = numberOf(lane, facts);
      return value === undefined ? [] : [{ labels: { lane: lane.name }, value }];
    });

/** A number of each node of each chain. */
export const ofNodes =
  (numberOf: (node: EndpointHealth) => number) =>
  ({ rpc }: Facts): Sample[] =>
    rpc.flatMap((chain) =>
      chain.endpoints().map((node) => ({
        labels: { chain: chain.name, node: node.host },
        value: numberOf(node),
      })),
    );

const WEI_PER_COIN = 1e18;

/** An amount of each account of which it is known, in coins of its chain. */
export const ofAccounts =
  (weiOf: (account: AccountFacts) => bigint | undefined) =>
  ({ accounts }: Facts): Sample[] =>
    accounts.flatMap((each) => {
      const { chain, account } = each;
      const wei = weiOf(each);
      const labels = { chain, account };
      return wei === undefined ? [] : [{ labels, value: Number(wei) / WEI_PER_COIN }];
    });
