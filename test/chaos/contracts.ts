import type { Interface, ParamType } from 'ethers';
import { ANCHOR_ABI, GATEWAY_ABI, REFUSALS_ABI } from '../../src/chains/shared/abi.ts';
import { recoverAddress } from '../../src/crypto/secp256k1.ts';
import { type Commit, commitDigest } from '../../src/protocol/commit.ts';
import { ANCHOR_SLOTS, anchorIdSlot, GATEWAY_SLOTS } from '../../src/protocol/contracts.ts';
import { appendControl, CONTROL_KINDS, type ControlBody } from '../../src/protocol/control.ts';
import {
  appendMessage,
  type ChainPosition,
  EMPTY_HEAD,
  type MessageBody,
} from '../../src/protocol/message.ts';
import {
  positionAfterBatch,
  type ReleaseBatch,
  releaseBatchDigest,
} from '../../src/protocol/release.ts';
import { fromHex, type Hex, toHex } from '../../src/shared/bytes.ts';

// The gateway and the anchor as far as a relayer meets them. KEEP IN SYNC: contracts-evm/src/Gateway.sol, Anchor.sol.

/** Where contracts stand and whose signatures they take. */
export interface Deployment {
  readonly chainId: bigint;
  readonly gateway: Hex;
  /** Undefined where the bridge has no anchor. */
  readonly anchor: Hex | undefined;
  readonly epoch: bigint;
  readonly signers: ReadonlySet<Hex>;
  readonly threshold: number;
}

/** What the contracts of one chain hold; replaced as a whole by each call. */
export interface Contracts {
  readonly sent: ChainPosition;
  readonly released: ChainPosition;
  readonly consumedCount: bigint;
  readonly spent: ReadonlySet<bigint>;
  readonly stateId: Hex;
  readonly number: bigint;
  readonly idOf: ReadonlyMap<bigint, Hex>;
  readonly progress: Pick<Commit, 'round' | 'asOf' | 'control'>;
  readonly control: ChainPosition;
  /** Control messages that the latest suspension needs to be consumed. */
  readonly suspendedThrough: bigint;
  /** The gateway releases nothing. */
  readonly isPaused: boolean;
  /** The gateway puts what it is to pay aside, to be claimed. */
  readonly isDeferring: boolean;
  /** What was put aside and not claimed yet, by the release's index. */
  readonly deferred: ReadonlyMap<bigint, Deferred>;
}

/** A payout that waits for its claim. */
export interface Deferred {
  readonly tag: Hex;
  readonly recipient: Hex;
  readonly amount: bigint;
}

/** A contract's log, without its place. */
export interface Emitted {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

/** What a call comes to. */
export interface Outcome {
  readonly contracts: Contracts;
  readonly logs: readonly Emitted[];
}

/** A call as the contracts see it. */
export interface Calling {
  readonly from: Hex;
  readonly to: Hex;
  readonly data: Hex;
  readonly timeSec: bigint;
}

/** Contracts that nobody has used. */
export function freshContracts(genesisState: Hex): Contracts {
  const empty = { count: 0n, head: EMPTY_HEAD };
  return {
    sent: empty,
    released: empty,
    consumedCount: 0n,
    spent: new Set(),
    stateId: genesisState,
    number: 0n,
    idOf: new Map([[0n, genesisState]]),
    progress: { round: 0n, asOf: 0n, control: 0n },
    control: empty,
    suspendedThrough: 0n,
    isPaused: false,
    isDeferring: false,
    deferred: new Map(),
  };
}

/** Their storage: words by slot, of the gateway and of the anchor. */
export function wordsOf(contracts: Contracts): {
  readonly gateway: ReadonlyMap<Hex, Hex>;
  readonly anchor: ReadonlyMap<Hex, Hex>;
} {
  const { sent, released, consumedCount, stateId, number, idOf, control } = contracts;
  return {
    gateway: new Map([
      [GATEWAY_SLOTS.sentHead, sent.head],
      [GATEWAY_SLOTS.sentCount, wordOf(sent.count)],
      [GATEWAY_SLOTS.releasedHead, released.head],
      [GATEWAY_SLOTS.releasedCount, wordOf(released.count)],
      [GATEWAY_SLOTS.consumedCount, wordOf(consumedCount)],
    ]),
    anchor: new Map([
      [ANCHOR_SLOTS.stateId, stateId],
      [ANCHOR_SLOTS.number, wordOf(number)],
      [ANCHOR_SLOTS.controlHead, control.head],
      [ANCHOR_SLOTS.controlCount, wordOf(control.count)],
      ...[...idOf].map(([at, id]) => [anchorIdSlot(at), id] as const),
    ]),
  };
}

/** The word of a number. */
export function wordOf(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

/** A user's deposit or post. */
export function takeMessage(
  contracts: Contracts,
  body: MessageBody,
  { chainId, gateway }: Deployment,
): Outcome {
  const { sent } = contracts;
  const { sender, asset, amount, fee, destination, sentAtSec, refundTo, envelope } = body;
  const next = appendMessage(sent, { ...body, chainId, gateway, index: sent.count });
  const message = [sent.count, sender, asset, amount, fee, destination, sentAtSec, refundTo];
  const log = emit(gateway, 'Deposited', [...message, toHex(envelope), next.head]);
  return { contracts: { ...contracts, sent: next }, logs: [log] };
}

/** A word of governance's. */
export function takeControl(
  contracts: Contracts,
  body: ControlBody,
  { chainId, anchor }: Deployment,
): Outcome {
  if (anchor === undefined) throw new RangeError('no anchor here');
  const { control, progress } = contracts;
  const isSuspension = body.kind === CONTROL_KINDS.suspend;
  const round = isSuspension ? progress.round + 1n : body.round;
  const said = { ...body, round, index: control.count };
  const next = appendControl(control, { chainId, address: anchor }, said);
  const { kind, sentAtSec, payload } = body;
  const args = [control.count, kind, round, sentAtSec, toHex(payload), next.head];
  const log = emit(anchor, 'ControlSent', args);
  const suspendedThrough = isSuspension ? next.count : contracts.suspendedThrough;
  return { contracts: { ...contracts, control: next, suspendedThrough }, logs: [log] };
}

/** Whoever may claim what was put aside does. */
export function takeClaims(contracts: Contracts, { gateway }: Deployment): Outcome {
  const logs = [...contracts.deferred].map(([index, { tag, recipient, amount }]) =>
    emit(gateway, 'Claimed', [index, tag, recipient, amount, 0n]),
  );
  return { contracts: { ...contracts, deferred: new Map() }, logs };
}

/** A transaction of a relayer's. @throws {Reverted} */
export function callContracts(
  contracts: Contracts,
  calling: Calling,
  deployment: Deployment,
): Outcome {
  if (calling.to === deployment.gateway) return release(contracts, calling, deployment);
  if (calling.to === deployment.anchor) return commit(contracts, calling, deployment);
  return { contracts, logs: [] };
}

/** A call that a contract refuses, with the data that says why. */
export class Reverted extends Error {
  readonly data: Hex;
  constructor(data: Hex) {
    super(data);
    this.data = data;
  }
}

const NO_SCOPE = `0x${'00'.repeat(32)}`;
/** KEEP IN SYNC: IAssetBook.DeferReason. */
const ASSET_PAUSED = 2;

type SaidBatch = ReleaseBatch & { readonly submitter: Hex; readonly epoch: bigint };

type SaidCommit = Commit & { readonly epoch: bigint };

function release(contracts: Contracts, { from, to, data }: Calling, at: Deployment): Outcome {
  const said = argumentsOf(GATEWAY_ABI, 'release', data) as [SaidBatch, Hex[]];
  const [{ submitter, epoch, ...batch }, signatures] = said;
  const { released, sent } = contracts;
  if (contracts.isPaused) refuse('GatewayPaused', [NO_SCOPE]);
  if (submitter !== from) {
    refuse('GatewayCallerNotSubmitter', [from, submitter]);
  }
  if (batch.firstIndex !== released.count) {
    refuse('GatewayWrongIndex', [batch.firstIndex, released.count]);
  }
  if (batch.prevHead !== released.head) {
    refuse('GatewayWrongHead', [batch.prevHead, released.head]);
  }
  if (batch.consumedCount > sent.count) {
    refuse('GatewayConsumedAboveSent', [batch.consumedCount, sent.count]);
  }
  requireQuorum(releaseBatchDigest(epoch, from, batch), signatures, at);
  const next = positionAfterBatch(batch);
  const spent = new Set(contracts.spent);
  const deferred = new Map(contracts.deferred);
  const logs = batch.releases.map((one, i) => {
    const index = batch.firstIndex + BigInt(i);
    if (one.refundOf !== 0n && spent.has(one.refundOf)) {
      return emit(to, 'ReleaseSkipped', [index, one.tag, one.refundOf, 0]);
    }
    if (one.refundOf !== 0n) spent.add(one.refundOf);
    const payout = [index, one.tag, one.asset, one.recipient, one.amount];
    if (!contracts.isDeferring) return emit(to, 'Released', payout);
    deferred.set(index, one);
    return emit(to, 'ReleaseDeferred', [...payout, ASSET_PAUSED]);
  });
  const last = emit(to, 'BatchReleased', [batch.firstIndex, logs.length, next.head, from]);
  const consumedCount = most(contracts.consumedCount, batch.consumedCount);
  const after = { ...contracts, released: next, consumedCount, spent, deferred };
  return { contracts: after, logs: [...logs, last] };
}

/** Reading a call takes long, and the same one is tried and made. */
const calls = new Map<Hex, unknown[]>();
/** What is kept of either: the newest schedules have much less. */
const KEPT = 1000;

/** What a call says, as plain objects and lists. */
function argumentsOf(abi: Interface, name: string, data: Hex): unknown[] {
  const known = calls.get(data) ?? readArguments(abi, name, data);
  if (calls.size > KEPT) calls.clear();
  calls.set(data, known);
  return known;
}

function readArguments(abi: Interface, name: string, data: Hex): unknown[] {
  const inputs = abi.getFunction(name)?.inputs ?? [];
  const values = abi.decodeFunctionData(name, data);
  return inputs.map((type, i) => plain(type, values[i]));
}

function plain({ arrayChildren, components }: ParamType, value: unknown): unknown {
  // CAST: ethers decodes by the very type.
  if (arrayChildren) return (value as unknown[]).map((one) => plain(arrayChildren, one));
  if (components) {
    const values = value as unknown[];
    return Object.fromEntries(components.map((type, i) => [type.name, plain(type, values[i])]));
  }
  return typeof value === 'string' ? value.toLowerCase() : value;
}

function commit(contracts: Contracts, calling: Calling, at: Deployment): Outcome {
  const { to, data, timeSec } = calling;
  const said = argumentsOf(ANCHOR_ABI, 'commit', data) as [SaidCommit, Hex[]];
  const [{ epoch, ...made }, signatures] = said;
  const { stateId, number, progress, control } = contracts;
  if (made.number !== number + 1n) refuse('AnchorWrongNumber', [made.number, number + 1n]);
  if (made.prevState !== stateId) refuse('AnchorStaleState', [made.prevState, stateId]);
  if (made.round <= progress.round) {
    refuse('AnchorRoundNotAscending', [made.round, progress.round]);
  }
  if (made.asOf < progress.asOf) refuse('AnchorAsOfBackwards', [made.asOf, progress.asOf]);
  if (made.asOf > timeSec || timeSec > made.asOf + 3600n) {
    refuse('AnchorAsOfOutOfTime', [made.asOf, timeSec]);
  }
  const least = most(progress.control, contracts.suspendedThrough);
  if (made.control < least || made.control > control.count) {
    refuse('AnchorControlOutOfRange', [made.control, least, control.count]);
  }
  const domain = { chainId: at.chainId, verifyingContract: to };
  requireQuorum(commitDigest(domain, epoch, made), signatures, at);
  const { prevState, postState, round, asOf, inputs, paid, beneficiary } = made;
  const cursors = (list: Commit['inputs']) => list.map((each) => [each.chainId, each.count]);
  const log = emit(to, 'Committed', [
    ...[made.number, postState, prevState, round, asOf, cursors(inputs)],
    ...[made.control, cursors(paid), beneficiary],
  ]);
  const idOf = new Map(contracts.idOf).set(made.number, postState);
  const after = { stateId: postState, number: made.number, idOf, progress: made };
  return { contracts: { ...contracts, ...after }, logs: [log] };
}

/** Recovering takes a millisecond, and the same call is tried and made. */
const recovered = new Map<string, Hex>();

function requireQuorum(digest: Uint8Array, signatures: readonly Hex[], at: Deployment): void {
  if (signatures.length < at.threshold) {
    refuse('RegistryTooFewSignatures', [signatures.length, at.threshold]);
  }
  let previous: Hex = '0x';
  for (const signature of signatures) {
    const key = `${toHex(digest)} ${signature}`;
    const signer = recovered.get(key) ?? recoverAddress(digest, fromHex(signature));
    if (recovered.size > KEPT) recovered.clear();
    recovered.set(key, signer);
    if (signer <= previous) refuse('RegistrySignersNotAscending', [previous, signer]);
    if (!at.signers.has(signer)) refuse('RegistrySignerUnknown', [signer, at.epoch]);
    previous = signer;
  }
}

function refuse(name: string, args: readonly unknown[]): never {
  throw new Reverted(REFUSALS_ABI.encodeErrorResult(name, args) as Hex);
}

function emit(address: Hex, name: string, args: readonly unknown[]): Emitted {
  const abi = ANCHOR_ABI.hasEvent(name) ? ANCHOR_ABI : GATEWAY_ABI;
  const { topics, data } = abi.encodeEventLog(name, args);
  return { address, topics: topics.flat() as Hex[], data: data as Hex };
}

function most(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
