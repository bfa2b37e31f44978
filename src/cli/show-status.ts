import { connect } from '../client/connect.ts';
import { finalityEtaMs } from '../client/finality-eta.ts';
import { fetchFinalityRules } from '../client/finality-rules.ts';
import { awaitedBlock, explainReason, nextStep } from '../client/next-step.ts';
import { openSources } from '../client/open-sources.ts';
import {
  depositHistory,
  payoutHistory,
  type Sources,
  type StateChange,
  type TransferRef,
} from '../client/transfer-history.ts';
import { formatTable } from '../client/units.ts';
import { type ClientConfig, clientConfigSchema } from '../config/client.ts';
import { loadConfig } from '../config/load.ts';
import { ingestedBy } from '../enclave-client/enclave-status.ts';
import { MAX_PAYOUTS } from '../protocol/envelope-order.ts';
import { payoutTag, publicTag, REFUND_PAYOUT_INDEX } from '../protocol/tag.ts';
import type { Hex } from '../shared/bytes.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** What can be asked about: a deposit in the open, or the payouts that one secret finds. */
export type Subject =
  | { readonly kind: 'transfer'; readonly ref: TransferRef }
  | { readonly kind: 'tagSecret'; readonly secret: Uint8Array };

/** Prints where a transfer is and what comes next. */
export async function showStatus(subject: Subject, file: string): Promise<ExitCode> {
  const client = loadConfig(clientConfigSchema, file, process.env, 'VEILSPAN_CLIENT');
  const chains = await connect(client);
  try {
    const { enclave } = client;
    const ask = enclave === undefined ? undefined : () => ingestedBy(enclave);
    const sources = await openSources(client, chains, ask).refresh();
    const deposit = subject.kind === 'transfer' ? depositHistory(sources, subject.ref) : [];
    const history = [...deposit, ...payoutHistory(sources, tagsOf(client, subject))];
    if (history.length === 0) {
      console.log('nothing known by that name on these chains yet');
      return EXIT.notFound;
    }
    print(client, history, await etaOf(client, sources, history));
    return EXIT.ok;
  } finally {
    await chains.close();
  }
}

/** Milliseconds until what the transfer waits for, if that is finality. */
async function etaOf(
  client: ClientConfig,
  sources: Sources,
  history: readonly StateChange[],
): Promise<number | undefined> {
  const awaited = awaitedBlock(history);
  if (!awaited) return undefined;
  const rule = (await fetchFinalityRules(client)).get(awaited.chainId);
  const head = sources.chains.get(awaited.chainId)?.headNumber();
  return rule && head !== undefined ? finalityEtaMs(rule, awaited.blockNumber, head) : undefined;
}

function print(
  client: ClientConfig,
  history: readonly StateChange[],
  etaMs: number | undefined,
): void {
  const nameOf = (chainId: bigint) =>
    chainId === BigInt(client.ethereum.chainId) ? 'ethereum' : 'polkadot';
  const rows = history.map(({ state, chainId, blockNumber, reason }) => [
    state,
    nameOf(chainId),
    String(blockNumber),
    explainReason(reason),
  ]);
  console.log(formatTable(['state', 'chain', 'block', 'reason'], rows, [2]));
  console.log(`next: ${nextStep(history, etaMs)}`);
}

function tagsOf(client: ClientConfig, subject: Subject): Hex[] {
  if (subject.kind === 'tagSecret') {
    const places = [...Array(MAX_PAYOUTS).keys(), REFUND_PAYOUT_INDEX];
    return places.map((place) => payoutTag(subject.secret, place));
  }
  const { chainId, index } = subject.ref;
  const isEthereum = chainId === BigInt(client.ethereum.chainId);
  const { gateway } = isEthereum ? client.ethereum : client.polkadot;
  return [0, REFUND_PAYOUT_INDEX].map((place) => publicTag(chainId, gateway, index, place));
}
