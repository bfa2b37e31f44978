import { GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import { decodeControl } from '../../src/protocol/control.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { TERMS } from '../support/enclave-world.ts';
import type { SimulatedChain } from './chain.ts';
import type { SimulatedEnclave } from './simulated-enclave.ts';
import { chainsOf, isStopped, type World } from './world.ts';

/**
 * Every deposit is paid once, or given back once, or is in its account, since the chain that was to pay it was suspended, or waits behind a
 * batch that operators hold.
 */
export function unpaid(world: World): string[] {
  const chains = chainsOf(world);
  const suspended = suspendedChains(world);
  const kept = { deposits: 0, amount: 0n };
  let waiting = heldReleases(world);
  const broken = chains.flatMap((chain) => {
    const { chainId } = chain.options.deployment;
    const bodies = chain.blocks.flatMap((block) => block.bodies);
    return bodies.flatMap((body, index) => {
      const planned = world.deposits.find(
        (each) => each.chainId === chainId && each.body.amount === body.amount,
      );
      if (planned === undefined) return [`deposit ${chainId}/${index} is nobody's`];
      const { payout, refund } = planned.tags(BigInt(index));
      const paid = chains.flatMap(payoutsOf).filter(({ tag }) => tag === payout || tag === refund);
      const canStay = planned.isSealed && suspended.some((each) => each !== chainId);
      if (paid.length === 0 && canStay) {
        kept.deposits += 1;
        kept.amount += body.amount - body.fee - TERMS.entryFee;
        return [];
      }
      if (paid.length === 0 && waiting > 0n) {
        waiting -= 1n;
        return [];
      }
      return paid.length === 1 ? [] : [`deposit ${chainId}/${index} is paid ${paid.length} times`];
    });
  });
  const lacking = world.enclaves.filter((enclave) => inAccounts(enclave) < kept.amount).length;
  const what = `${kept.deposits} deposits to a suspended chain are neither paid nor in accounts of ${lacking} enclaves`;
  return lacking === 0 ? broken : [...broken, what];
}

/** Releases that wait behind batches that operators hold for good. */
function heldReleases(world: World): bigint {
  const [enclave] = world.enclaves;
  return chainsOf(world)
    .filter((chain) => isStopped(world, chain))
    .map(({ options: { deployment }, final }) => {
      const made = enclave?.ledger.state.chains.find(
        ({ chainId }) => chainId === deployment.chainId,
      );
      return (made?.released.count ?? 0n) - final.contracts.released.count;
    })
    .reduce((sum, count) => sum + count, 0n);
}

/** Nothing of what operators hold for good is released. */
export function releasedThoughHeld(world: World): string[] {
  return world.held.flatMap(({ chainId, firstIndex }) => {
    const chain = chainsOf(world).find(({ options }) => options.deployment.chainId === chainId);
    const logs = chain?.blocks.flatMap((block) => block.logs) ?? [];
    const isReleased = logs.some(({ topics, data }) => {
      const event = GATEWAY_ABI.parseLog({ topics: [...topics], data });
      return event?.name === 'BatchReleased' && event.args['firstIndex'] === firstIndex;
    });
    return isReleased ? [`batch ${chainId}/${firstIndex} is held and was released`] : [];
  });
}

/** Chains that governance has ever suspended. */
function suspendedChains({ polkadot }: World): bigint[] {
  return polkadot.blocks
    .flatMap(({ decrees }) => decrees)
    .flatMap((decree) => {
      if (decree.kind !== 'control') return [];
      const content = decodeControl(decree.body.kind, decree.body.payload);
      return content?.kind === 'suspend' ? [content.chainId] : [];
    });
}

/** All that an enclave's accounts hold; the coins of both chains count alike. */
function inAccounts({ ledger }: SimulatedEnclave): bigint {
  const accounts = [...ledger.state.accounts.entries()];
  return accounts
    .flatMap(([, { balances }]) => balances)
    .reduce((sum, { amount }) => sum + amount, 0n);
}

/** What a gateway has paid, or put aside to be claimed. */
interface Payout {
  readonly tag: Hex;
  readonly asset: Hex;
  readonly amount: bigint;
}

function payoutsOf({ blocks }: SimulatedChain): Payout[] {
  return blocks
    .flatMap(({ logs }) => logs)
    .flatMap(({ topics, data }) => {
      const event = GATEWAY_ABI.parseLog({ topics: [...topics], data });
      if (event?.name !== 'Released' && event?.name !== 'ReleaseDeferred') return [];
      const { tag, asset, amount } = event.args.toObject() as Payout & Record<string, unknown>;
      return [{ tag, asset, amount }];
    });
}

/** No more of an asset leaves than came in. */
export function insolvent(world: World): string[] {
  const chains = chainsOf(world);
  const bodies = chains.flatMap(({ blocks }) => blocks.flatMap((block) => block.bodies));
  const paid = chains.flatMap(payoutsOf);
  const sum = (all: readonly { asset: Hex; amount: bigint }[], asset: Hex) =>
    all.filter((one) => one.asset === asset).reduce((total, { amount }) => total + amount, 0n);
  return [...new Set(paid.map(({ asset }) => asset))]
    .filter((asset) => sum(paid, asset) > sum(bodies, asset))
    .map((asset) => `more of ${asset} was paid than deposited`);
}
