import type { LedgerRules } from '../../../src/ledger/rules.ts';
import {
  CONTROL_KINDS,
  type ControlContent,
  type ControlMessage,
  encodeControl,
} from '../../../src/protocol/control.ts';
import { roundCutSec } from '../../../src/protocol/rounds.ts';
import type { ControlWish, RoundWish } from '../../support/ledger-arbitrary.ts';
import { ASSETS, CHAIN_IDS, POOL_UNIT, RUNGS } from '../../support/ledger-places.ts';

// What governance says in a history, and what commits consume of it.

/** The anchor's outbox so far, and what commits have consumed of it. */
interface ControlHistory {
  readonly rules: LedgerRules;
  readonly control: ControlMessage[];
  readonly commits: readonly { readonly control: bigint }[];
}

/** What governance does before anything is bridged: three assets, one of which is not paid in the west. */
export function usualControl({ schedule }: LedgerRules): ControlMessage[] {
  const registered = ASSETS.slice(0, 3);
  const terms = { poolUnit: POOL_UNIT, rungs: RUNGS, entryFee: 7n, leastBalance: 5n };
  const contents: ControlContent[] = [
    ...registered.map((asset) => ({ kind: 'registerAsset', asset, ...terms }) as const),
    ...registered.flatMap((asset, i) =>
      CHAIN_IDS.filter((_, place) => i !== 2 || place !== 0).map(
        (chainId, place) =>
          ({ kind: 'setRate', asset, chainId, rate: BigInt(3 * place + i) }) as const,
      ),
    ),
    ...registered.map(
      (asset, i) => ({ kind: 'setReward', asset, reward: BigInt(4 * (i + 1)) }) as const,
    ),
  ];
  return contents.map((content, index) => ({
    ...encodeControl(content),
    index: BigInt(index),
    sentAtSec: schedule.startSec - 1_000n,
    round: 0n,
  }));
}

/** Appends what governance says within the round's time, and a suspension, which is sent whenever. */
export function addControl(
  history: ControlHistory,
  round: bigint,
  { control, suspend }: RoundWish,
): void {
  const { rules } = history;
  const since = anchorCut(rules, round - 1n) + 1n;
  control.forEach((wish, i) => {
    send(history, since + BigInt(20 * i), controlBody(wish, round));
  });
  if (suspend === undefined) return;
  const content = { kind: 'suspend', chainId: CHAIN_IDS[suspend]! } as const;
  send(history, since + rules.schedule.roundSec + 50n, { ...encodeControl(content), round });
}

function controlBody(
  wish: ControlWish,
  round: bigint,
): Omit<ControlMessage, 'index' | 'sentAtSec'> {
  const named = round + BigInt(wish.ahead);
  const said = 'content' in wish ? encodeControl(wish.content) : wish;
  return { kind: said.kind, payload: said.payload, round: named > 0n ? named : 0n };
}

function send(
  { control }: ControlHistory,
  sentAtSec: bigint,
  body: Omit<ControlMessage, 'index' | 'sentAtSec'>,
): void {
  const last = control.at(-1)?.sentAtSec ?? 0n;
  const message = { ...body, sentAtSec: sentAtSec > last ? sentAtSec : last };
  control.push({ ...message, index: BigInt(control.length) });
}

/** What the commit of a round consumes: what the cut includes, and the latest suspension. */
export function controlCount({ rules, control, commits }: ControlHistory, round: bigint): bigint {
  const cut = anchorCut(rules, round);
  const included = control.filter(({ sentAtSec }) => sentAtSec <= cut).length;
  const suspended = control.findLastIndex(({ kind }) => kind === CONTROL_KINDS.suspend) + 1;
  const before = Number(commits.at(-1)?.control ?? 0n);
  return BigInt(Math.max(included, suspended, before));
}

function anchorCut({ schedule, chains, anchor }: LedgerRules, round: bigint): bigint {
  const { lagSec } = chains.find(({ chainId }) => chainId === anchor.chainId)!;
  return roundCutSec(schedule, lagSec, round);
}
