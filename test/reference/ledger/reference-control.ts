import type { PendingControl } from '../../../src/ledger/state.ts';
import type { TransitionInput } from '../../../src/ledger/transition.ts';
import {
  appendControl,
  CONTROL_KINDS,
  type ControlContent,
  type ControlMessage,
  decodeControl,
} from '../../../src/protocol/control.ts';
import { consumingRound, roundCutSec } from '../../../src/protocol/rounds.ts';
import { assetOf, chainOf } from './lookups.ts';
import type { PlainState } from './plain-state.ts';

/** Takes the control messages that the commit names into what is pending. @throws {Error} it may not name them */
export function takeControl(state: PlainState, input: TransitionInput): void {
  const { rules, controlOutbox } = input;
  const lagSec = rules.chains.find(({ chainId }) => chainId === rules.anchor.chainId)?.lagSec ?? 0n;
  const cut = roundCutSec(rules.schedule, lagSec, input.round);
  if (controlOutbox.provenAtSec <= cut) throw new Error('incomplete: the anchor’s outbox');
  const all = [...controlOutbox.messages];
  const taken = all.filter(({ index }) => index < input.control);
  const left = all.filter(({ index }) => index >= input.control);
  const last = taken.at(-1);
  if (input.control !== state.control.count + BigInt(taken.length))
    throw new Error('no such count');
  if (left.some(({ sentAtSec }) => sentAtSec <= cut)) throw new Error('a control message left out');
  if (last && last.sentAtSec > cut && last.kind !== CONTROL_KINDS.suspend) {
    throw new Error('a control message from beyond the cut');
  }
  for (const message of taken) {
    state.control = appendControl(state.control, rules.anchor, message);
    const content = decodeControl(message.kind, message.payload);
    if (content === undefined) continue;
    if (content.kind === 'suspend') withdrawResumption(state, content.chainId);
    state.pending.push({ holdsFrom: holdsFrom(message, content.kind, known(message)), content });
  }
  // Stable: what holds from the same round stays in the order it was sent.
  state.pending.sort((a, b) => Number(a.holdsFrom - b.holdsFrom));

  function known({ sentAtSec }: ControlMessage): bigint {
    return consumingRound(rules.schedule, lagSec, sentAtSec) + 1n;
  }
}

/** What is said last counts: a resumption that does not hold yet does not outlast a suspension. */
function withdrawResumption(state: PlainState, chainId: bigint): void {
  state.pending = state.pending.filter(
    ({ content }) => content.kind !== 'resume' || content.chainId !== chainId,
  );
}

function holdsFrom(
  { round }: ControlMessage,
  kind: ControlContent['kind'],
  known: bigint,
): PendingControl['holdsFrom'] {
  if (kind === 'suspend') return round;
  return known > round ? known : round;
}

/** Lets everything hold that holds from `round`. */
export function applyPending(state: PlainState, round: bigint): void {
  const due = state.pending.filter(({ holdsFrom }) => holdsFrom <= round);
  state.pending = state.pending.filter(({ holdsFrom }) => holdsFrom > round);
  for (const { content } of due) apply(state, content, round);
}

function apply(state: PlainState, content: ControlContent, round: bigint): void {
  switch (content.kind) {
    case 'registerAsset': {
      const { poolUnit, rungs, entryFee, leastBalance } = content;
      const asset = assetOf(state, content.asset);
      const known = asset.terms;
      const isSame = known === undefined || known.poolUnit === poolUnit;
      const isWhole = known === undefined || known.rungs.every((rung) => rungs.includes(rung));
      if (isSame && isWhole) asset.terms = { poolUnit, rungs: [...rungs], entryFee, leastBalance };
      return;
    }
    case 'setRate':
      if (chainOf(state, content.chainId) === undefined) return;
      assetOf(state, content.asset).rates.set(content.chainId, content.rate);
      return;
    case 'setReward':
      assetOf(state, content.asset).reward = content.reward;
      return;
    case 'suspend':
    case 'resume': {
      const chain = chainOf(state, content.chainId);
      if (chain !== undefined) chain.isSuspended = content.kind === 'suspend';
      return;
    }
    case 'startEpoch': {
      const newest = state.epochs.at(-1)!.epoch;
      if (content.epoch <= newest) return;
      state.epochs.push({ epoch: content.epoch, firstRound: round, opened: new Map() });
      return;
    }
    case 'nameSuccessor':
      state.successor = content.measurement;
      return;
  }
}
