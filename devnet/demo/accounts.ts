import type { BridgedChain } from '../../src/chains/shared/bridged-chain.ts';
import { NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { type Account, type Bookkeeping, createBookkeeping, gatewayOf } from './bookkeeping.ts';
import type { Stage } from './stage.ts';
import type { StartedTransfer } from './transfers.ts';

/** Opens the books on every balance that the demo moves. */
export async function openBooks(stage: Stage): Promise<Bookkeeping> {
  const books = createBookkeeping(stage.world.client);
  for (const account of accountsOf(stage)) await books.open(account);
  return books;
}

/** Enters what a transfer must have moved: the deposit, the payouts, the fee. */
export function settleTransfer(stage: Stage, books: Bookkeeping, started: StartedTransfer): void {
  const { transfer, deposit } = started;
  const { chain, signer } = transfer.source;
  const { asset, amount } = transfer.request;
  books.paidIn({ chain, asset, holder: signer.address, amount });
  const gas = deposit.receipt.gasFeeWei ?? 0n;
  books.spent({ chain, holder: signer.address, amount: gas });
  const paidOn = transfer.paidOn === 'source' ? chain : stage.otherChain(chain);
  for (const payout of transfer.payouts(deposit.fee)) {
    const holder = transfer.claimedBy ?? payout.recipient;
    books.paidOut({ chain: paidOn, asset, holder, amount: payout.amount });
  }
  books.paidOut({ chain: paidOn, asset, holder: stage.relayer.ethereum, amount: deposit.fee });
}

function accountsOf(stage: Stage): Account[] {
  const { chains, people, world } = stage;
  const { ethereum, polkadot } = chains;
  const { alice, carol, erin } = stage.ethereum;
  const { ethereum: there, polkadot: here } = world.deployment;
  const on =
    (chain: BridgedChain, symbol: string, token: Hex) =>
    (label: string, ...holders: Hex[]): Account => ({
      label,
      chain,
      symbol,
      token,
      holders,
    });
  const eth = on(ethereum, 'ETH', NATIVE_TOKEN);
  const demo = on(ethereum, 'DEMO', there.tokens.demo);
  const vdot = on(ethereum, 'vDOT', there.tokens.dot);
  const dot = on(polkadot, 'DOT', NATIVE_TOKEN);
  const veth = on(polkadot, 'vETH', here.tokens.eth);
  const vdemo = on(polkadot, 'vDEMO', here.tokens.demo);
  const fees = [stage.relayer.ethereum, stage.relayer.polkadot] as const;
  return [
    eth('gateway', gatewayOf(world.client, ethereum)),
    demo('gateway', gatewayOf(world.client, ethereum)),
    dot('gateway', gatewayOf(world.client, polkadot)),
    vdot('in circulation'),
    veth('in circulation'),
    vdemo('in circulation'),
    eth('alice (after gas)', alice.signer.address),
    eth('erin (after gas)', erin.signer.address),
    demo('carol', carol.signer.address),
    vdot('heidi', people.heidi),
    demo('heidi', people.heidi),
    vdot('judy', people.judy),
    eth('ivan (claimed)', people.ivan),
    veth('charlie', people.charlie),
    vdemo('charlie', people.charlie),
    veth('grace', people.grace),
    vdot('relayer fees', ...fees),
    demo('relayer fees', ...fees),
    veth('relayer fees', ...fees),
    vdemo('relayer fees', ...fees),
  ];
}
