import type { ClientChain, ClientConfig } from '../config/client.ts';
import { withPublicEnd } from '../protocol/explain.ts';
import {
  publicTags,
  sealedTags,
  type TransferRef,
  type TransferTags,
} from '../protocol/transfer-tags.ts';
import type { Hex } from '../shared/bytes.ts';
import {
  depositHistory,
  payoutHistory,
  type Sources,
  type StateChange,
} from './transfer-history.ts';
import { reportHistory, reportUnknown, type TransferReport } from './transfer-report.ts';

type Client = Pick<ClientConfig, 'chains'>;

/** What is known of a transfer, from its deposit to its payouts; empty of one of a chain that the configuration does not have. */
export function transferHistory(sources: Sources, client: Client, ref: TransferRef): StateChange[] {
  const source = sourceOf(client, ref);
  if (source === undefined) return [];
  const tags = publicTags(ref, source.gateway);
  return [...depositHistory(sources, ref), ...payoutHistory(sources, tags)];
}

/** Where a transfer is. */
export function reportTransfer(sources: Sources, client: Client, ref: TransferRef): TransferReport {
  const source = sourceOf(client, ref);
  if (source === undefined) {
    return reportUnknown(`the configuration has no chain ${ref.chainId}`);
  }
  const told = reportHistory(transferHistory(sources, client, ref), ref);
  if (told === undefined) return reportUnknown(describeMissing(sources, source, ref));
  return withPublicEnd(told, isSealed(sources, ref));
}

function isSealed(sources: Sources, { chainId, index }: TransferRef): boolean {
  const messages = sources.chains.get(chainId)?.seen().messages ?? [];
  return messages.find((message) => message.index === index)?.destination === 0n;
}

function describeMissing(
  sources: Sources,
  { name, chainId, gateway }: ClientChain,
  { index }: TransferRef,
): string {
  const taken = sources.chains.get(chainId)?.seen().messages.length ?? 0;
  const all = taken === 1 ? 'one message' : `${taken} messages`;
  return `the gateway ${gateway} on ${name} has taken ${all} so far, and none of index ${index}`;
}

/** Where the payouts of a sealed order are. @param tagSecret 32 bytes */
export function reportSecret(sources: Sources, tagSecret: Uint8Array): TransferReport {
  return (
    reportPayouts(sources, sealedTags(tagSecret)) ??
    reportUnknown(
      'no chain shows a payout with this secret: it waits in its pool, is on its way, or went back into the account; or there never was one',
    )
  );
}

/** Where the release with a tag is. */
export function reportTag(sources: Sources, client: Client, tag: Hex): TransferReport {
  const refunded = refundedBy(sources, client, tag);
  const tags = refunded ? { ...publicTagsOf(client, refunded), payouts: [] } : { payouts: [tag] };
  return reportPayouts(sources, tags) ?? reportUnknown('no gateway has made a release of this tag');
}

/** The deposit that a release with this tag gives back, if it does: tags of refunds are public. */
function refundedBy(sources: Sources, client: Client, tag: Hex): TransferRef | undefined {
  const refs = [...sources.chains].flatMap(([chainId, index]) =>
    index.seen().messages.map((message) => ({ chainId, index: message.index })),
  );
  return refs.find((ref) => publicTagsOf(client, ref)?.refund === tag);
}

function publicTagsOf(client: Client, ref: TransferRef): TransferTags | undefined {
  const source = sourceOf(client, ref);
  return source && publicTags(ref, source.gateway);
}

function reportPayouts(sources: Sources, tags: TransferTags): TransferReport | undefined {
  return reportHistory(payoutHistory(sources, tags));
}

/** The messages that one transaction has put into outboxes. */
export function messagesOf(sources: Sources, transactionHash: Hex): TransferRef[] {
  return [...sources.chains].flatMap(([chainId, index]) =>
    index
      .seen()
      .messages.filter((message) => message.transactionHash === transactionHash)
      .map((message) => ({ chainId, index: message.index })),
  );
}

function sourceOf({ chains }: Client, { chainId }: TransferRef): ClientChain | undefined {
  return chains.find((chain) => chain.chainId === chainId);
}
