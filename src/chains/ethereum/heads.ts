import type { BridgedChain } from '../shared/bridged-chain.ts';
import { createHeadFeed, type HeadFeed } from '../shared/head-feed.ts';
import { toQuantity } from '../shared/node-hex.ts';
import { createNodeLine, type LinePatience } from '../shared/node-line.ts';

// SPEC: geth's JSON-RPC, real-time events: https://geth.ethereum.org/docs/interacting-with-geth/rpc/pubsub
const NEW_HEADS = { begin: ['eth_subscribe', ['newHeads']], end: 'eth_unsubscribe' } as const;

/** Hints of new blocks that Ethereum nodes give over WebSockets. */
export interface EthereumHeads extends HeadFeed {
  close(): void;
}

/**
 * Creates a feed of the nodes at these addresses, none of which is connected to before somebody wants to hear of it.
 *
 * @param patience other than the usual one
 */
export function createEthereumHeads(
  { name, chainId }: Pick<BridgedChain, 'name' | 'chainId'>,
  wsUrls: readonly string[],
  patience: Partial<LinePatience> = {},
): EthereumHeads {
  const dialect = {
    greeting: ['eth_chainId', []],
    expected: toQuantity(chainId),
    lifeSign: 'eth_chainId',
  } as const;
  const lines = wsUrls.map((url) => createNodeLine(name, url, { dialect, patience }));
  const feeds = lines.map((line) => createHeadFeed(line, NEW_HEADS));
  let isOpen = false;
  return {
    onHead: (tell) => {
      for (const feed of feeds) feed.onHead(tell);
      if (isOpen) return;
      isOpen = true;
      // One that does not answer now is connected to again, and what it would tell of is asked for anyway.
      for (const line of lines) line.open().catch(() => undefined);
    },
    seen: (head) => {
      for (const feed of feeds) feed.seen(head);
    },
    close: () => {
      for (const line of lines) line.close();
    },
  };
}
