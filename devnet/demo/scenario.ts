import type { DevAccount } from '../accounts.ts';
import type { World } from '../world.ts';

/** Somebody who pays in. */
export interface Payer {
  readonly name: string;
  /** Where they pay. */
  readonly chain: string;
  readonly account: DevAccount;
}

/** What the demo carries, as data: names of chains, symbols of assets, names of people. */
export interface TransferPlan {
  readonly label: string;
  /** The payer's name, which says the source chain too. */
  readonly payer: string;
  readonly symbol: string;
  /**
   * How the payer has it carried: with the recipients in the open, or sealed, to leave at once, by a pool, or by an order that is
   * posted once the account is credited; or in an envelope that does not open, and is refunded.
   */
  readonly way: 'transparent' | 'direct' | 'pooled' | 'posted' | 'unopenable';
  readonly payouts: readonly PayoutPlan[];
  /** Who is paid back, if not the payer. */
  readonly refundTo?: string;
  /** Who is paid in the end, if the recipient refuses. */
  readonly claimedBy?: string;
  /** Its payout is spent by a transfer of the second wave. */
  readonly fundsReturn?: true;
  /** Rounds within which a pooled payout leaves, or goes back into the account. */
  readonly patienceRounds?: number;
}

/** A payment on the way out. */
export interface PayoutPlan {
  /** Name of the chain that pays. */
  readonly to: string;
  readonly recipient: string;
  /** In the asset's smallest unit; what the payout costs is deducted from it. */
  readonly amount: bigint;
}

/** Transfers that start together, and those that spend what the first have brought. */
export interface Scenario {
  readonly payers: readonly Payer[];
  readonly first: readonly TransferPlan[];
  readonly second: readonly TransferPlan[];
}

const ONE = 10n ** 18n;
/** The contract on Ethereum that refuses the native coin. */
export const RECEIVER = 'receiver';

const PAYERS: readonly Payer[] = [
  { name: 'alice', chain: 'ethereum', account: 2 },
  { name: 'carol', chain: 'ethereum', account: 3 },
  { name: 'erin', chain: 'ethereum', account: 4 },
  { name: 'charlie', chain: 'polkadot', account: '//Charlie' },
  { name: 'dave', chain: 'polkadot', account: '//Dave' },
  { name: 'olga', chain: 'polkadot', account: '//Eve' },
  { name: 'oscar', chain: 'polkadot-2', account: '//Eve' },
];

/** Long enough for the pool to let one go, however busy the machine is; whoever is left alone in it waits longer than the demo. */
const POOL_PATIENCE_ROUNDS = 100;
const SHORT_PATIENCE_ROUNDS = 2;

const FIRST: readonly TransferPlan[] = [
  {
    label: '1 ETH to Polkadot, direct, in two payouts',
    payer: 'alice',
    symbol: 'ETH',
    way: 'direct',
    payouts: [
      { to: 'polkadot', recipient: 'faythe', amount: (7n * ONE) / 10n },
      { to: 'polkadot', recipient: 'grace', amount: (3n * ONE) / 10n },
    ],
  },
  {
    label: '5 DOT to Ethereum, by a pool',
    payer: 'dave',
    symbol: 'DOT',
    way: 'pooled',
    payouts: [{ to: 'ethereum', recipient: 'heidi', amount: 5n * ONE }],
    patienceRounds: POOL_PATIENCE_ROUNDS,
  },
  {
    label: '5 DOT to Ethereum, by the same pool',
    payer: 'charlie',
    symbol: 'DOT',
    way: 'pooled',
    payouts: [{ to: 'ethereum', recipient: 'nina', amount: 5n * ONE }],
    patienceRounds: POOL_PATIENCE_ROUNDS,
  },
  {
    label: '2 DOT to Ethereum, alone in its pool: back into the account',
    payer: 'dave',
    symbol: 'DOT',
    way: 'pooled',
    payouts: [{ to: 'ethereum', recipient: 'nobody', amount: 2n * ONE }],
    patienceRounds: SHORT_PATIENCE_ROUNDS,
  },
  {
    label: '1 DOT to Ethereum, out of an account by an order that the relayer posts',
    payer: 'olga',
    symbol: 'DOT',
    way: 'posted',
    payouts: [{ to: 'ethereum', recipient: 'mia', amount: ONE }],
  },
  {
    label: '250 DEMO to Polkadot, direct (lock, mint)',
    payer: 'carol',
    symbol: 'DEMO',
    way: 'direct',
    payouts: [{ to: 'polkadot', recipient: 'charlie', amount: 250n * ONE }],
    fundsReturn: true,
  },
  {
    label: '1 DOT to Ethereum, transparent',
    payer: 'charlie',
    symbol: 'DOT',
    way: 'transparent',
    payouts: [{ to: 'ethereum', recipient: 'judy', amount: ONE }],
  },
  {
    label: '0.5 ETH in an envelope that does not open, refunded to another address',
    payer: 'erin',
    symbol: 'ETH',
    way: 'unopenable',
    refundTo: 'frank',
    payouts: [{ to: 'ethereum', recipient: 'frank', amount: ONE / 2n }],
  },
  {
    label: '0.2 ETH on Ethereum itself, direct, to a contract that refuses it',
    payer: 'erin',
    symbol: 'ETH',
    way: 'direct',
    payouts: [{ to: 'ethereum', recipient: RECEIVER, amount: ONE / 5n }],
    claimedBy: 'ivan',
  },
  {
    label: '3 DOT to the second parachain, direct (lock, mint)',
    payer: 'dave',
    symbol: 'DOT',
    way: 'direct',
    payouts: [{ to: 'polkadot-2', recipient: 'kate', amount: 3n * ONE }],
  },
  {
    label: '2 DOT-2 to Ethereum, direct',
    payer: 'oscar',
    symbol: 'DOT-2',
    way: 'direct',
    payouts: [{ to: 'ethereum', recipient: 'leo', amount: 2n * ONE }],
  },
];

const SECOND: readonly TransferPlan[] = [
  {
    label: '100 DEMO back to Ethereum, direct (burn, unlock)',
    payer: 'charlie',
    symbol: 'DEMO',
    way: 'direct',
    payouts: [{ to: 'ethereum', recipient: 'heidi', amount: 100n * ONE }],
  },
];

/** What can be carried between the chains that the world has. */
export function chooseScenario({ chains }: Pick<World, 'chains'>): Scenario {
  const names = new Set(chains.map(({ name }) => name));
  const payers = PAYERS.filter(({ chain }) => names.has(chain));
  const isPossible = ({ payer, payouts }: TransferPlan) =>
    payouts.every(({ to }) => names.has(to)) && payers.some(({ name }) => name === payer);
  return { payers, first: FIRST.filter(isPossible), second: SECOND.filter(isPossible) };
}
