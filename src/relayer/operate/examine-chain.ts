import { type OpenChains, openChains } from '../../chains/open-chains.ts';
import { ANCHOR_ABI, GATEWAY_ABI, REGISTERED_ABI } from '../../chains/shared/abi.ts';
import type { BlockRef, BridgedChain } from '../../chains/shared/bridged-chain.ts';
import { readContract } from '../../chains/shared/read-contract.ts';
import type { RelayerChain, RelayerConfig } from '../../config/relayer.ts';
import { GATEWAY_SLOTS } from '../../protocol/contracts.ts';
import type { Vitals } from '../vitals.ts';
import { signerChecks } from './examine-signers.ts';
import {
  type Check,
  describeFailure,
  examineAll,
  type Finding,
  failure,
  good,
  warning,
} from './finding.ts';
import type { JournalStanding } from './journal-standing.ts';

/** What a chain is held against. */
export interface ChainSurroundings {
  readonly config: RelayerConfig;
  readonly vitals: Vitals;
  /** Of the journal; undefined if it could not be opened. */
  readonly standing: JournalStanding | undefined;
  /** Whether a relayer runs on that journal, which goes on meanwhile. */
  readonly isRunning: boolean;
  /** Milliseconds of Unix time. */
  nowMs(): number;
}

interface Seen extends ChainSurroundings {
  readonly entry: RelayerChain;
  readonly chain: BridgedChain;
  readonly name: string;
  readonly finalized: BlockRef;
}

/** Opens one chain by itself, with the light client that makes it final. @throws {ChainError} as `openChains` */
export async function openOne(config: RelayerConfig, entry: RelayerChain): Promise<OpenChains> {
  const lightClients = config.lightClients.filter(({ id }) => id === entry.lightClient);
  return await openChains({ lightClients, chains: [entry] }, config.pollMs);
}

/** Everything that is checked of one chain. */
export async function examineChain(
  entry: RelayerChain,
  around: ChainSurroundings,
): Promise<Finding[]> {
  const name = `chain ${entry.name}`;
  const fix = `correct url and chainId of ${entry.name} and the url of light client ${entry.lightClient}, or start the node`;
  let opened: OpenChains;
  let finalized: BlockRef;
  const reachable = `${name}: reachable`;
  const opening = openOne(around.config, entry);
  try {
    opened = await around.vitals.wait(`check ${reachable}`, OPEN_MS, () => opening);
  } catch (error) {
    // One that opens later than anybody waits for is closed then.
    void opening.then(({ close }) => close()).catch(() => undefined);
    return [failure(reachable, describeFailure(error), fix)];
  }
  try {
    const chain = opened.chains.get(entry.chainId);
    if (chain === undefined) return [failure(reachable, 'it was not opened', fix)];
    finalized = await around.vitals.wait(`check ${name}: finality`, OPEN_MS, () =>
      chain.finalizedHead(),
    );
    const seen = { ...around, entry, chain, name, finalized };
    return [
      good(reachable, `chain id ${entry.chainId}`),
      ...(await examineAll(around.vitals, checksOf(seen))),
    ];
  } catch (error) {
    return [failure(`${name}: finality`, describeFailure(error), fix)];
  } finally {
    await opened.close();
  }
}

const OPEN_MS = 20_000;

function checksOf(seen: Seen): Check[] {
  const { name, entry } = seen;
  const node = `ask another node of ${entry.name}`;
  const address = 'compare the addresses in the configuration with the deployment';
  return [
    { name: `${name}: head`, fix: node, look: () => lookAtHead(seen) },
    { name: `${name}: finality`, fix: node, look: () => lookAtFinality(seen) },
    { name: `${name}: contracts`, fix: address, look: () => lookAtContracts(seen) },
    { name: `${name}: state`, fix: node, look: () => lookAtState(seen) },
    { name: `${name}: history`, fix: node, look: () => lookAtHistory(seen) },
    { name: `${name}: ranges`, fix: node, look: () => lookAtRanges(seen) },
    { name: `${name}: cursor`, fix: node, look: async () => lookAtCursor(seen) },
    ...signerChecks(seen),
  ];
}

const OLD_HEAD_SEC = 120;
const STALE_HEAD_SEC = 600;
const AHEAD_SEC = 15;

async function ageSec({ chain, nowMs }: Seen, { hash }: BlockRef): Promise<number> {
  return Math.round(nowMs() / 1000) - Number(await chain.blockTimeSec(hash));
}

async function lookAtHead(seen: Seen): Promise<Finding> {
  const check = `${seen.name}: head`;
  const head = await seen.chain.head();
  const age = await ageSec(seen, head);
  const says = `block ${head.number}, ${age} s old`;
  if (age < -AHEAD_SEC) {
    return failure(check, says, 'set the clock of this machine: it is behind the chain’s');
  }
  if (age <= OLD_HEAD_SEC) return good(check, says);
  const fix =
    'see whether the node follows its chain, and whether the clock of this machine is right';
  return age > STALE_HEAD_SEC ? failure(check, says, fix) : warning(check, says, fix);
}

async function lookAtFinality(seen: Seen): Promise<Finding> {
  const { finalized, entry } = seen;
  const check = `${seen.name}: finality`;
  const age = await ageSec(seen, finalized);
  const says = `block ${finalized.number} is final, ${age} s old; lagSec is ${entry.lagSec}`;
  if (BigInt(age) <= entry.lagSec) return good(check, says);
  const fix = `rounds wait for ${entry.name}: see whether its finality advances; if it never is faster, lagSec is too small for this network`;
  return age > 10 * Number(entry.lagSec) ? failure(check, says, fix) : warning(check, says, fix);
}

async function lookAtContracts({ chain, entry, config, name }: Seen): Promise<Finding> {
  const check = `${name}: contracts`;
  const fix = 'compare the addresses in the configuration with the deployment';
  const gateway = { chain, address: entry.gateway };
  const [sent] = await readContract({ ...gateway, abi: GATEWAY_ABI }, 'sentCount');
  const [registry] = await readContract({ ...gateway, abi: REGISTERED_ABI }, 'registry');
  const says = `the gateway has taken ${sent} messages; its registry is ${String(registry).toLowerCase()}`;
  if (entry.chainId !== config.anchor.chainId) return good(check, says);
  const anchor = { chain, address: config.anchor.address };
  const [number] = await readContract({ ...anchor, abi: ANCHOR_ABI }, 'number');
  const [other] = await readContract({ ...anchor, abi: REGISTERED_ABI }, 'registry');
  const both = `${says}; the anchor has ${number} commits`;
  return other === registry
    ? good(check, both)
    : failure(check, `${both}, and another registry, ${String(other).toLowerCase()}`, fix);
}

async function lookAtState({ chain, entry, finalized, name }: Seen): Promise<Finding> {
  await chain.word(entry.gateway, GATEWAY_SLOTS.sentCount, finalized.hash);
  return good(`${name}: state`, `the node has the state of final block ${finalized.number}`);
}

const HISTORY_BLOCKS = 8;

async function lookAtHistory({ chain, entry, name }: Seen): Promise<Finding> {
  const check = `${name}: history`;
  const fromBlock = entry.fromBlock;
  try {
    const toBlock = fromBlock + HISTORY_BLOCKS;
    await chain.logs({ addresses: [entry.gateway], fromBlock, toBlock });
  } catch (error) {
    const says = `what was logged from block ${fromBlock} on cannot be read: ${describeFailure(error)}`;
    const fix = 'use an archive node, or a lost journal cannot be read from the chain again';
    return warning(check, says, fix);
  }
  return good(check, `the node has what was logged from block ${fromBlock} on`);
}

/** What a relayer asks for at once where a node lets it. */
const RANGE_BLOCKS = 500;
const MANY_CALLS = 8;
const LOGS = 'eth_getLogs';

/** A node that limits ranges is asked for halves of them, which takes longer and is counted by whoever sells the calls. */
async function lookAtRanges({ chain, entry, finalized, name }: Seen): Promise<Finding> {
  const check = `${name}: ranges`;
  const before = chain.calls().get(LOGS) ?? 0;
  if (before === 0) return good(check, 'it is asked about single blocks');
  const toBlock = finalized.number;
  const fromBlock = Math.max(Math.min(entry.fromBlock, toBlock), toBlock - RANGE_BLOCKS + 1);
  await chain.logs({ addresses: [entry.gateway], fromBlock, toBlock });
  const calls = (chain.calls().get(LOGS) ?? 0) - before;
  const says = `the logs of ${toBlock - fromBlock + 1} blocks take ${calls} calls`;
  return calls <= MANY_CALLS
    ? good(check, says)
    : warning(
        check,
        says,
        `use a node of ${entry.name} that allows ranges of ${RANGE_BLOCKS} blocks`,
      );
}

const FAR_BEHIND_BLOCKS = 1000;

function lookAtCursor({ standing, entry, finalized, name }: Seen): Finding {
  const check = `${name}: cursor`;
  const cursor = standing?.cursors.find(({ chainId }) => chainId === `${entry.chainId}`);
  if (cursor === undefined) return good(check, 'nothing is journaled yet');
  const behind = finalized.number - cursor.block;
  const says = `journaled up to block ${cursor.block}, ${behind} behind what is final`;
  if (behind < 0) {
    const fix = 'the node is behind, or of another chain than the journal: ask another node';
    return warning(check, says, fix);
  }
  return behind <= FAR_BEHIND_BLOCKS
    ? good(check, says)
    : warning(check, says, 'see whether a relayer runs, and what its watch lane says');
}
