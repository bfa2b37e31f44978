import { writeFileSync } from 'node:fs';
import { chooseChains } from '../client/choose-chains.ts';
import {
  type Deposit,
  type DepositRequest,
  makeDeposit,
  quoteFee,
  type SourceSide,
} from '../client/deposit.ts';
import { formatOrderRecord, type OrderRecord } from '../client/order-record.ts';
import type { OrderTimes } from '../client/order-times.ts';
import { depositFor, type PaymentPlan, planPayment } from '../client/payment-plan.ts';
import { formatUnits } from '../client/units.ts';
import type { ClientChain, ClientToken } from '../config/client.ts';
import { accountId } from '../protocol/account.ts';
import type { CrowdFactor, DepositOrder } from '../protocol/order.ts';
import { type Hex, toHex } from '../shared/bytes.ts';
import { CommandLineError } from './command-line-error.ts';
import { confirm } from './confirm.ts';
import { amountOf, tokenOn, type UserOptions } from './parse-options.ts';
import { type PlannedPayment, previewPayment } from './preview-payment.ts';
import type { UserSession } from './user-session.ts';

/** What `veilspan bridge` is given. */
export interface BridgeOptions extends UserOptions {
  readonly from: string;
  readonly destination?: string;
  readonly asset: string;
  readonly amount: string;
  readonly to: Hex;
  readonly transparent?: boolean;
  readonly direct?: boolean;
  readonly crowd: CrowdFactor;
  readonly afterPatience: 'return' | 'wait';
  readonly refundTo?: Hex;
  readonly save?: string;
}

/** Shows what a payment costs and says, asks, and makes the deposit for it. */
export async function runBridge(session: UserSession, options: BridgeOptions): Promise<void> {
  const bridging = await planBridging(session, options);
  const { planned, payer, plan, pays } = bridging;
  const { source, destination, token } = planned;
  await previewPayment(session, planned);
  printCosts(bridging);
  await confirm(options);
  const order =
    planned.way === 'transparent'
      ? undefined
      : await orderOf(session, options, plan, bridging.times);
  const deposit = await makeDeposit(payer, {
    asset: token.asset,
    token: tokenOn(token, source),
    amount: pays,
    destination: order === undefined ? destination.chainId : 0n,
    ...(options.refundTo && { refundTo: options.refundTo }),
    content: contentOf(session, options, order),
  });
  printDeposit(deposit, source, token);
  if (order) keepOrder({ ...order, asset: token.asset, transfer: deposit.transfer }, options);
}

/** A deposit before it is made. */
interface Bridging {
  readonly planned: PlannedPayment;
  readonly plan: PaymentPlan;
  readonly times: OrderTimes;
  readonly payer: SourceSide;
  readonly pays: bigint;
  readonly fee: bigint;
  readonly isOpen: boolean;
}

async function planBridging(session: UserSession, options: BridgeOptions): Promise<Bridging> {
  const { client } = session;
  const { source, destination } = chooseChains(client, options.from, options.destination);
  const { token, amount } = amountOf(client, options);
  // What the destination has no token of would only come back, less the fee.
  tokenOn(token, destination);
  const terms = session.termsOf(token);
  const way = wayOf(options);
  const { to: recipient, crowd } = options;
  const legWay = way === 'pooled' ? 'pooled' : 'direct';
  const { chainId } = destination;
  const plan = planPayment(terms, { way: legWay, chainId, recipient, amount, crowd });
  const payer = await session.payer(source);
  const fee = await quoteFee(payer, token.asset);
  // A transparent transfer needs no account, and so none that is open.
  const isOpen = way === 'transparent' || (await isAccountOpen(session));
  const times = await session.drawTimes(source);
  const planned: PlannedPayment = {
    ...{ way, source, destination, token, terms, recipient, ...plan, ...times },
    own: [payer.signer.address],
    depositedLately: false,
  };
  return {
    planned,
    plan,
    times,
    payer,
    pays: depositFor(amount, terms, { fee, isOpen }),
    fee,
    isOpen,
  };
}

function wayOf({ transparent, direct }: BridgeOptions): PlannedPayment['way'] {
  if (transparent && direct) throw new CommandLineError('choose --transparent or --direct');
  if (transparent) return 'transparent';
  return direct ? 'direct' : 'pooled';
}

/** Whether the user's account is known to be open; where nobody can be asked, it counts as not open, which costs nothing lost. */
export async function isAccountOpen(session: UserSession): Promise<boolean> {
  if (session.client.enclave === undefined) return false;
  return (await session.ask(await session.account())).isOpen;
}

async function orderOf(
  session: UserSession,
  { afterPatience }: BridgeOptions,
  { legs }: PaymentPlan,
  times: OrderTimes,
): Promise<DepositOrder> {
  const { owner } = await session.account();
  const tagSecret = session.rng.bytes(32);
  return { account: accountId(owner), legs, ...times, afterPatience, tagSecret, memo: NO_MEMO };
}

const NO_MEMO = new Uint8Array();

function contentOf(
  { rng }: UserSession,
  { to }: BridgeOptions,
  order: DepositOrder | undefined,
): DepositRequest['content'] {
  if (order === undefined) return { kind: 'transparent', recipient: to };
  return { kind: 'sealed', order, rng };
}

function printCosts({ planned, plan, pays, fee, isOpen }: Bridging): void {
  const { token, terms } = planned;
  const show = (amount: bigint) => `${formatUnits(amount, token.decimals)} ${token.symbol}`;
  const opening = show(terms.entryFee + terms.leastBalance);
  const account = isOpen ? '' : `, ${opening} to open your account and keep it open`;
  console.log(`you pay ${show(pays)}: ${show(fee)} of it for the message${account}`);
  console.log(`the recipient gets ${show(plan.received)}, after what the payouts cost`);
  if (plan.rest > 0n) console.log(`${show(plan.rest)} stays in your account`);
}

/** Says which transfer a deposit has made. */
export function printDeposit(
  { transfer, fee, receipt }: Deposit,
  { name }: ClientChain,
  { decimals, symbol }: ClientToken,
): void {
  console.log(`transfer ${transfer.chainId}:${transfer.index}`);
  console.log(`in block ${receipt.blockNumber} of ${name}, transaction ${receipt.transactionHash}`);
  console.log(`fee ${formatUnits(fee, decimals)} ${symbol}`);
}

/** Prints the secret of an order, and writes it to a file if the user wants one. */
export function keepOrder(order: OrderRecord, { save }: { readonly save?: string }): void {
  console.log(`tag secret ${toHex(order.tagSecret)}`);
  console.log(
    '  keep it: only with it can the payouts be found; whoever has it can link the two ends',
  );
  if (save === undefined) return;
  const { account, tagSecret, asset, legs, patience, transfer } = order;
  const record = { account, tagSecret, asset, legs, patience, transfer };
  writeFileSync(save, formatOrderRecord(record), { mode: 0o600 });
  console.log(`order saved in ${save}: veilspan status ${save} finds its payouts`);
}
