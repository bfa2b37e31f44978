import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDeposit } from '../../src/client/deposit.ts';
import { fetchFinalityRules } from '../../src/client/finality-rules.ts';
import { openSources } from '../../src/client/open-sources.ts';
import { loadConfig } from '../../src/config/load.ts';
import { firstStatus, ingestedBy, statusOf } from '../../src/enclave-client/enclave-status.ts';
import type { EnclaveStatus } from '../../src/protocol/enclave-commands.ts';
import { type DevnetConfig, devnetConfigSchema } from '../config.ts';
import { startWorld, type World } from '../world.ts';
import { openBooks, settleTransfer } from './accounts.ts';
import type { BalanceLine } from './bookkeeping.ts';
import { type BridgeProcess, startBridgeProcess } from './child-process.ts';
import { createFollower, type Follower } from './follow.ts';
import { createPrinter, type Printer } from './printer.ts';
import { setStage } from './stage.ts';
import {
  firstTransfers,
  type StartedTransfer,
  secondTransfers,
  type Transfer,
} from './transfers.ts';

/** How the demo ended: every balance exact, one off, or without a hand-over to show. */
export type DemoVerdict = 'ok' | 'imbalance' | 'failed';

export interface DemoOptions {
  readonly polkadot: 'typescript' | 'native';
  readonly topology: 'solo' | 'parachain';
  /** Where logs, journal and sealed state go; a new temporary folder if left out. */
  readonly folder?: string;
}

/** Everything that has to be ended again, in the order in which it was started. */
type Cleanup = (() => Promise<void>)[];

const TIMEOUT_MS = 5 * 60_000;

/** Runs the whole bridge on this machine, carries seven transfers and checks every balance. */
export async function runDemo(options: DemoOptions): Promise<DemoVerdict> {
  const startMs = Date.now();
  const { polkadot, topology } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'veilspan-demo-'));
  const cleanup: Cleanup = [];
  try {
    const config = loadConfig(devnetConfigSchema, { folder, polkadot, topology }, {}, '');
    return await perform({ folder, startMs, config, cleanup });
  } finally {
    for (const end of cleanup.reverse()) await end();
  }
}

interface Performance {
  readonly folder: string;
  readonly startMs: number;
  readonly config: DevnetConfig;
  readonly cleanup: Cleanup;
}

async function perform({ folder, startMs, config, cleanup }: Performance): Promise<DemoVerdict> {
  const names = new Map([
    [31_337n, 'ethereum'],
    [420_420_499n, 'polkadot'],
  ]);
  const printer = createPrinter(startMs, names);
  printer.say('starting both chains and deploying the bridge');
  const world = await startWorld(config);
  cleanup.push(() => world.close());
  const socket = join(folder, 'enclave.sock');
  const [first, stage] = await world.hurry(() =>
    Promise.all([startProcesses({ world, folder, printer, cleanup }), setStage(world)]),
  );
  cleanup.push(() => stage.close());
  const sources = openSources(world.client, stage.chains, () => ingestedBy(socket));
  const watch = {
    rules: await fetchFinalityRules(world.client),
    deadlineMs: Date.now() + TIMEOUT_MS,
  };
  const follower = createFollower(sources, watch, printer);
  cleanup.push(() => follower.close());
  const books = await openBooks(stage);
  const transfers = firstTransfers(stage);
  const there = await carry(follower, transfers);
  await follower.until('paid', labelsOf(transfers.filter(({ fundsReturn }) => fundsReturn)));
  const back = await carry(follower, secondTransfers(stage));
  const all = [...there, ...back];
  await follower.until('confirmed', labelsOf(all.map(({ transfer }) => transfer)));
  for (const started of all) settleTransfer(stage, books, started);
  return judge({
    lines: await books.settle(),
    first,
    last: await statusOf(socket),
    printer,
    folder,
  });
}

async function startProcesses(at: {
  world: World;
  folder: string;
  printer: Printer;
  cleanup: Cleanup;
}): Promise<EnclaveStatus> {
  const { world, folder, printer, cleanup } = at;
  const options = { folder, onRestart: printer.say };
  const run = (name: string, args: string[]): BridgeProcess => {
    const child = startBridgeProcess(
      name,
      [...args, '--config', join(folder, `${name}.json`)],
      options,
    );
    cleanup.push(() => child.stop());
    return child;
  };
  const enclave = run('enclave', ['enclave']);
  const status = await firstStatus(join(folder, 'enclave.sock'), AbortSignal.timeout(60_000));
  printer.say(
    `enclave ${status.signer} runs (host pid ${enclave.pid}, emulated); admitting it on both chains`,
  );
  await world.admit(status);
  const relayer = run('relayer', ['relayer', 'run']);
  printer.say(`relayer runs (pid ${relayer.pid}); logs, journal and evidence are in ${folder}`);
  return status;
}

/** Makes the deposits, each user its own one after the other, all users at once. */
async function carry(
  follower: Follower,
  transfers: readonly Transfer[],
): Promise<StartedTransfer[]> {
  const bySigner = Map.groupBy(transfers, ({ source }) => source.signer);
  const started = await Promise.all(
    [...bySigner.values()].map(async (ofOneUser) => {
      const ofUser: StartedTransfer[] = [];
      for (const transfer of ofOneUser) {
        const deposit = await makeDeposit(transfer.source, transfer.request);
        const one = { transfer, deposit, tags: transfer.tags(deposit.transfer) };
        ofUser.push(one);
        follower.add(one);
      }
      return ofUser;
    }),
  );
  return started.flat();
}

function labelsOf(transfers: readonly Transfer[]): string[] {
  return transfers.map(({ label }) => label);
}

interface Verdict {
  readonly lines: readonly BalanceLine[];
  readonly first: EnclaveStatus;
  readonly last: EnclaveStatus;
  readonly printer: Printer;
  readonly folder: string;
}

function judge({ lines, first, last, printer, folder }: Verdict): DemoVerdict {
  printer.table(lines);
  const periods = Number((last.ethereum?.period ?? 0n) - (first.ethereum?.period ?? 0n));
  const sets = Number(last.polkadot.setId - first.polkadot.setId);
  printer.say(
    `followed ${periods} hand-over(s) of the sync committee and ${sets} of the GRANDPA set`,
  );
  printer.say(`check the evidence yourself: npx veilspan verify ${folder}/evidence.jsonl`);
  const wrong = lines.filter(({ after, expected }) => after !== expected);
  if (wrong.length > 0) {
    printer.say(`${wrong.length} balance(s) are not what they must be`);
    return 'imbalance';
  }
  if (periods < 1 || sets < 1) {
    printer.say('no hand-over was seen: the demo has not shown what it promises');
    return 'failed';
  }
  printer.say(`all ${lines.length} balances are exact`);
  return 'ok';
}
