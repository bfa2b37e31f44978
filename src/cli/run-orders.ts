import { writeFileSync } from 'node:fs';
import { quotePostFee } from '../chains/shared/post-call.ts';
import type { AccountSigner } from '../client/account-signer.ts';
import { fetchEpochKey } from '../client/epoch-key.ts';
import { makePost, type SealedPost } from '../client/make-post.ts';
import { formatPostFile } from '../client/order-record.ts';
import { latestExpiry, nextNonce, type OrderTimes } from '../client/order-times.ts';
import { type GatewayLogs, hasDepositedLately, ownAddresses } from '../client/own-deposits.ts';
import { lackFor, leastTransfer, planPayment, transferLeg } from '../client/payment-plan.ts';
import { postOrders } from '../client/post.ts';
import { currentRound } from '../client/wait-estimate.ts';
import type { ClientChain, ClientToken } from '../config/client.ts';
import { accountId } from '../protocol/account.ts';
import type { CrowdFactor, Leg } from '../protocol/order.ts';
import type { AccountAnswer } from '../protocol/query-answer.ts';
import type { Hex } from '../shared/bytes.ts';
import { formatAmount, formatUnits } from '../shared/units.ts';
import { CommandLineError } from './command-line-error.ts';
import { confirm } from './confirm.ts';
import { amountOf, tokenOn, type UserOptions } from './parse-options.ts';
import {
  noteSuspension,
  type PlannedPayment,
  previewPayment,
  printOutcome,
} from './preview-payment.ts';
import { checkRecipients, type RecipientOptions } from './recipients.ts';
import { keepOrder } from './run-bridge.ts';
import type { UserSession } from './user-session.ts';

/** What every order without a deposit is given. */
export interface PostOptions extends UserOptions {
  readonly asset: string;
  readonly amount: string;
  /** Where the order goes in. */
  readonly via: string;
  readonly out?: string;
  readonly poster?: Hex;
  readonly self?: boolean;
  readonly nonce?: bigint;
  readonly save?: string;
}

/** What `veilspan account send` is given. */
export interface SendOptions extends PostOptions {
  readonly to: Hex;
}

/** What `veilspan account withdraw` is given. */
export interface WithdrawOptions extends PostOptions, RecipientOptions {
  readonly destination: string;
  readonly direct?: boolean;
  readonly crowd: CrowdFactor;
  readonly afterPatience: 'return' | 'wait';
}

/** Credits another account inside the ledger. */
export async function sendToAccount(session: UserSession, options: SendOptions): Promise<void> {
  const { token, amount } = amountOf(session.client, options);
  const least = leastTransfer(session.termsOf(token));
  if (amount < least) {
    throw new CommandLineError(`an account can be sent ${formatAmount(token, least)} at least`);
  }
  console.log(`account ${options.to} gets ${formatAmount(token, amount)}`);
  noteSuspension(session, { source: viaOf(session, options), sends: 'order' });
  await order(session, options, { token, legs: [transferLeg(options.to, amount)] });
}

/** Pays out of an account, on any chain. */
export async function withdrawFromAccount(
  session: UserSession,
  options: WithdrawOptions,
): Promise<void> {
  const { token, amount } = amountOf(session.client, options);
  const source = viaOf(session, options);
  const destination = chainNamed(session, options.destination);
  tokenOn(token, destination);
  const terms = session.termsOf(token);
  const way = options.direct ? 'direct' : 'pooled';
  checkRecipients(way, options);
  const { to: recipients, crowd, afterPatience, sameAddress = false } = options;
  const { chainId } = destination;
  const payment = { way, chainId, recipients, amount, crowd, sameAddress } as const;
  const plan = planPayment(terms, payment);
  const times = await session.drawTimes(source);
  const own = ownAddresses(await session.account());
  const planned: PlannedPayment = {
    ...{ way, source, sends: 'order', destination, token, terms, recipients, crowd },
    ...{ own, ...plan, ...times, afterPatience },
    depositedLately: await hasDepositedLately(gatewaysOf(session), own, token.asset),
  };
  await previewPayment(session, planned);
  printOutcome(planned);
  await order(session, options, { token, legs: plan.legs, times, afterPatience });
}

function gatewaysOf({ client, chainOf }: UserSession): GatewayLogs[] {
  return client.chains.map((each) => ({ ...each, chain: chainOf(each) }));
}

interface Ordered {
  readonly token: ClientToken;
  readonly legs: readonly Leg[];
  /** As the user was shown them; drawn unless given. */
  readonly times?: OrderTimes;
  readonly afterPatience?: 'return' | 'wait';
}

/** Signs and seals an order, and posts it or writes it to a file for somebody who does. */
async function order(
  session: UserSession,
  options: PostOptions,
  { token, legs, times, afterPatience = 'return' }: Ordered,
): Promise<void> {
  const signer = await session.account();
  const source = viaOf(session, options);
  const posterAccount = posterOf(options, accountId(signer.owner));
  const { reward } = session.termsOf(token);
  console.log(
    `posting costs the account ${formatAmount(token, reward)}, for account ${posterAccount}`,
  );
  if (options.self) await warnOfPosting(session, source);
  const nonce = options.nonce ?? (await askNonce(session, signer, { token, legs }));
  await confirm(options);
  const chain = session.chainOf(source);
  const now = currentRound(session.client.rounds, await session.timeOf(source));
  const expiry = latestExpiry(session.client.rounds, now);
  const draft = {
    asset: token.asset,
    legs,
    ...directTimes(legs, times ?? (await session.drawTimes(source))),
    afterPatience,
  };
  const tagSecret = session.rng.bytes(32);
  const terms = { nonce, expiry, maxFee: reward, posterAccount, tagSecret };
  const epochKey = await fetchEpochKey({ chain, registry: source.registry });
  const place = { ledger: session.ledger, epochKey };
  const sealed = await makePost(signer, { ...draft, ...terms }, place, session.rng);
  keepOrder({ ...sealed.order, account: accountId(signer.owner) }, options);
  await deliver(session, options, { sealed, source });
}

/** The next nonce of the account, of which it is said too if it has too little. */
async function askNonce(
  session: UserSession,
  signer: AccountSigner,
  ordered: Pick<Ordered, 'token' | 'legs'>,
): Promise<bigint> {
  const answer = await session.ask(signer);
  noteLack(session, ordered, answer);
  return nextNonce(answer);
}

/** An order that its account cannot pay for does nothing; but what is on its way into the account may come first. */
function noteLack(
  session: UserSession,
  { token, legs }: Pick<Ordered, 'token' | 'legs'>,
  { balances, round }: AccountAnswer,
): void {
  const balance = balances.find(({ asset }) => asset === token.asset)?.amount ?? 0n;
  const lack = lackFor(legs, session.termsOf(token), balance);
  if (lack === 0n) return;
  console.log(
    `note: after round ${round} the account lacks ${formatAmount(token, lack)} for this, least balance included; unless that comes first, the order does nothing`,
  );
}

/** An order with direct legs may not name a later round. */
function directTimes(legs: readonly Leg[], times: OrderTimes) {
  return legs.some(({ mode }) => mode === 'direct') ? { ...times, notBefore: 0n } : times;
}

function posterOf({ self, out, poster }: PostOptions, own: Hex): Hex {
  if ((self === true) === (out !== undefined)) {
    throw new CommandLineError('give --out for somebody else to post it, or --self');
  }
  if (self) return own;
  if (poster !== undefined) return poster;
  throw new CommandLineError('give --poster, the account that is paid for posting it');
}

async function warnOfPosting(session: UserSession, source: ClientChain): Promise<void> {
  const payer = await session.payer(source);
  const feeWei = await quotePostFee(payer);
  console.log(`posting it yourself costs ${formatUnits(feeWei, 18)} of ${source.name}'s own coin`);
  console.log(`note: everybody sees that ${payer.signer.address} posts an order, and when`);
}

async function deliver(
  session: UserSession,
  { out }: PostOptions,
  { sealed, source }: { readonly sealed: SealedPost; readonly source: ClientChain },
): Promise<void> {
  if (out !== undefined) {
    writeFileSync(out, formatPostFile(sealed.envelope));
    console.log(`sealed order in ${out}: whoever posts it learns nothing of it`);
    return;
  }
  const receipt = await postOrders(await session.payer(source), [sealed.envelope]);
  console.log(`posted in block ${receipt.blockNumber} of ${source.name}`);
}

function viaOf(session: UserSession, { via }: PostOptions): ClientChain {
  return chainNamed(session, via);
}

function chainNamed({ client }: UserSession, name: string): ClientChain {
  const chain = client.chains.find((each) => each.name === name);
  if (chain) return chain;
  throw new CommandLineError(`the configuration has no chain ${name}`);
}
