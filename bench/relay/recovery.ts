import { setTimeout as sleep } from 'node:timers/promises';
import type { BlockRef } from '../../src/chains/shared/bridged-chain.ts';
import { statusOf } from '../../src/enclave-client/enclave-status.ts';
import type { EnclaveStatus } from '../../src/protocol/enclave-commands.ts';
import { formatCount, formatMs, printTable } from '../report.ts';
import { beyondMs, type CaughtUp, ceilingMs } from './ceiling.ts';
import type { Observer } from './observer.ts';
import type { RelaySide } from './relay-world.ts';

const LOOK_MS = 500;

/** Where the work after an absence is looked at. */
export interface Watching {
  readonly sides: readonly [ethereum: RelaySide, polkadot: RelaySide];
  readonly observer: Observer;
  /** Address of the enclave's host. */
  readonly enclave: string;
  /** `host:port` where the relayer serves its metrics. */
  readonly status: string;
  /** Of the start of the relayer's process, in milliseconds of Unix time. */
  readonly fromMs: number;
  /** Deposits that each chain has by now. */
  readonly made: bigint;
  /** Ends the watching. */
  readonly signal: AbortSignal;
}

/** When the parts of the work for one chain's deposits were first seen to be done, in milliseconds after the relayer's start. */
export interface Stages {
  /** The journal has the blocks that were final when the relayer started. */
  readonly readMs: number;
  /** The enclave's light client is there. */
  readonly followedMs: number;
  /** The enclave has the deposits. */
  readonly provenMs: number;
  /** The enclave's ledger stands behind a final commit that takes in all of them. */
  readonly committedMs: number;
  /** The first release of one that waited, and the last. */
  readonly firstReleaseMs: number;
  readonly lastReleaseMs: number;
}

/** Watches until all deposits of both chains are released. Those of Ethereum first. */
export async function watchRecovery(watching: Watching): Promise<readonly [Stages, Stages]> {
  const [ethereum, polkadot] = watching.sides;
  return await Promise.all([
    stagesOf(watching, { from: ethereum, to: polkadot }),
    stagesOf(watching, { from: polkadot, to: ethereum }),
  ]);
}

interface Direction {
  readonly from: RelaySide;
  readonly to: RelaySide;
}

async function stagesOf(watching: Watching, { from, to }: Direction): Promise<Stages> {
  const { observer, made } = watching;
  const { chainId } = from.chain;
  const final = await from.chain.finalizedHead();
  const before = observer.released(to);
  const when = (isSo: () => Promise<boolean>) => firstSeenMs(watching, isSo);
  const told = (isSo: (status: EnclaveStatus) => boolean | Promise<boolean>) =>
    when(async () => await isSo(await statusOf(watching.enclave)));
  const [readMs, followedMs, provenMs, committedMs, firstReleaseMs, lastReleaseMs] =
    await Promise.all([
      when(async () => (await cursorOf(watching.status, from)) >= final.number),
      told((status) => hasFollowed(status, from, final)),
      told(({ ingested }) =>
        ingested.some((one) => one.chainId === chainId && one.position.count >= made),
      ),
      told(({ ledger: { inputs } }) =>
        inputs.some((one) => one.chainId === chainId && one.count >= made),
      ),
      when(async () => observer.released(to) > before),
      when(async () => observer.released(to) >= made),
    ]);
  return { readMs, followedMs, provenMs, committedMs, firstReleaseMs, lastReleaseMs };
}

/** Whoever cannot be asked yet, or is busy, says no. */
async function firstSeenMs(
  { signal, fromMs }: Watching,
  isSo: () => Promise<boolean>,
): Promise<number> {
  while (!(await isSo().catch(() => false))) await sleep(LOOK_MS, undefined, { signal });
  return Date.now() - fromMs;
}

async function cursorOf(status: string, { chain }: RelaySide): Promise<number> {
  const metrics = await (await fetch(`http://${status}/metrics`)).text();
  const found = new RegExp(`^veilspan_journal_cursor\\{chain="${chain.name}"\\} (\\d+)`, 'm');
  return Number(found.exec(metrics)?.[1] ?? -1);
}

/** Whether the light client of a chain that finalizes itself knows a block, or one after it, to be final. */
async function hasFollowed(
  { lightClients }: EnclaveStatus,
  { chain }: RelaySide,
  { hash }: BlockRef,
): Promise<boolean> {
  const kind = chain.name === 'ethereum' ? 'ethereum' : 'substrate';
  const held = lightClients.find((client) => client.kind === kind)?.held;
  if (held === undefined || held === null) return false;
  return (await chain.blockTimeSec(held)) >= (await chain.blockTimeSec(hash));
}

/** What an absence left behind, and how it was made up for. */
export interface Recovery {
  readonly hours: number;
  /** Final blocks that a chain made in it. */
  readonly blocks: readonly number[];
  /** Of each direction. */
  readonly directions: readonly (Omit<CaughtUp, 'tookMs'> & {
    readonly name: string;
    readonly stages: Stages;
  })[];
}

/** Prints when which part of it was done, beside what the blocks alone take for the releases. */
export function printRecovery({ hours, blocks, directions }: Recovery): void {
  const caughtUp = directions.map((one) => ({ ...one, tookMs: one.stages.lastReleaseMs }));
  const row = (what: string, atMs: (stages: Stages) => number) => [
    what,
    ...directions.map(({ stages }) => formatMs(atMs(stages))),
  ];
  printTable({
    title: `After ${hours} hours without the relayer`,
    columns: ['from its start', ...directions.map(({ name }) => name)],
    rows: [
      ['deposits that waited', ...directions.map(({ count }) => formatCount(count))],
      ['blocks that were missed', ...blocks.map(formatCount)],
      row('the journal has them', ({ readMs }) => readMs),
      row("the enclave's light client is there", ({ followedMs }) => followedMs),
      row('the enclave has the deposits', ({ provenMs }) => provenMs),
      row('its ledger stands behind a final commit of them', ({ committedMs }) => committedMs),
      row('first release', ({ firstReleaseMs }) => firstReleaseMs),
      row('last release', ({ lastReleaseMs }) => lastReleaseMs),
      ['of which the ceiling alone', ...caughtUp.map((one) => formatMs(ceilingMs(one)))],
      ['beyond it', ...caughtUp.map((one) => formatMs(beyondMs(one)))],
    ],
    note: `Columns are by where deposits go to; blocks are those of the chain they come from. Looked at every ${LOOK_MS} ms.`,
  });
}
