import { existsSync, writeFileSync } from 'node:fs';
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
import {
  type DepositFacts,
  depositFor,
  type PaymentPlan,
  planPayment,
} from '../client/payment-plan.ts';
import type { ClientChain, ClientToken } from '../config/client.ts';
import { accountId } from '../protocol/account.ts';
import type { CrowdFactor, DepositOrder } from '../protocol/order.ts';
import { type Hex, toHex } from '../shared/bytes.ts';
import { formatAmount } from '../shared/units.ts';
import { CommandLineError } from './command-line-error.ts';
import { confirm } from './confirm.ts';
import { namingFile } from './name-config.ts';
import { amountOf, tokenOn, type UserOptions } from './parse-options.ts';
import { type PlannedPayment, previewPayment, printOutcome } from './preview-payment.ts';
import { checkRecipients, type RecipientOptions } from './recipients.ts';
import type { UserSession } from './user-session.ts';

/** What `veilspan bridge` is given. */
export interface BridgeOptions extends UserOptions, RecipientOptions {
  readonly from: string;
  readonly destination?: string;
  readonly asset: string;
  readonly amount: string;
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
  const { planned, payer, pays } = bridging;
  const { source, destination, token } = planned;
  await previewPayment(session, planned);
  printCosts(bridging);
  await confirm(options);
  const order =
    planned.way === 'transparent'
      ? undefined
      : await orderOf(session, options, planned, bridging.times);
  const record = order && { ...order, asset: token.asset };
  if (record) keepOrder(record, options);
  const deposit = await makeDeposit(payer, {
    asset: token.asset,
    token: tokenOn(token, source),
    amount: pays,
    maxFee: bridging.fee,
    destination: order === undefined ? destination.chainId : 0n,
    ...(options.refundTo && { refundTo: options.refundTo }),
    content: contentOf(session, options, order),
  });
  printDeposit(deposit, source, token);
  if (record) completeOrder({ ...record, transfer: deposit.transfer }, options);
}

/** A deposit before it is made. */
interface Bridging {
  readonly planned: PlannedPayment;
  readonly times: OrderTimes;
  readonly payer: SourceSide;
  readonly pays: bigint;
  readonly fee: bigint;
  /** What the payment comes to, without what the account takes. */
  readonly amount: bigint;
}

async function planBridging(session: UserSession, options: BridgeOptions): Promise<Bridging> {
  const { client } = session;
  const { source, destination } = chooseChains(client, options.from, options.destination);
  const { token, amount } = amountOf(client, options);
  // What the destination has no token of would only come back, less the fee.
  tokenOn(token, destination);
  const terms = session.termsOf(token);
  const way = wayOf(options);
  const { to: recipients, crowd, afterPatience, sameAddress = false } = options;
  const legWay = way === 'pooled' ? 'pooled' : 'direct';
  const { chainId } = destination;
  const payment = { way: legWay, chainId, recipients, amount, crowd, sameAddress } as const;
  const plan = planPayment(terms, payment);
  const payer = await session.payer(source);
  const fee = await quoteFee(payer, token.asset);
  // A transparent transfer needs no account.
  const account = way === 'transparent' ? undefined : await accountFacts(session, token);
  const times = await session.drawTimes(source);
  const planned: PlannedPayment = {
    ...{ way, source, sends: 'deposit', destination, token, terms, recipients, crowd },
    ...{ ...plan, ...times, afterPatience },
    own: [payer.signer.address],
    depositedLately: false,
  };
  return {
    planned,
    times,
    payer,
    pays: account ? depositFor(amount, terms, { fee, ...account }) : amount + fee,
    fee,
    amount,
  };
}

function wayOf(options: BridgeOptions): PlannedPayment['way'] {
  const { transparent, direct } = options;
  if (transparent && direct) throw new CommandLineError('choose --transparent or --direct');
  const sealed = direct ? 'direct' : 'pooled';
  const way = transparent ? 'transparent' : sealed;
  checkRecipients(way, options);
  return way;
}

/** What is known of the user's account; where nobody can be asked, it counts as not open: what is paid for that is credited. */
export async function accountFacts(
  session: UserSession,
  { asset }: ClientToken,
): Promise<Pick<DepositFacts, 'isOpen' | 'balance'>> {
  if (session.client.enclave === undefined) return { isOpen: false };
  const { isOpen, balances } = await session.ask(await session.account());
  return { isOpen, balance: balances.find((each) => each.asset === asset)?.amount ?? 0n };
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
  if (order === undefined) return { kind: 'transparent', recipient: to[0] };
  return { kind: 'sealed', order, rng };
}

function printCosts({ planned, pays, fee, amount }: Bridging): void {
  const { token } = planned;
  const show = (amount: bigint) => formatAmount(token, amount);
  const kept = pays - fee - amount;
  const account = kept === 0n ? '' : `, ${show(kept)} to open your account or to stay in it`;
  console.log(`you pay ${show(pays)}: ${show(fee)} of it for the message${account}`);
  printOutcome(planned);
}

/** Says which transfer a deposit has made. */
export function printDeposit(
  { transfer, fee, receipt }: Deposit,
  { name }: ClientChain,
  token: ClientToken,
): void {
  console.log(`transfer ${transfer.chainId}:${transfer.index}`);
  console.log(`in block ${receipt.blockNumber} of ${name}, transaction ${receipt.transactionHash}`);
  console.log(`fee ${formatAmount(token, fee)}`);
}

/**
 * Prints the secret of an order if there are payouts to be found with it, and writes the order to a file if the user wants one.
 * Before anything is sent: what is lost after that cannot be had again.
 *
 * @throws {CommandLineError} there is such a file, which may be all that finds another order's payouts
 */
export function keepOrder(order: OrderRecord, { save, config }: SaveOptions): void {
  if (order.legs.some(({ mode }) => mode !== 'transfer')) {
    console.log(`tag secret ${toHex(order.tagSecret)}`);
    console.log(
      '  keep it: only with it can the payouts be found (set VEILSPAN_TAG_SECRET to it for veilspan status);',
    );
    console.log('  whoever has it can link the two ends');
  }
  if (save === undefined) return;
  if (existsSync(save)) throw new CommandLineError(`${save} is there already; name a new file`);
  // Not readable for others even for a moment.
  writeFileSync(save, formatOrder(order), { mode: 0o600, flag: 'wx' });
  const command = namingFile(`veilspan status ${save} --config client.json`, config);
  console.log(`order saved in ${save}: \`${command}\` says what became of it`);
}

/** Adds to the file of an order which deposit it came with. */
export function completeOrder(order: OrderRecord, { save }: SaveOptions): void {
  if (save !== undefined) writeFileSync(save, formatOrder(order));
}

interface SaveOptions {
  /** Path of the client configuration. */
  readonly config: string;
  readonly save?: string;
}

function formatOrder({ account, tagSecret, asset, legs, patience, transfer }: OrderRecord): string {
  return formatOrderRecord({ account, tagSecret, asset, legs, patience, transfer });
}
