import type { AccountSigner } from '../client/account-signer.ts';
import { makeDeposit, quoteFee } from '../client/deposit.ts';
import { nextNonce } from '../client/order-times.ts';
import { depositFor } from '../client/payment-plan.ts';
import type { ClientConfig } from '../config/client.ts';
import { accountId } from '../protocol/account.ts';
import type { DepositOrder } from '../protocol/order.ts';
import type { AccountAnswer } from '../protocol/query-answer.ts';
import type { Hex } from '../shared/bytes.ts';
import { formatAmount, formatUnits } from '../shared/units.ts';
import { CommandLineError } from './command-line-error.ts';
import { confirm } from './confirm.ts';
import { amountOf, tokenOn, type UserOptions } from './parse-options.ts';
import { noteSuspension } from './preview-payment.ts';
import { accountFacts, completeOrder, keepOrder, printDeposit } from './run-bridge.ts';
import { terminalTable } from './terminal-table.ts';
import type { UserSession } from './user-session.ts';

/** What `veilspan account deposit` is given. */
export interface DepositOptions extends UserOptions {
  readonly from: string;
  readonly asset: string;
  readonly amount: string;
  readonly account?: Hex;
  readonly refundTo?: Hex;
  readonly save?: string;
}

/** Pays into an account inside the ledger. */
export async function depositToAccount(
  session: UserSession,
  options: DepositOptions,
): Promise<void> {
  const { client, rng } = session;
  const source = client.chains.find(({ name }) => name === options.from);
  if (!source) throw new CommandLineError(`the configuration has no chain ${options.from}`);
  const { token, amount } = amountOf(client, options);
  const payer = await session.payer(source);
  const fee = await quoteFee(payer, token.asset);
  // Whether somebody else's account is open is not for us to know.
  const isOwn = options.account === undefined;
  const facts = isOwn ? await accountFacts(session, token) : { isOpen: false };
  const pays = depositFor(amount, session.termsOf(token), { fee, ...facts });
  const account = options.account ?? accountId((await session.account()).owner);
  const show = (value: bigint) => formatAmount(token, value);
  console.log(`you pay ${show(pays)}; account ${account} is credited with ${show(pays - fee)},`);
  console.log('  less what opening it costs if it is not open');
  noteSuspension(session, { source, sends: 'deposit' });
  await confirm(options);
  const order: DepositOrder = { ...NO_LEGS, account, tagSecret: rng.bytes(32) };
  const record = { ...order, asset: token.asset };
  keepOrder(record, options);
  const deposit = await makeDeposit(payer, {
    asset: token.asset,
    token: tokenOn(token, source),
    amount: pays,
    maxFee: fee,
    destination: 0n,
    ...(options.refundTo && { refundTo: options.refundTo }),
    content: { kind: 'sealed', order, rng },
  });
  printDeposit(deposit, source, token);
  completeOrder({ ...record, transfer: deposit.transfer }, options);
}

const NO_LEGS = {
  legs: [],
  notBefore: 0n,
  patience: 0n,
  afterPatience: 'return',
  memo: new Uint8Array(),
} as const;

/** Prints which account a key has, and what the ledger says of it if there is an enclave to ask. */
export async function showAccount(session: UserSession): Promise<void> {
  const signer = await session.account();
  console.log(describeOwner(signer));
  printAccount(session.client, await session.ask(signer));
}

/** An account, and the key that owns it. */
export function describeOwner({ owner }: AccountSigner): string {
  return `account ${accountId(owner)}\nof key ${owner.publicKey} (${owner.scheme}), index ${owner.index}`;
}

function printAccount(client: ClientConfig, answer: AccountAnswer): void {
  const { number, round, isOpen, balances, balanceCount, legs, legCount } = answer;
  console.log(
    `${isOpen ? 'open' : 'not open'} in state ${number}, round ${round}; next nonce ${nextNonce(answer)}`,
  );
  const rows = balances.map(({ asset, amount }) => [...amountCells(client, asset, amount)]);
  if (rows.length > 0) console.log(`\n${terminalTable(['balance', 'asset'], rows, [0])}`);
  if (balanceCount > balances.length) console.log(`and ${balanceCount - balances.length} more`);
  const waiting = legs.map(({ chainId, asset, amount, notBefore, patience, afterPatience }) => [
    ...amountCells(client, asset, amount),
    client.chains.find((chain) => chain.chainId === chainId)?.name ?? `${chainId}`,
    `${notBefore}`,
    afterPatience === 'wait' ? 'waits on' : `returns after ${patience}`,
  ]);
  const header = ['waits', 'asset', 'for', 'from round', 'then'];
  if (waiting.length > 0) console.log(`\n${terminalTable(header, waiting, [0, 3])}`);
  if (legCount > legs.length) console.log(`and ${legCount - legs.length} more`);
}

function amountCells({ tokens }: ClientConfig, asset: Hex, amount: bigint): [string, string] {
  const token = tokens.find((each) => each.asset === asset);
  return token ? [formatUnits(amount, token.decimals), token.symbol] : [`${amount}`, asset];
}
