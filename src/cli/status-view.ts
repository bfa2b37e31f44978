import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Connections, connect } from '../client/connect.ts';
import { fetchFinalityRules } from '../client/finality-rules.ts';
import { type LegState, legStates, withPayouts } from '../client/leg-states.ts';
import { type OpenSources, openSources } from '../client/open-sources.ts';
import { type OrderRecord, parseOrderRecord } from '../client/order-record.ts';
import { messagesOf, reportSecret, reportTag, reportTransfer } from '../client/report-subject.ts';
import { requireContracts } from '../client/require-contracts.ts';
import { stepEtaSec } from '../client/transfer-eta.ts';
import type { Sources } from '../client/transfer-history.ts';
import type { TransferReport } from '../client/transfer-report.ts';
import type { ClientConfig } from '../config/client.ts';
import { ingestedBy } from '../enclave-client/enclave-status.ts';
import type { TransferRef } from '../protocol/transfer-tags.ts';
import type { Hex } from '../shared/bytes.ts';
import { CommandLineError } from './command-line-error.ts';
import { reportForeign } from './foreign-transaction.ts';
import { cacheFolder, createLogCache } from './log-cache.ts';
import type { Subject } from './status-subject.ts';

/** What a look at the chains has shown. */
export interface StatusView {
  readonly report: TransferReport | undefined;
  readonly ref: TransferRef | undefined;
  /** Seconds until it can be expected to be a step further. */
  readonly etaSec: number | undefined;
  /** When the blocks of the history were made, in seconds of Unix time, by `<chain id>/<number>`. */
  readonly times: ReadonlyMap<string, bigint>;
  /** Of an order that was saved: it, and where its payouts are. */
  readonly order?: { readonly record: OrderRecord; readonly legs: readonly LegState[] };
}

/** Looks at the chains as often as it is asked to. */
export interface StatusViewer {
  look(): Promise<StatusView>;
  close(): Promise<void>;
}

/** Connects to all chains of a configuration. @throws {ChainError} @throws {ContractMissing} */
export async function openStatusView(
  client: ClientConfig,
  subject: Subject,
): Promise<StatusViewer> {
  const connections = await connect(client);
  try {
    await requireContracts(client, connections.chains);
  } catch (error) {
    await connections.close();
    throw error;
  }
  const { enclave } = client;
  const sources = openSources(client, connections.chains, {
    askIngested: enclave === undefined ? undefined : () => ingestedBy(enclave),
    storeFor: ({ chainId, gateway }) =>
      createLogCache(join(cacheFolder(process.env), `${chainId}-${gateway}.jsonl`)),
  });
  const looking = { client, connections, sources };
  return { look: () => look(looking, subject), close: () => connections.close() };
}

interface Looking {
  readonly client: ClientConfig;
  readonly connections: Connections;
  readonly sources: OpenSources;
}

async function look(looking: Looking, subject: Subject): Promise<StatusView> {
  const { client, sources: open } = looking;
  const sources = await open.refresh();
  switch (subject.kind) {
    case 'transfer':
      return await viewTransfer(looking, sources, subject.ref);
    case 'deposit':
      return await viewDeposit(looking, sources, subject.transactionHash);
    case 'tag':
      return await view(looking, sources, reportTag(sources, client, subject.tag));
    case 'tagSecret':
      return await view(looking, sources, reportSecret(sources, subject.secret));
    case 'order':
      return await viewOrder(looking, sources, subject.file);
  }
}

async function viewTransfer(
  looking: Looking,
  sources: Sources,
  ref: TransferRef,
): Promise<StatusView> {
  const report = reportTransfer(sources, looking.client, ref);
  return { ...(await view(looking, sources, report, ref)), ref };
}

async function viewDeposit(
  looking: Looking,
  sources: Sources,
  transactionHash: Hex,
): Promise<StatusView> {
  const [ref, ...more] = messagesOf(sources, transactionHash);
  if (more.length > 0 && ref !== undefined) {
    const ids = [ref, ...more].map(({ chainId, index }) => `${chainId}:${index}`).join(', ');
    throw new CommandLineError(`the transaction has sent several messages; name one: ${ids}`);
  }
  if (ref !== undefined) return await viewTransfer(looking, sources, ref);
  const { client, connections } = looking;
  const places = client.chains.flatMap(({ chainId, gateway }) => {
    const chain = connections.chains.get(chainId);
    const index = sources.chains.get(chainId);
    return chain === undefined || index === undefined ? [] : [{ chain, gateway, index }];
  });
  return await view(looking, sources, await reportForeign(places, transactionHash));
}

async function viewOrder(looking: Looking, sources: Sources, file: string): Promise<StatusView> {
  const record = parseOrderRecord(readFileSync(file, 'utf8'));
  const order = { record, legs: legStates(sources, record) };
  const { transfer } = record;
  if (transfer === undefined) {
    const times = await timesOf(looking, sources, order.legs.flatMap(placeOf));
    return { ...NOTHING, times, order };
  }
  const { report, times, ...rest } = await viewTransfer(looking, sources, transfer);
  const legTimes = await timesOf(looking, sources, order.legs.flatMap(placeOf));
  return {
    ...rest,
    report: report && withPayouts(report, order.legs),
    times: new Map([...times, ...legTimes]),
    order,
  };
}

function placeOf({ leg: { chainId }, blockNumber }: LegState) {
  return blockNumber === undefined ? [] : [{ chainId, blockNumber }];
}

const NOTHING: StatusView = {
  report: undefined,
  ref: undefined,
  etaSec: undefined,
  times: new Map(),
};

async function view(
  looking: Looking,
  sources: Sources,
  report: TransferReport,
  ref?: TransferRef,
): Promise<StatusView> {
  const times = await timesOf(looking, sources, report.history);
  return { report, ref, etaSec: await etaOf(looking, sources, { report, ref }), times };
}

async function etaOf(
  { client, connections }: Looking,
  sources: Sources,
  { report, ref }: { readonly report: TransferReport; readonly ref: TransferRef | undefined },
): Promise<number | undefined> {
  if (report.isOver || report.history.length === 0) return undefined;
  const chain = client.chains.find(({ chainId }) => chainId === ref?.chainId);
  const message = sources.chains
    .get(ref?.chainId ?? -1n)
    ?.seen()
    .messages.find(({ index }) => index === ref?.index);
  return stepEtaSec(report.history, {
    sources,
    rules: await fetchFinalityRules(client, connections),
    schedule: client.rounds,
    lagSec: chain?.lagSec,
    sentAtSec: message?.sentAtSec,
    nowSec: BigInt(Math.floor(Date.now() / 1000)),
  });
}

/** A node that does not tell the time of a block leaves it out, and no more. */
async function timesOf(
  { connections }: Looking,
  sources: Sources,
  steps: readonly { readonly chainId: bigint; readonly blockNumber: number }[],
): Promise<Map<string, bigint>> {
  const times = new Map<string, bigint>();
  for (const { chainId, blockNumber } of steps) {
    const key = `${chainId}/${blockNumber}`;
    const hash = sources.chains.get(chainId)?.blockHashOf(blockNumber);
    if (hash === undefined || times.has(key)) continue;
    const timeSec = await connections.chains
      .get(chainId)
      ?.blockTimeSec(hash)
      .catch(() => undefined);
    if (timeSec !== undefined) times.set(key, timeSec);
  }
  return times;
}
