import { contractsOn } from '../../src/deploy/deploy-bridge.ts';
import type { RegisteredAsset } from '../../src/deploy/register-asset.ts';
import { NATIVE_TOKEN, originChainId } from '../../src/protocol/asset.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { assetOf } from '../demo-assets.ts';
import type { LocalChain } from '../local-chains.ts';
import { type Account, type Bookkeeping, createBookkeeping, type Entry } from './bookkeeping.ts';
import { type EndedTransfer, expectedPayouts } from './expectations.ts';
import { POST_VIA } from './post-order.ts';
import type { TransferPlan } from './scenario.ts';
import type { Stage } from './stage.ts';

/** Opens the books on every balance that the demo moves. */
export async function openBooks(stage: Stage): Promise<Bookkeeping> {
  const books = createBookkeeping(stage.world.deployment);
  for (const account of listAccounts(stage)) await books.open(account);
  return books;
}

/** Enters what a transfer must have moved on the chains: the deposit, the payouts, what they cost. */
export function settleTransfer(stage: Stage, books: Bookkeeping, ended: EndedTransfer): void {
  const { transfer, deposit } = ended;
  const { source, request } = transfer;
  const { asset, amount } = request;
  const { chainId } = source.chain;
  const holder = source.signer.address;
  books.paidIn({ chainId, asset, holder, amount });
  books.spent({ chainId, holder, amount: deposit.receipt.gasFeeWei ?? 0n });
  if (transfer.plan.way === 'posted') books.paidIn(postPayment(stage));
  for (const { to, recipient, amount: paid, rate } of expectedPayouts(stage, ended)) {
    const at = { chainId: stage.chain(to).chainId, asset };
    books.paidOut({ ...at, holder: recipient, amount: paid });
    books.paidOut({ ...at, holder: stage.relayerOn(to), amount: rate });
  }
}

/** What the relayer paid for posting an order. */
function postPayment(stage: Stage): Entry {
  const { asset } = assetOf(stage.world.deployment, 'DOT');
  const { chainId } = stage.chain(POST_VIA);
  return { chainId, asset, holder: stage.relayerOn(POST_VIA), amount: stage.postFeeWei };
}

/** Every gateway and supply, everyone who pays or is paid, and the relayer's fees; each account once. */
function listAccounts(stage: Stage): Account[] {
  const { first, second } = stage.scenario;
  const plans = [...first, ...second];
  const all = [
    ...stage.world.chains.flatMap((on) =>
      stage.world.deployment.assets.map((asset) => custodyOf(stage, on, asset)),
    ),
    ...plans.flatMap((plan) => [...payerOf(stage, plan), ...recipientsOf(stage, plan)]),
    ...plans.flatMap((plan) => feesOf(stage, plan)),
  ];
  const keyOf = ({ chain, token, holders }: Account) => `${chain.chainId} ${token} ${holders}`;
  return [...new Map(all.map((account) => [keyOf(account), account])).values()];
}

/** What the gateway has locked at the asset's home, or what it has minted elsewhere. */
function custodyOf(stage: Stage, { chainId, name }: LocalChain, asset: RegisteredAsset): Account {
  const at = place(stage, name, asset.symbol);
  return originChainId(asset.asset) === chainId
    ? { ...at, label: 'gateway', holders: [contractsOn(stage.world.deployment, chainId).gateway] }
    : { ...at, label: 'in circulation', holders: [] };
}

/** None where gas is paid in the same coin and no receipt says how much. */
function payerOf(stage: Stage, { payer, symbol }: TransferPlan): Account[] {
  const { chain, signer } = stage.payer(payer);
  const at = place(stage, chain.name, symbol);
  const isNative = at.token === NATIVE_TOKEN;
  const { kind } = stage.world.chains.find(({ chainId }) => chainId === chain.chainId) ?? {};
  if (isNative && kind === 'substrate') return [];
  return [{ ...at, label: isNative ? `${payer} (after gas)` : payer, holders: [signer.address] }];
}

function recipientsOf(stage: Stage, { payouts, symbol, claimedBy }: TransferPlan): Account[] {
  return payouts.map(({ to, recipient }) => {
    const name = claimedBy ?? recipient;
    const label = claimedBy === undefined ? name : `${name} (claimed)`;
    return { ...place(stage, to, symbol), label, holders: [stage.addressOf(name)] };
  });
}

/** None in the native coin, of which the relayer spends gas. */
function feesOf(stage: Stage, { payouts, symbol }: TransferPlan): Account[] {
  return payouts.flatMap(({ to }) => {
    const at = place(stage, to, symbol);
    if (at.token === NATIVE_TOKEN) return [];
    return [{ ...at, label: 'relayer, for batches', holders: [stage.relayerOn(to)] }];
  });
}

function place(stage: Stage, on: string, symbol: string) {
  const { asset, addresses } = assetOf(stage.world.deployment, symbol);
  const chain = stage.chain(on);
  const isHome = originChainId(asset) === chain.chainId;
  const token: Hex = addresses.get(chain.chainId) ?? NATIVE_TOKEN;
  return { chain, symbol: isHome ? symbol : `v${symbol}`, token };
}
