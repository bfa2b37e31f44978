import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeDeposits } from '../../bench/relay/load.ts';
import { type RelaySide, type RelayWorld, startRelayWorld } from '../../bench/relay/relay-world.ts';
import { assetOf } from '../../devnet/demo-assets.ts';
import { decodeLogs } from '../../src/chains/shared/decode-logs.ts';
import { publicTags } from '../../src/protocol/transfer-tags.ts';
import { createRandom, type Random } from '../fuzz/random.ts';

/** The relayer's process, and what it was last replaced by. */
interface Running {
  readonly world: RelayWorld;
  relayer: ChildProcess;
}

/** Seconds in which things happen, in one schedule. */
const BAD_SEC = 20;
const HAPPENINGS = 4;
/** After so long without a new payout what is not paid never will be. */
const PATIENCE_MS = 600_000;

/** Runs schedules with real chains, a real enclave and a relayer that is a process. @returns what is wrong, by schedule */
export async function attackRealParts(
  seed: number,
  { schedules, isOver }: { readonly schedules: number; isOver(): boolean },
): Promise<{ readonly done: number; readonly broken: readonly string[] }> {
  const world = await startRelayWorld();
  const running: Running = { world, relayer: world.startRelayer() };
  const broken: string[] = [];
  let done = 0;
  try {
    for (; done < schedules && !isOver() && broken.length === 0; done++) {
      await attack(running, createRandom(seed, 'chaos with real parts', done));
      broken.push(...(await untilPaid(world)).map((what) => `schedule ${done}: ${what}`));
    }
  } finally {
    running.relayer.kill('SIGKILL');
    await world.close();
  }
  return { done, broken };
}

async function attack(running: Running, random: Random): Promise<void> {
  const { ethereum, polkadot, world } = running.world;
  const count = 1 + random.below(3);
  const deposits = Promise.all([
    makeDeposits(ethereum, {
      asset: assetOf(world.deployment, 'ETH').asset,
      to: polkadot.chain.chainId,
      count,
    }),
    makeDeposits(polkadot, {
      asset: assetOf(world.deployment, 'DOT').asset,
      to: ethereum.chain.chainId,
      count,
    }),
  ]);
  for (let i = 0; i < HAPPENINGS; i++) {
    await sleep(random.below((BAD_SEC * 1000) / HAPPENINGS));
    await happen(running, random);
  }
  await deposits;
}

async function happen(running: Running, random: Random): Promise<void> {
  const { ethereum, polkadot } = running.world;
  const side = random.pick([ethereum, polkadot]);
  const forMs = 1000 + random.below(10_000);
  const away = async () => {
    side.proxy.set('away');
    await sleep(forMs);
    side.proxy.set('there');
  };
  const stopped = async () => {
    running.relayer.kill('SIGSTOP');
    await sleep(forMs);
    running.relayer.kill('SIGCONT');
  };
  const killed = async () => {
    const gone = new Promise((exit) => running.relayer.once('exit', exit));
    running.relayer.kill('SIGKILL');
    await gone;
    running.relayer = running.world.startRelayer();
  };
  await random.pick([away, stopped, killed])();
}

/** What is not paid once at the end, of all that was ever deposited. */
async function untilPaid(world: RelayWorld): Promise<string[]> {
  let unpaid = await unpaidOf(world);
  for (let last = unpaid.length, sinceMs = performance.now(); unpaid.length > 0; ) {
    if (performance.now() - sinceMs > PATIENCE_MS) return unpaid;
    await sleep(1000);
    unpaid = await unpaidOf(world);
    if (unpaid.length !== last) sinceMs = performance.now();
    last = unpaid.length;
  }
  return unpaid;
}

async function unpaidOf({ ethereum, polkadot }: RelayWorld): Promise<string[]> {
  const [one, other] = await Promise.all([ethereum, polkadot].map(logsOf));
  const trips = [
    { from: ethereum, sent: one?.messages ?? [], paid: other?.releases ?? [] },
    { from: polkadot, sent: other?.messages ?? [], paid: one?.releases ?? [] },
  ];
  return trips.flatMap(({ from, sent, paid }) =>
    sent.flatMap(({ chainId, index }) => {
      const { payouts } = publicTags({ chainId, index }, from.gateway);
      const times = paid.filter(({ tag }) => payouts.includes(tag)).length;
      return times === 1 ? [] : [`deposit ${chainId}/${index} is paid ${times} times`];
    }),
  );
}

async function logsOf({ chain, gateway }: RelaySide) {
  const { name, chainId } = chain;
  const toBlock = (await chain.head()).number;
  const logs = await chain.logs({ addresses: [gateway], fromBlock: 0, toBlock });
  return decodeLogs(logs, { chain: name, chainId, gateway, isFinal: false });
}
