import type { RelayerChain } from '../config/relayer.ts';
import type { StateReason } from '../protocol/transfer-state.ts';
import {
  allLanesOf,
  heldLanesOf,
  laneOfHold,
  type NamedLanes,
} from '../relayer/operate/lane-names.ts';
import { CommandLineError } from './command-line-error.ts';

const PLACED = /^(batch|message)[/ ]([0-9]{1,20})[/:]([0-9]{1,20})$/;
const TRANSFER = /^([0-9]{1,20})[/:]([0-9]{1,20})$/;

/** What is held, as the journal names it: `batch/<chain id>/<first index>`, a transfer's id, or `lane <name>`. @throws {CommandLineError} */
export function holdSubjectOf(text: string): string {
  if (text.startsWith('lane ')) return text;
  const [, kind, chainId, index] = PLACED.exec(text) ?? [];
  if (kind !== undefined) return `${kind} ${chainId}/${index}`;
  const [, source, place] = TRANSFER.exec(text) ?? [];
  if (source !== undefined) return `message ${source}/${place}`;
  throw new CommandLineError(
    'expected batch/<chain id>/<first index>, or <chain id>/<index> of a transfer',
  );
}

interface NamedChains {
  readonly chains: readonly Pick<RelayerChain, 'chainId' | 'name'>[];
}

/** Refuses to hold a lane that there is not: a pause that holds nothing is taken for one. @throws {CommandLineError} */
export function requireHeldLane(subject: string, config: NamedLanes): void {
  requireLane(laneOfHold(subject) ?? '*', heldLanesOf(config));
}

/** Refuses to try a lane again that there is not. @throws {CommandLineError} */
export function requireAnyLane(lane: string, config: NamedLanes): void {
  requireLane(lane, allLanesOf(config));
}

function requireLane(lane: string, lanes: readonly string[]): void {
  if (lane === '*' || lanes.includes(lane)) return;
  throw new CommandLineError(`"${lane}" is none of the lanes ${lanes.join(', ')}`);
}

/** What a message waits for that is proven. */
const LANE_AFTER_PROOF: Readonly<Partial<Record<StateReason, string>>> = {
  'replayed-to-proven-head': 'commit',
  'ledger-refused': 'commit',
  'commit-included': 'confirm',
  'commit-final': 'confirm',
};

/**
 * The lane that an id waits for; what is no id is the name of a lane, or `*`.
 *
 * @param reason why it is where it is; a message of which that is not known waits to be proven
 * @throws {CommandLineError} the chain is not configured
 */
export function laneOfId(text: string, { chains }: NamedChains, reason?: StateReason): string {
  if (/^commit[/ ][0-9]+$/.test(text)) return 'commit';
  const [, kind = 'message', chainId] =
    /^(?:(batch|release|message)[/ ])?([0-9]{1,20})[/:]/.exec(text) ?? [];
  if (chainId === undefined) return text;
  const chain = chains.find((each) => `${each.chainId}` === chainId);
  if (chain === undefined) throw new CommandLineError(`the relayer has no chain ${chainId}`);
  if (kind !== 'message') return `release ${chain.name}`;
  return (reason && LANE_AFTER_PROOF[reason]) ?? `prove ${chain.name}`;
}
