import { describe, expect, test } from 'vitest';
import { appendControl, type ControlContent } from '../../../src/protocol/control.ts';
import { EMPTY_HEAD } from '../../../src/protocol/message.ts';
import { createWorld, EAST, RULES, WEST, WEST_COIN, wordOf } from '../../support/ledger.ts';
import { refusal } from '../../support/refusal.ts';

/** The last second of which round 1 takes control messages: the anchor is in the east, whose lag is 20. */
const CUT = RULES.schedule.startSec + 80n;
const reward = (amount: bigint): ControlContent => ({
  kind: 'setReward',
  asset: WEST_COIN,
  reward: amount,
});
const rewardIn = (world: ReturnType<typeof createWorld>) => world.asset(WEST_COIN)?.reward;

describe('a commit takes of the anchor’s outbox', () => {
  test('what was sent by the cut, and its head is the anchor’s', () => {
    const world = createWorld();
    world.govern(reward(1n), { sentAtSec: CUT });
    world.govern(reward(2n), { sentAtSec: CUT + 1n });
    const messages = [...world.input().controlOutbox.messages];
    const { state } = world.advance({ control: 1n });
    const empty = { count: 0n, head: EMPTY_HEAD };
    expect(state.control).toEqual(
      messages.slice(0, 1).reduce((at, message) => appendControl(at, RULES.anchor, message), empty),
    );
  });

  test.each([
    ['less than the cut includes', 1n],
    ['more than the cut includes', 3n],
    ['more than there is', 4n],
    ['less than is consumed', -1n],
  ])('not %s', (_, control) => {
    const world = createWorld();
    world.govern(reward(1n), { sentAtSec: CUT });
    world.govern(reward(2n), { sentAtSec: CUT });
    world.govern(reward(3n), { sentAtSec: CUT + 1n });
    const { code, disposition } = refusal(() => world.advance({ control }));
    expect([code, disposition]).toEqual(['LEDGER_COMMIT_REFUSED', 'reject']);
    expect(world.advance({ control: 2n }).commit.control).toBe(2n);
  });

  test('more only to end with a suspension', () => {
    const world = createWorld();
    world.govern(reward(1n), { sentAtSec: CUT + 1n });
    world.govern({ kind: 'suspend', chainId: WEST }, { sentAtSec: CUT + 500n, round: 1n });
    world.govern(reward(2n), { sentAtSec: CUT + 501n });
    expect(refusal(() => world.advance({ control: 1n })).code).toBe('LEDGER_COMMIT_REFUSED');
    expect(refusal(() => world.advance({ control: 3n })).code).toBe('LEDGER_COMMIT_REFUSED');
    world.advance({ control: 2n });
    expect(world.chain(WEST).isSuspended).toBe(true);
    // What came before the suspension is known and does not hold earlier for that.
    expect(rewardIn(world)).toBeUndefined();
    expect(world.state().pending.map(({ holdsFrom }) => holdsFrom)).toEqual([3n]);
  });

  test('nothing before the outbox is proven past the cut, though no chain is waited for', () => {
    const world = createWorld();
    const { code, meta } = refusal(() => world.advance({ controlProvenAtSec: CUT }));
    expect(code).toBe('LEDGER_ROUND_INCOMPLETE');
    expect(meta).toEqual({ chainId: EAST, provenAtSec: CUT, cutSec: CUT });
    expect(world.advance({ controlProvenAtSec: CUT + 1n }).commit.control).toBe(0n);
  });

  test('also of an anchor’s chain that is suspended', () => {
    const world = createWorld();
    world.govern({ kind: 'suspend', chainId: EAST }, { round: 1n });
    world.govern(reward(5n));
    world.advance({ rounds: 2n, provenAtSec: new Map([[EAST, 0n]]) });
    expect(rewardIn(world)).toBe(5n);
  });
});

describe('a control message holds', () => {
  test('from the round behind the one that includes it', () => {
    const world = createWorld();
    world.govern(reward(5n), { sentAtSec: CUT });
    world.advance();
    expect(rewardIn(world)).toBeUndefined();
    world.advance();
    expect(rewardIn(world)).toBe(5n);
  });

  test('a round later if it is sent a second later', () => {
    const world = createWorld();
    world.govern(reward(5n), { sentAtSec: CUT + 1n });
    world.advance({ rounds: 2n });
    expect(rewardIn(world)).toBeUndefined();
    world.advance();
    expect(rewardIn(world)).toBe(5n);
  });

  test('from the round that it names, if that is later', () => {
    const world = createWorld();
    world.govern(reward(5n), { round: 4n });
    world.advance({ rounds: 3n });
    expect(rewardIn(world)).toBeUndefined();
    world.advance();
    expect(rewardIn(world)).toBe(5n);
  });

  test('in the order it was sent, among those of the same round', () => {
    const world = createWorld();
    world.govern(reward(5n), { round: 4n });
    world.govern(reward(6n), { round: 3n });
    world.govern(reward(7n), { round: 4n });
    world.advance({ rounds: 3n });
    expect(rewardIn(world)).toBe(6n);
    world.advance();
    expect(rewardIn(world)).toBe(7n);
    expect(world.state().pending).toEqual([]);
  });

  test('a suspension at once: in the first round that is not committed', () => {
    const world = createWorld();
    world.advance();
    world.govern({ kind: 'suspend', chainId: WEST }, { round: 2n });
    world.advance();
    expect(world.chain(WEST).isSuspended).toBe(true);
  });

  test('not any more, if it was to resume a chain that has been suspended again since', () => {
    const world = createWorld();
    world.govern({ kind: 'suspend', chainId: WEST }, { round: 1n });
    world.advance();
    world.govern({ kind: 'resume', chainId: WEST }, { round: 4n });
    world.govern({ kind: 'resume', chainId: EAST }, { round: 4n });
    world.govern({ kind: 'suspend', chainId: WEST }, { round: 2n });
    world.advance({ rounds: 4n });
    expect(world.chain(WEST).isSuspended).toBe(true);
  });

  test('never, if it is of a kind that nobody knows, and is consumed nonetheless', () => {
    const world = createWorld();
    world.govern(reward(5n), { kind: 99 });
    world.govern(reward(6n), { payload: new Uint8Array(33) });
    world.advance({ rounds: 3n });
    expect([world.state().control.count, world.state().assets]).toEqual([2n, []]);
  });
});

test('a successor is recorded', () => {
  const world = createWorld();
  world.govern({ kind: 'nameSuccessor', measurement: wordOf(7) });
  world.advance({ rounds: 2n });
  expect(world.state().successor).toBe(wordOf(7));
});
