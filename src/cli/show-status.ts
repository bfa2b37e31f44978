import { readFileSync } from 'node:fs';
import { type Connections, connect } from '../client/connect.ts';
import { finalityEtaMs } from '../client/finality-eta.ts';
import { fetchFinalityRules } from '../client/finality-rules.ts';
import { formatTable } from '../client/format-table.ts';
import { legStates } from '../client/leg-states.ts';
import { awaitedBlock, explainReason, nextStep } from '../client/next-step.ts';
import { openSources } from '../client/open-sources.ts';
import { parseOrderRecord } from '../client/order-record.ts';
import {
  depositHistory,
  payoutHistory,
  type Sources,
  type StateChange,
} from '../client/transfer-history.ts';
import { formatAmount } from '../client/units.ts';
import { type ClientConfig, clientConfigSchema } from '../config/client.ts';
import { loadConfig } from '../config/load.ts';
import { ingestedBy } from '../enclave-client/enclave-status.ts';
import { publicTags, sealedTags, type TransferTags } from '../protocol/transfer-tags.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { HistorySubject, Subject } from './status-subject.ts';

/** Prints where a transfer is and what comes next. */
export async function showStatus(subject: Subject, file: string): Promise<ExitCode> {
  const client = loadConfig(clientConfigSchema, file, process.env, 'VEILSPAN_CLIENT');
  const connections = await connect(client);
  try {
    const { enclave } = client;
    const ask = enclave === undefined ? undefined : () => ingestedBy(enclave);
    const sources = await openSources(client, connections.chains, ask).refresh();
    if (subject.kind === 'order') return printOrder(subject.file, client, sources);
    const history = historyOf(subject, client, sources);
    if (history.length === 0) {
      console.log('nothing known by that name on these chains yet');
      return EXIT.notFound;
    }
    print(client, history, await etaOf({ client, connections, sources }, history));
    return EXIT.ok;
  } finally {
    await connections.close();
  }
}

/** What is known of a subject, from its deposit to its payouts. */
export function historyOf(
  subject: HistorySubject,
  client: Pick<ClientConfig, 'chains'>,
  sources: Sources,
): StateChange[] {
  const deposit = subject.kind === 'transfer' ? depositHistory(sources, subject.ref) : [];
  const tags = tagsOf(client, subject);
  return [...deposit, ...(tags ? payoutHistory(sources, tags) : [])];
}

function printOrder(file: string, client: ClientConfig, sources: Sources): ExitCode {
  const record = parseOrderRecord(readFileSync(file, 'utf8'));
  const { transfer } = record;
  if (transfer) {
    const history = historyOf({ kind: 'transfer', ref: transfer }, client, sources);
    print(client, history, undefined);
    console.log('');
  }
  const token = client.tokens.find(({ asset }) => asset === record.asset);
  const rows = legStates(sources, record).map(({ leg, state, blockNumber, reason }) => [
    token ? formatAmount(token, leg.amount) : `${leg.amount}`,
    leg.mode,
    nameOf(client, leg.chainId),
    state,
    blockNumber === undefined ? '' : `${blockNumber}`,
    explainReason(reason),
  ]);
  if (rows.length === 0) {
    console.log('the order pays nobody: all of it is credited to the account');
    return EXIT.ok;
  }
  const header = ['payout', 'mode', 'chain', 'state', 'block', 'reason'];
  console.log(formatTable(header, rows, [0, 4]));
  return EXIT.ok;
}

function nameOf({ chains }: Pick<ClientConfig, 'chains'>, id: bigint): string {
  if (id === 0n) return 'the ledger';
  return chains.find(({ chainId }) => chainId === id)?.name ?? `${id}`;
}

interface Looking {
  readonly client: ClientConfig;
  readonly connections: Connections;
  readonly sources: Sources;
}

/** Milliseconds until what the transfer waits for, if that is finality. */
async function etaOf(
  { client, connections, sources }: Looking,
  history: readonly StateChange[],
): Promise<number | undefined> {
  const awaited = awaitedBlock(history);
  if (!awaited) return undefined;
  const rule = (await fetchFinalityRules(client, connections)).get(awaited.chainId);
  const head = sources.chains.get(awaited.chainId)?.headNumber();
  return rule && head !== undefined ? finalityEtaMs(rule, awaited.blockNumber, head) : undefined;
}

function print(
  client: ClientConfig,
  history: readonly StateChange[],
  etaMs: number | undefined,
): void {
  const rows = history.map(({ state, chainId, blockNumber, reason }) => [
    state,
    nameOf(client, chainId),
    String(blockNumber),
    explainReason(reason),
  ]);
  console.log(formatTable(['state', 'chain', 'block', 'reason'], rows, [2]));
  console.log(`next: ${nextStep(history, etaMs)}`);
}

/** Undefined for a transfer of a chain that the configuration does not have. */
function tagsOf(
  { chains }: Pick<ClientConfig, 'chains'>,
  subject: HistorySubject,
): TransferTags | undefined {
  if (subject.kind === 'tagSecret') return sealedTags(subject.secret);
  const source = chains.find(({ chainId }) => chainId === subject.ref.chainId);
  return source && publicTags(subject.ref, source.gateway);
}
