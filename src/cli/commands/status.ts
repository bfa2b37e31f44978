import { type Command, InvalidArgumentError } from 'commander';
import { type ClientConfig, clientConfigSchema } from '../../config/client.ts';
import { loadConfig } from '../../config/load.ts';
import { MAX_PAYOUTS } from '../../protocol/envelope-order.ts';
import { payoutTag, publicTag, REFUND_PAYOUT_INDEX } from '../../protocol/tag.ts';
import { fromHex, type Hex } from '../../shared/bytes.ts';
import { finalityEtaMs } from '../../status/finality-eta.ts';
import { fetchFinalityRules } from '../../status/finality-rules.ts';
import { awaitedBlock, explainReason, nextStep } from '../../status/next-step.ts';
import { openSources } from '../../status/open-sources.ts';
import {
  depositHistory,
  payoutHistory,
  type Sources,
  type StateChange,
  type TransferRef,
} from '../../status/transfer.ts';
import { connect } from '../connect.ts';
import { ingestedBy } from '../enclave-status.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatTable } from '../format.ts';

/** What can be asked about: a deposit in the open, or the payouts that one secret finds. */
type Subject =
  | { readonly kind: 'transfer'; readonly ref: TransferRef }
  | { readonly kind: 'tagSecret'; readonly secret: Uint8Array };

/** `veilspan status`: where a transfer is, read off the chains. */
export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .summary('where a transfer is, and what comes next')
    .description(
      'Tells where a transfer is and what comes next, read straight off the chains: nobody is asked and ' +
        'nobody learns who looked. A transfer id shows the way to the commit, and a transparent payout; a tag ' +
        'secret finds the payouts of a sealed one.',
    )
    .argument('<transfer id | tag secret>', '<chain id>:<index>, or 32 bytes of hex', parseSubject)
    .requiredOption(
      '-c, --config <file>',
      'client configuration (docs/config.md; the devnet writes one)',
    )
    .action(async (subject: Subject, options: { config: string }) => {
      process.exitCode = await run(subject, options.config);
    });
}

async function run(subject: Subject, file: string): Promise<ExitCode> {
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

function parseSubject(text: string): Subject {
  const id = /^([0-9]{1,20}):([0-9]{1,20})$/.exec(text);
  if (id) {
    const ref = { chainId: BigInt(id[1] ?? 0), index: BigInt(id[2] ?? 0) };
    return { kind: 'transfer', ref };
  }
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return { kind: 'tagSecret', secret: fromHex(text, 32) };
  throw new InvalidArgumentError('expected <chain id>:<index>, or 0x and 64 hex digits.');
}
