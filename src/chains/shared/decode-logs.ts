import type { Commit, Cursor } from '../../protocol/commit.ts';
import { MAX_ENVELOPE_BYTES } from '../../protocol/message.ts';
import type { Hex } from '../../shared/bytes.ts';
import { ANCHOR_ABI, GATEWAY_ABI } from './abi.ts';
import { ChainError, type ContractLog } from './bridged-chain.ts';
import { type DecodedEvent, decodeEvent, hexArg, integerArg } from './decode-event.ts';

/** Where a log stands, and whether its block was final when it was read. */
interface LogPlace {
  readonly blockNumber: number;
  readonly isFinal: boolean;
}

/** A deposit or a post as its event tells it: a hint until the enclave has replayed it. */
export interface MessageSeen extends LogPlace {
  readonly chainId: bigint;
  readonly index: bigint;
  readonly sentAtSec: bigint;
  readonly sender: Hex;
  readonly refundTo: Hex;
  readonly asset: Hex;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly destination: bigint;
  readonly envelope: Hex;
  readonly sentHead: Hex;
  readonly transactionHash: Hex;
}

/** A commit as the anchor logged it. */
export interface CommitSeen extends LogPlace, Commit {
  /** Null in what was journaled before that was kept. */
  readonly transactionHash: Hex | null;
}

/** A control message as the anchor logged it: a hint until the enclave has replayed it. */
export interface ControlSeen extends LogPlace {
  readonly index: bigint;
  readonly kind: number;
  readonly round: bigint;
  readonly sentAtSec: bigint;
  readonly payload: Hex;
  /** The outbox's head with this message. */
  readonly head: Hex;
}

/** What a gateway does with a release, or with a part of it: of one paid in part there are two. */
export interface ReleaseSeen {
  readonly chainId: bigint;
  readonly index: bigint;
  readonly tag: Hex;
  readonly asset: Hex;
  readonly recipient: Hex;
  /** What is paid or put aside here. */
  readonly amount: bigint;
  /** Place in `DEFER_REASONS`; 0 if it was paid. */
  readonly deferReason: number;
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
}

/** A refund for which the gateway pays nothing. */
export interface SkipSeen {
  readonly chainId: bigint;
  readonly index: bigint;
  readonly tag: Hex;
  /** Place in `SKIP_REASONS`. */
  readonly skipReason: number;
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
}

/** Something about a release that had been put aside. */
export interface AssignmentSeen {
  readonly index: bigint;
  readonly blockNumber: number;
  readonly transactionHash: Hex;
}

/** A claim that was paid. */
export interface ClaimSeen extends AssignmentSeen {
  /** Who was paid, 20 bytes. */
  readonly recipient: Hex;
  readonly amount: bigint;
  /** What is to be claimed still. */
  readonly left: bigint;
}

/** What a chain's contracts logged, in its order. */
export interface SeenLogs {
  readonly messages: readonly MessageSeen[];
  readonly commits: readonly CommitSeen[];
  readonly controls: readonly ControlSeen[];
  readonly releases: readonly ReleaseSeen[];
  readonly skips: readonly SkipSeen[];
  readonly assignments: readonly AssignmentSeen[];
  readonly claims: readonly ClaimSeen[];
}

interface Place {
  /** What the configuration calls the chain. */
  readonly chain: string;
  readonly chainId: bigint;
  readonly gateway: Hex;
  readonly isFinal: boolean;
}

interface Collected {
  readonly messages: MessageSeen[];
  readonly commits: CommitSeen[];
  readonly controls: ControlSeen[];
  readonly releases: ReleaseSeen[];
  readonly skips: SkipSeen[];
  readonly assignments: AssignmentSeen[];
  readonly claims: ClaimSeen[];
}

/**
 * Reads the logs of a gateway and of the anchor; events that mean nothing here are left out.
 *
 * @throws {ChainError} CHAIN_ANSWER_MALFORMED: a log of ours that its own event does not fit, that no contract of ours can
 *   have written, or that says again what another has said
 */
export function decodeLogs(logs: readonly ContractLog[], place: Place): SeenLogs {
  const seen = nothing();
  for (const log of logs) {
    try {
      collect(seen, log, place);
    } catch (cause) {
      const why = cause instanceof RangeError ? `: ${cause.message}` : '';
      const what = `log ${log.logIndex} of block ${log.blockHash} does not fit its event${why}`;
      throw new ChainError('CHAIN_ANSWER_MALFORMED', { chain: place.chain, what }, { cause });
    }
  }
  requireOnce(place, seen);
  return seen;
}

/** Each entry of an outbox and each commit is logged once. */
function requireOnce({ chain }: Place, { messages, commits, controls }: SeenLogs): void {
  const places = [
    ...messages.map(({ index }) => `message ${index}`),
    ...commits.map(({ number }) => `commit ${number}`),
    ...controls.map(({ index }) => `control message ${index}`),
  ];
  const known = new Set<string>();
  for (const each of places) {
    if (known.has(each)) {
      const what = `two logs say what ${each} is`;
      throw new ChainError('CHAIN_ANSWER_MALFORMED', { chain, what });
    }
    known.add(each);
  }
}

function nothing(): Collected {
  return {
    messages: [],
    commits: [],
    controls: [],
    releases: [],
    skips: [],
    assignments: [],
    claims: [],
  };
}

/** What contracts that have logged nothing yet have logged. */
export const NOTHING_SEEN: SeenLogs = nothing();

/** What was logged first, and then what was logged next. */
export function joinSeen(first: SeenLogs, next: SeenLogs): SeenLogs {
  return {
    messages: [...first.messages, ...next.messages],
    commits: [...first.commits, ...next.commits],
    controls: [...first.controls, ...next.controls],
    releases: [...first.releases, ...next.releases],
    skips: [...first.skips, ...next.skips],
    assignments: [...first.assignments, ...next.assignments],
    claims: [...first.claims, ...next.claims],
  };
}

function collect(seen: Collected, log: ContractLog, { chainId, gateway, isFinal }: Place): void {
  const event = decodeEvent(log.address === gateway ? GATEWAY_ABI : ANCHOR_ABI, log);
  const { blockNumber, blockHash, transactionHash } = log;
  const at = { blockNumber, isFinal, transactionHash };
  const place = { blockNumber, blockHash, transactionHash };
  switch (event?.name) {
    case 'Deposited':
      seen.messages.push({ chainId, ...readMessage(event), ...at });
      break;
    case 'Committed':
      seen.commits.push({ ...readCommit(event), ...at });
      break;
    case 'ControlSent':
      seen.controls.push({ ...readControl(event), blockNumber, isFinal });
      break;
    case 'Released':
    case 'ReleaseDeferred':
      seen.releases.push({ chainId, ...readRelease(event), ...place });
      break;
    case 'ReleaseSkipped':
      seen.skips.push({ chainId, ...readSkip(event), ...place });
      break;
    case 'ClaimAssigned':
      seen.assignments.push({ index: count(event, 'index'), blockNumber, transactionHash });
      break;
    case 'Claimed':
      seen.claims.push({ ...readClaim(event), blockNumber, transactionHash });
      break;
    default:
  }
}

/** What a word of the event's holds at most: 64 bits of which contracts never use the last. */
const MAX_COUNT = 2n ** 63n;
/** Gateways take no more of an asset at once. */
const MAX_AMOUNT = 2n ** 128n;

/** @throws {RangeError} no contract of ours writes such a number */
function below(limit: bigint, name: string, value: bigint): bigint {
  if (value < limit) return value;
  throw new RangeError(`${name} is ${value}`);
}

function count(event: DecodedEvent, name: string): bigint {
  return below(MAX_COUNT, name, integerArg(event, name));
}

/** @throws {RangeError} it has no bytes, or more than the contract takes */
function bytesUpTo(limit: number, name: string, hex: Hex): Hex {
  const length = hex.length / 2 - 1;
  if (length > 0 && length <= limit) return hex;
  throw new RangeError(`${name} has ${length} bytes`);
}

function readMessage(event: DecodedEvent) {
  const amount = below(MAX_AMOUNT, 'amount', integerArg(event, 'amount'));
  return {
    index: count(event, 'index'),
    sentAtSec: count(event, 'sentAtSec'),
    sender: hexArg(event, 'sender'),
    refundTo: hexArg(event, 'refundTo'),
    asset: hexArg(event, 'asset'),
    amount,
    fee: below(amount + 1n, 'fee', integerArg(event, 'fee')),
    destination: integerArg(event, 'destination'),
    envelope: bytesUpTo(MAX_ENVELOPE_BYTES, 'envelope', hexArg(event, 'envelope')),
    sentHead: hexArg(event, 'sentHead'),
  };
}

function readCommit(event: DecodedEvent): Commit {
  return {
    number: count(event, 'number'),
    round: count(event, 'round'),
    asOf: count(event, 'asOf'),
    prevState: hexArg(event, 'prevState'),
    postState: hexArg(event, 'postState'),
    inputs: readCursors(event, 'inputs'),
    control: count(event, 'control'),
    paid: readCursors(event, 'paid'),
    beneficiary: hexArg(event, 'beneficiary'),
  };
}

function readCursors({ args }: DecodedEvent, name: string): Cursor[] {
  // CAST: the ABI's type of it.
  const cursors = args[name] as readonly (readonly [bigint, bigint])[];
  return cursors.map(([chainId, places]) => {
    return { chainId, count: below(MAX_COUNT, 'count', places) };
  });
}

function readControl(event: DecodedEvent) {
  return {
    index: count(event, 'index'),
    kind: Number(integerArg(event, 'kind')),
    round: count(event, 'round'),
    sentAtSec: count(event, 'sentAtSec'),
    payload: hexArg(event, 'payload'),
    head: hexArg(event, 'head'),
  };
}

function readRelease(event: DecodedEvent) {
  return {
    index: count(event, 'index'),
    tag: hexArg(event, 'tag'),
    asset: hexArg(event, 'asset'),
    recipient: hexArg(event, 'recipient'),
    amount: integerArg(event, 'amount'),
    deferReason: event.name === 'ReleaseDeferred' ? Number(integerArg(event, 'reason')) : 0,
  };
}

function readSkip(event: DecodedEvent) {
  return {
    index: count(event, 'index'),
    tag: hexArg(event, 'tag'),
    skipReason: Number(integerArg(event, 'reason')),
  };
}

function readClaim(event: DecodedEvent) {
  return {
    index: integerArg(event, 'index'),
    recipient: hexArg(event, 'to'),
    amount: integerArg(event, 'amount'),
    left: integerArg(event, 'left'),
  };
}
