import type { AccountSigner } from '../../src/client/account-signer.ts';
import type { AssetTerms } from '../../src/client/asset-terms.ts';
import {
  type Deposit,
  type DepositRequest,
  quoteFee,
  type SourceSide,
} from '../../src/client/deposit.ts';
import { depositFor, recipientWord } from '../../src/client/payment-plan.ts';
import { accountId } from '../../src/protocol/account.ts';
import { NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import { SEALED_ENVELOPE_BYTES } from '../../src/protocol/envelope.ts';
import type { DepositOrder, Leg } from '../../src/protocol/order.ts';
import { consumingRound } from '../../src/protocol/rounds.ts';
import {
  publicTags,
  sealedTags,
  type TransferRef,
  type TransferTags,
} from '../../src/protocol/transfer-tags.ts';
import { concatBytes, toBigEndian } from '../../src/shared/bytes.ts';
import { assetOf } from '../demo-assets.ts';
import type { TransferPlan } from './scenario.ts';
import type { Stage } from './stage.ts';

/** One of the demo's transfers, ready to be made. */
export interface Transfer {
  readonly plan: TransferPlan;
  readonly source: SourceSide;
  readonly request: DepositRequest;
  readonly terms: AssetTerms;
  /** Of the payer, and of this transfer alone. */
  readonly account: AccountSigner;
  readonly tagSecret: Uint8Array;
  /** The last round in which its payouts leave a pool. */
  readonly patience: bigint;
  readonly tags: (deposit: TransferRef) => TransferTags;
}

/** A transfer as it stands once its deposit is included. */
export interface StartedTransfer {
  readonly transfer: Transfer;
  readonly deposit: Deposit;
  readonly tags: TransferTags;
}

/** Makes a plan's request, with secrets and an account of its own. */
export async function prepareTransfer(stage: Stage, plan: TransferPlan): Promise<Transfer> {
  const source = stage.payer(plan.payer);
  const { asset, addresses } = assetOf(stage.world.deployment, plan.symbol);
  const terms = stage.termsOf(plan.symbol);
  const account = await stage.accountOf(plan);
  const tagSecret = stage.rng.bytes(32);
  const patience = await patienceOf(stage, plan, source);
  const sealed = { account: accountId(account.owner), tagSecret, patience };
  const { content, destination, tags } = contentOf(stage, plan, { ...sealed, source });
  const { refundTo } = plan;
  const request: DepositRequest = {
    asset,
    token: addresses.get(source.chain.chainId) ?? NATIVE_TOKEN,
    amount: await amountOf(plan, { source, asset, terms }),
    destination,
    content,
    ...(refundTo !== undefined && { refundTo: stage.addressOf(refundTo) }),
  };
  return { plan, source, request, terms, account, tagSecret, patience, tags };
}

/** All that the payouts ask for, and what carrying it costs. */
async function amountOf(
  { way, payouts }: TransferPlan,
  { source, asset, terms }: Pick<Transfer, 'source' | 'terms'> & Pick<DepositRequest, 'asset'>,
): Promise<bigint> {
  const isSealed = way !== 'transparent' && way !== 'unopenable';
  const fee = await quoteFee(source, asset);
  const sum = payouts.reduce((total, { amount }) => total + amount, 0n);
  const posting = way === 'posted' ? terms.reward : 0n;
  return depositFor(sum + posting, terms, { fee, isOpen: !isSealed });
}

/** Rounds are counted from the one that takes the deposit, if that is made now. */
async function patienceOf(
  stage: Stage,
  { patienceRounds = 0 }: TransferPlan,
  { chain }: SourceSide,
): Promise<bigint> {
  const { rounds, chains } = stage.world.client;
  const lagSec = chains.find(({ chainId }) => chainId === chain.chainId)?.lagSec ?? 0n;
  const nowSec = await chain.blockTimeSec((await chain.head()).hash);
  return consumingRound(rounds, lagSec, nowSec) + BigInt(patienceRounds);
}

type Content = Pick<Transfer, 'tags'> & Pick<DepositRequest, 'content' | 'destination'>;
type Sealed = Pick<DepositOrder, 'account' | 'tagSecret' | 'patience'> & Pick<Transfer, 'source'>;

function contentOf(stage: Stage, plan: TransferPlan, { source, ...sealed }: Sealed): Content {
  const tags: Transfer['tags'] = (deposit) => publicTags(deposit, source.gateway);
  switch (plan.way) {
    case 'transparent': {
      const [{ to, recipient } = NO_PAYOUT] = plan.payouts;
      const content = { kind: 'transparent', recipient: stage.addressOf(recipient) } as const;
      return { content, destination: stage.chain(to).chainId, tags };
    }
    case 'unopenable':
      return { content: { kind: 'raw', envelope: unopenable(stage) }, destination: 0n, tags };
    case 'direct':
    case 'pooled':
    case 'posted': {
      const order = {
        ...sealed,
        ...NO_TIME,
        legs: plan.way === 'posted' ? [] : legsOf(stage, plan),
      };
      const content = { kind: 'sealed', order, rng: stage.rng } as const;
      return { content, destination: 0n, tags: () => sealedTags(sealed.tagSecret) };
    }
  }
}

const NO_PAYOUT = { to: '', recipient: '' };
const NO_TIME = { notBefore: 0n, afterPatience: 'return', memo: new Uint8Array() } as const;

/** Sealed to a key that nobody has: the right length, kind and epoch, then noise. */
function unopenable({ rng }: Stage): Uint8Array {
  const header = concatBytes(Uint8Array.of(1), toBigEndian(1n, 8));
  return concatBytes(header, rng.bytes(SEALED_ENVELOPE_BYTES - header.length));
}

/** A plan's payouts as an order asks for them. */
export function legsOf(stage: Stage, { way, payouts }: TransferPlan): Leg[] {
  return payouts.map(({ to, recipient, amount }) => ({
    mode: way === 'pooled' ? 'pooled' : 'direct',
    chainId: stage.chain(to).chainId,
    recipient: recipientWord(stage.addressOf(recipient)),
    amount,
    crowd: 1,
  }));
}
