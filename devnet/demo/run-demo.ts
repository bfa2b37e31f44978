import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../src/client/connect.ts';
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
import { type EndedTransfer, settleLedger } from './expectations.ts';
import { createFollower, type Follower } from './follow.ts';
import { postFor } from './post-order.ts';
import { createPrinter, type Printer } from './printer.ts';
import type { TransferPlan } from './scenario.ts';
import { type Stage, setStage } from './stage.ts';
import { prepareTransfer } from './transfers.ts';

/** How the demo ended: every balance exact, one off, or without a hand-over to show. */
export type DemoVerdict = 'ok' | 'imbalance' | 'failed';

export interface DemoOptions {
  readonly polkadot: 'typescript' | 'native';
  readonly topology: 'solo' | 'parachain';
  readonly parachains: number;
  /** Where logs, journal and sealed state go; a new temporary folder if left out. */
  readonly folder?: string;
}

/** Everything that has to be ended again, in the order in which it was started. */
type Cleanup = (() => Promise<void>)[];

/** Starts of an enclave that ends before it answers, and how long one that does not end may take. */
const MAX_STARTS = 3;
const FIRST_STATUS_MS = 10 * 60_000;

/** Runs the whole bridge on this machine, carries the scenario's transfers and checks every balance. */
export async function runDemo(options: DemoOptions): Promise<DemoVerdict> {
  const startMs = Date.now();
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'veilspan-demo-'));
  const cleanup: Cleanup = [];
  try {
    const config = loadConfig(devnetConfigSchema, { ...options, folder }, {}, '');
    return await perform({ folder, config, cleanup, printer: createPrinter(startMs) });
  } finally {
    for (const end of cleanup.reverse()) await end();
  }
}

interface Performance {
  readonly folder: string;
  readonly config: DevnetConfig;
  readonly printer: Printer;
  readonly cleanup: Cleanup;
}

async function perform(performance: Performance): Promise<DemoVerdict> {
  const { folder, config, printer, cleanup } = performance;
  printer.say('starting the chains and deploying the bridge');
  const world = await startWorld(config);
  cleanup.push(() => world.close());
  const connections = await connect(world.client);
  cleanup.push(() => connections.close());
  const socket = join(folder, 'enclave.sock');
  const [first, stage] = await world.hurry(() =>
    Promise.all([startProcesses(world, performance), setStage(world, connections, socket)]),
  );
  const follower = await startFollower(stage, performance);
  cleanup.push(() => follower.close());
  const books = await openBooks(stage);
  await carryAll(stage, follower);
  const ended = follower.ended();
  for (const each of ended) settleTransfer(stage, books, each);
  return judge({
    lines: [...(await books.settle()), ...(await settleLedger(stage, ended))],
    missing: findMissing(ended),
    first,
    last: await statusOf(socket),
    printer,
    folder,
  });
}

async function startFollower(stage: Stage, { folder, printer }: Performance): Promise<Follower> {
  const { client, chains } = stage.world;
  const socket = join(folder, 'enclave.sock');
  return createFollower({
    sources: openSources(client, stage.connections.chains, {
      askIngested: () => ingestedBy(socket),
    }),
    rules: await fetchFinalityRules(client, stage.connections),
    nameOf: (id) => chains.find(({ chainId }) => chainId === id)?.name ?? `${id}`,
    claim: (index, { claimedBy = '' }) => stage.claim(index, stage.addressOf(claimedBy)),
    inside: {
      ask: stage.ask,
      post: (transfer, answer) => postFor(stage, transfer, { answer, folder }),
    },
    printer,
  });
}

/** Both waves, the second as soon as the first has brought what it spends. */
async function carryAll(stage: Stage, follower: Follower): Promise<void> {
  const { first, second } = stage.scenario;
  await carry(stage, follower, first);
  const funding = first.filter(({ fundsReturn }) => fundsReturn);
  await follower.until('paid', funding);
  await carry(stage, follower, second);
  await follower.until('confirmed', [...first, ...second]);
}

async function startProcesses(world: World, at: Performance): Promise<EnclaveStatus> {
  const { folder, printer, cleanup } = at;
  const run = (name: string, args: string[]): BridgeProcess => {
    const child = startBridgeProcess(name, [...args, '--config', join(folder, `${name}.json`)], {
      folder,
      onRestart: printer.say,
    });
    cleanup.push(() => child.stop());
    return child;
  };
  const enclave = run('enclave', ['enclave']);
  const status = await firstStatus(join(folder, 'enclave.sock'), patienceWith(enclave));
  printer.say(
    `enclave ${status.signer} runs (host pid ${enclave.pid}, emulated); admitting it on all chains`,
  );
  await world.admit(status);
  const relayer = run('relayer', ['relayer', 'run']);
  printer.say(`relayer runs (pid ${relayer.pid}); logs, journal and evidence are in ${folder}`);
  return status;
}

/** Aborts when a process has ended too often, or has neither ended nor answered for very long. */
function patienceWith(child: BridgeProcess): AbortSignal {
  const ended = new AbortController();
  child.onEnd((times) => {
    const why = `the ${child.name} ended ${times} times before it answered: see its log`;
    if (times >= MAX_STARTS) ended.abort(new Error(why));
  });
  return AbortSignal.any([ended.signal, AbortSignal.timeout(FIRST_STATUS_MS)]);
}

/** Makes the deposits, each user its own one after the other, all users at once. */
async function carry(
  stage: Stage,
  follower: Follower,
  plans: readonly TransferPlan[],
): Promise<void> {
  const ofUsers = [...Map.groupBy(plans, ({ payer }) => payer).values()];
  await Promise.all(
    ofUsers.map(async (ofOneUser) => {
      for (const plan of ofOneUser) {
        const transfer = await prepareTransfer(stage, plan);
        const deposit = await makeDeposit(transfer.source, transfer.request);
        follower.add({ transfer, deposit, tags: transfer.tags(deposit.transfer) });
      }
    }),
  );
}

/** What the demo promises to show and has not. */
function findMissing(ended: readonly EndedTransfer[]): string | undefined {
  const pooled = ended.filter(({ transfer }) => transfer.plan.way === 'pooled');
  const outcomes = new Set(pooled.map(({ outcome }) => outcome));
  if (!outcomes.has('paid')) return 'no payout left its pool';
  return outcomes.has('returned') ? undefined : 'no payout went back into its account';
}

interface Verdict {
  readonly lines: readonly BalanceLine[];
  readonly missing: string | undefined;
  readonly first: EnclaveStatus;
  readonly last: EnclaveStatus;
  readonly printer: Printer;
  readonly folder: string;
}

function judge({ lines, missing, first, last, printer, folder }: Verdict): DemoVerdict {
  printer.table(lines);
  const handOvers = last.lightClients.map(({ client, committee }) => {
    const before = first.lightClients.find((each) => each.client === client);
    return { client, count: Number(committee - (before?.committee ?? committee)) };
  });
  const counts = handOvers.map(({ client, count }) => `${count} of ${client}'s`);
  printer.say(`followed hand-overs of committees: ${counts.join(', ')}`);
  printer.say(`check the evidence yourself: npx veilspan verify ${folder}/evidence.jsonl`);
  const wrong = lines.filter(({ after, expected }) => after !== expected);
  if (wrong.length > 0) {
    printer.say(`${wrong.length} balance(s) are not what they must be`);
    return 'imbalance';
  }
  if (handOvers.some(({ count }) => count < 1)) {
    printer.say('no hand-over was seen: the demo has not shown what it promises');
    return 'failed';
  }
  if (missing !== undefined) {
    printer.say(`${missing}: the demo has not shown what it promises`);
    return 'failed';
  }
  printer.say(`all ${lines.length} balances are exact`);
  return 'ok';
}
