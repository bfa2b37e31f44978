import type { BridgedChain } from '../chains/shared/bridged-chain.ts';
import { type ControlSeen, decodeLogs } from '../chains/shared/decode-logs.ts';
import { NATIVE_TOKEN } from '../protocol/asset.ts';
import type { Hex } from '../shared/bytes.ts';

/** What the anchor says in public of the ledger. */
export interface AnchorFacts {
  /** All that governance has told the ledger, in order. */
  readonly controls: readonly ControlSeen[];
  /** The last round that was committed; 0 before the first. */
  readonly round: bigint;
}

/** Reads an anchor's logs. @param fromBlock in which it was deployed, or any before @throws {ChainError} */
export async function fetchAnchorFacts(
  chain: BridgedChain,
  anchor: Hex,
  fromBlock: number,
): Promise<AnchorFacts> {
  const { number: toBlock } = await chain.head();
  const logs = await chain.logs({ addresses: [anchor], fromBlock, toBlock });
  const { name, chainId } = chain;
  // None of these logs is a gateway's.
  const place = { chain: name, chainId, gateway: NATIVE_TOKEN, isFinal: false };
  const { controls, commits } = decodeLogs(logs, place);
  return { controls, round: commits.at(-1)?.round ?? 0n };
}
