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
  /** Name of the destination chain. */
  readonly to: string;
  readonly symbol: string;
  /** In the asset's smallest unit, fee included. */
  readonly amount: bigint;
  /** How the recipients are named; an envelope that does not open names none, and is refunded. */
  readonly content: 'sealed' | 'transparent' | 'unopenable';
  /** The last one takes what the fee and the others leave. */
  readonly payouts: readonly { readonly recipient: string; readonly amount?: bigint }[];
  /** Who is paid back, if not the payer. */
  readonly refundTo?: string;
  /** Who is paid in the end, if the recipient refuses. */
  readonly claimedBy?: string;
  /** Its payout is spent by a transfer of the second wave. */
  readonly fundsReturn?: true;
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
  { name: 'oscar', chain: 'polkadot-2', account: '//Eve' },
];

const FIRST: readonly TransferPlan[] = [
  {
    label: '1 ETH to Polkadot, sealed, in two payouts',
    payer: 'alice',
    to: 'polkadot',
    symbol: 'ETH',
    amount: ONE,
    content: 'sealed',
    payouts: [{ recipient: 'charlie', amount: (7n * ONE) / 10n }, { recipient: 'grace' }],
    fundsReturn: true,
  },
  {
    label: '5 DOT to Ethereum, sealed',
    payer: 'dave',
    to: 'ethereum',
    symbol: 'DOT',
    amount: 5n * ONE,
    content: 'sealed',
    payouts: [{ recipient: 'heidi' }],
  },
  {
    label: '250 DEMO to Polkadot, sealed (lock, mint)',
    payer: 'carol',
    to: 'polkadot',
    symbol: 'DEMO',
    amount: 250n * ONE,
    content: 'sealed',
    payouts: [{ recipient: 'charlie' }],
    fundsReturn: true,
  },
  {
    label: '1 DOT to Ethereum, transparent',
    payer: 'charlie',
    to: 'ethereum',
    symbol: 'DOT',
    amount: ONE,
    content: 'transparent',
    payouts: [{ recipient: 'judy' }],
  },
  {
    label: '0.5 ETH in an envelope that does not open, refunded to another address',
    payer: 'erin',
    to: 'polkadot',
    symbol: 'ETH',
    amount: ONE / 2n,
    content: 'unopenable',
    refundTo: 'frank',
    payouts: [{ recipient: 'frank' }],
  },
  {
    label: '3 DOT to the second parachain, sealed (lock, mint)',
    payer: 'dave',
    to: 'polkadot-2',
    symbol: 'DOT',
    amount: 3n * ONE,
    content: 'sealed',
    payouts: [{ recipient: 'kate' }],
  },
  {
    label: '2 DOT-2 to Ethereum, sealed',
    payer: 'oscar',
    to: 'ethereum',
    symbol: 'DOT-2',
    amount: 2n * ONE,
    content: 'sealed',
    payouts: [{ recipient: 'leo' }],
  },
];

const SECOND: readonly TransferPlan[] = [
  {
    label: '100 DEMO back to Ethereum, sealed (burn, unlock)',
    payer: 'charlie',
    to: 'ethereum',
    symbol: 'DEMO',
    amount: 100n * ONE,
    content: 'sealed',
    payouts: [{ recipient: 'heidi' }],
  },
  {
    label: '0.2 ETH back, to a contract that refuses it',
    payer: 'charlie',
    to: 'ethereum',
    symbol: 'ETH',
    amount: ONE / 5n,
    content: 'sealed',
    payouts: [{ recipient: RECEIVER }],
    claimedBy: 'ivan',
  },
];

/** What can be carried between the chains that the world has. */
export function chooseScenario({ chains }: Pick<World, 'chains'>): Scenario {
  const names = new Set(chains.map(({ name }) => name));
  const payers = PAYERS.filter(({ chain }) => names.has(chain));
  const isPossible = ({ payer, to }: TransferPlan) =>
    names.has(to) && payers.some(({ name }) => name === payer);
  return { payers, first: FIRST.filter(isPossible), second: SECOND.filter(isPossible) };
}
