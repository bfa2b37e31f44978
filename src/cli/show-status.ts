import { type Connections, connect } from '../client/connect.ts';
import { finalityEtaMs } from '../client/finality-eta.ts';
import { fetchFinalityRules } from '../client/finality-rules.ts';
import { formatTable } from '../client/format-table.ts';
import { awaitedBlock, explainReason, nextStep } from '../client/next-step.ts';
import { openSources } from '../client/open-sources.ts';
import {
  depositHistory,
  payoutHistory,
  type Sources,
  type StateChange,
} from '../client/transfer-history.ts';
import { type ClientConfig, clientConfigSchema } from '../config/client.ts';
import { loadConfig } from '../config/load.ts';
import { ingestedBy } from '../enclave-client/enclave-status.ts';
import {
  publicTags,
  sealedTags,
  type TransferRef,
  type TransferTags,
} from '../protocol/transfer-tags.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** What can be asked about: a deposit in the open, or the payouts that one secret finds. */
export type Subject =
  | { readonly kind: 'transfer'; readonly ref: TransferRef }
  | { readonly kind: 'tagSecret'; readonly secret: Uint8Array };

/** Prints where a transfer is and what comes next. */
export async function showStatus(subject: Subject, file: string): Promise<ExitCode> {
  const client = loadConfig(clientConfigSchema, file, process.env, 'VEILSPAN_CLIENT');
  const connections = await connect(client);
  try {
    const { enclave } = client;
    const ask = enclave === undefined ? undefined : () => ingestedBy(enclave);
    const sources = await openSources(client, connections.chains, ask).refresh();
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
  subject: Subject,
  client: Pick<ClientConfig, 'chains'>,
  sources: Sources,
): StateChange[] {
  const deposit = subject.kind === 'transfer' ? depositHistory(sources, subject.ref) : [];
  const tags = tagsOf(client, subject);
  return [...deposit, ...(tags ? payoutHistory(sources, tags) : [])];
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
  { chains }: ClientConfig,
  history: readonly StateChange[],
  etaMs: number | undefined,
): void {
  const names = new Map(chains.map(({ chainId, name }) => [chainId, name]));
  const rows = history.map(({ state, chainId, blockNumber, reason }) => [
    state,
    names.get(chainId) ?? String(chainId),
    String(blockNumber),
    explainReason(reason),
  ]);
  console.log(formatTable(['state', 'chain', 'block', 'reason'], rows, [2]));
  console.log(`next: ${nextStep(history, etaMs)}`);
}

/** Undefined for a transfer of a chain that the configuration does not have. */
function tagsOf(
  { chains }: Pick<ClientConfig, 'chains'>,
  subject: Subject,
): TransferTags | undefined {
  if (subject.kind === 'tagSecret') return sealedTags(subject.secret);
  const source = chains.find(({ chainId }) => chainId === subject.ref.chainId);
  return source && publicTags(subject.ref, source.gateway);
}
