import type { LedgerRules } from '../../src/ledger/rules.ts';
import type { LedgerState } from '../../src/ledger/state.ts';
import type { OpenedMessage, OutboxTail, TransitionInput } from '../../src/ledger/transition.ts';
import { type ControlMessage, encodeControl } from '../../src/protocol/control.ts';
import { roundCutSec, roundEndSec } from '../../src/protocol/rounds.ts';
import { openingControls } from './market.ts';

/** What rounds consume of each chain. */
export type Consumed = ReadonlyMap<bigint, readonly OpenedMessage[]>;

const SECRET = new Uint8Array(32).fill(0x77);
const secretOf = () => SECRET;

/** What the ledger is given to come to a round: all that is consumed by then, proven just past the cuts. */
export function roundInput(
  state: LedgerState,
  rules: LedgerRules,
  { consumed, round: wanted }: { readonly consumed: Consumed; readonly round: number },
): TransitionInput {
  const round = BigInt(wanted);
  const pastCut = (lagSec: bigint) => roundCutSec(rules.schedule, lagSec, round) + 1n;
  const tails = rules.chains.map(({ chainId, lagSec }): [bigint, OutboxTail<OpenedMessage>] => [
    chainId,
    { messages: consumed.get(chainId) ?? [], provenAtSec: pastCut(lagSec) },
  ]);
  const anchorLagSec = rules.chains.find(({ chainId }) => chainId === rules.anchor.chainId)?.lagSec;
  const controls = CONTROLS.slice(Number(state.control.count));
  return {
    round,
    outboxes: new Map(tails),
    controlOutbox: { messages: controls, provenAtSec: pastCut(anchorLagSec ?? 0n) },
    control: BigInt(CONTROLS.length),
    asOf: roundEndSec(rules.schedule, round),
    paid: state.chains.map(({ chainId, released }) => ({ chainId, count: released.count })),
    beneficiary: rules.houseAccount,
    secretOf,
    rules,
  };
}

/** Sent before rounds are counted, so that it holds before people come. */
const CONTROLS: readonly ControlMessage[] = openingControls().map((content, i) => {
  return { ...encodeControl(content), index: BigInt(i), round: 0n, sentAtSec: 1n };
});
