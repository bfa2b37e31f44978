import type { ControlContent } from '../protocol/control.ts';
import { isExtension } from '../protocol/rungs.ts';
import { assetOf, type Draft } from './draft.ts';
import { startEpoch } from './epochs.ts';

/** Lets hold what holds from the draft's round on, in the order it was sent. What cannot hold changes nothing. */
export function applyControl(draft: Draft): void {
  for (const content of takeDue(draft)) apply(draft, content);
}

/** The same for suspensions alone. */
export function applySuspensions(draft: Pick<Draft, 'round' | 'chains' | 'pending'>): void {
  for (const content of takeDue(draft)) {
    if (content.kind === 'suspend' || content.kind === 'resume') setSuspended(draft, content);
  }
}

function takeDue(draft: Pick<Draft, 'round' | 'pending'>): readonly ControlContent[] {
  const due = draft.pending.filter(({ holdsFrom }) => holdsFrom <= draft.round);
  draft.pending = draft.pending.slice(due.length);
  return due.map(({ content }) => content);
}

function apply(draft: Draft, content: ControlContent): void {
  switch (content.kind) {
    case 'registerAsset':
      registerAsset(draft, content);
      return;
    case 'setRate':
      if (!draft.chains.has(content.chainId)) return;
      assetOf(draft, content.asset).rates.set(content.chainId, content.rate);
      return;
    case 'setReward':
      assetOf(draft, content.asset).reward = content.reward;
      return;
    case 'suspend':
    case 'resume':
      setSuspended(draft, content);
      return;
    case 'startEpoch':
      startEpoch(draft, content.epoch);
      return;
    case 'nameSuccessor':
      draft.successor = content.measurement;
      return;
  }
}

type Registration = Extract<ControlContent, { kind: 'registerAsset' }>;

/** What would take a rung away changes nothing: legs that wait on it would have no company any more. */
function registerAsset(draft: Draft, registration: Registration): void {
  const { poolUnit, rungs, entryFee, leastBalance } = registration;
  const entry = assetOf(draft, registration.asset);
  if (entry.terms === undefined || isExtension(entry.terms, registration)) {
    entry.terms = { poolUnit, rungs, entryFee, leastBalance };
  }
}

function setSuspended(
  draft: Pick<Draft, 'chains'>,
  { kind, chainId }: Extract<ControlContent, { kind: 'suspend' | 'resume' }>,
): void {
  const chain = draft.chains.get(chainId);
  if (chain !== undefined) chain.isSuspended = kind === 'suspend';
}
