import { describe, expect, test } from 'vitest';
import { keyEpochOf } from '../../../src/ledger/epochs.ts';
import { idOfState } from '../../../src/ledger/id-of-state.ts';
import { shuffleKey } from '../../../src/ledger/prf.ts';
import { shuffle } from '../../../src/ledger/shuffle.ts';
import { blindingOf, stateId } from '../../../src/ledger/state-id.ts';
import { roundEndSec } from '../../../src/protocol/rounds.ts';
import {
  accountOf,
  addressOf,
  EAST,
  openWorld,
  postedOrder,
  RULES,
  releasesOn,
  sealedOrder,
  secretOf,
  WEST,
} from '../../support/ledger.ts';

/** Epoch 1 ends with round 3, at this second; a grace of 60 follows. */
const END = roundEndSec(RULES.schedule, 3n);
/** A world in round 4, where epoch 2 runs. */
const renewed = (lateSec = RULES.lateSec) => {
  const world = openWorld({ ...RULES, lateSec });
  world.govern({ kind: 'startEpoch', epoch: 2n }, { round: 4n });
  world.advance({ rounds: 3n });
  return world;
};
const epochsOf = (world: ReturnType<typeof openWorld>) =>
  world.state().epochs.map(({ epoch, firstRound }) => [epoch, firstRound]);

describe('an epoch', () => {
  test('starts with the round from which its message holds', () => {
    const world = openWorld();
    world.govern({ kind: 'startEpoch', epoch: 2n }, { round: 4n });
    world.advance({ rounds: 2n });
    expect(epochsOf(world)).toEqual([[1n, 1n]]);
    world.advance();
    expect(epochsOf(world)).toEqual([
      [1n, 1n],
      [2n, 4n],
    ]);
  });

  test('is above every one before', () => {
    const world = renewed();
    world.govern({ kind: 'startEpoch', epoch: 2n });
    world.govern({ kind: 'startEpoch', epoch: 1n });
    world.advance({ rounds: 2n });
    expect(epochsOf(world).at(-1)).toEqual([2n, 4n]);
  });

  test('keys the rounds from its first on', () => {
    const state = renewed().state();
    expect([0n, 1n, 3n, 4n, 9n].map((round) => keyEpochOf(state, round))).toEqual([
      1n,
      1n,
      1n,
      2n,
      2n,
    ]);
  });

  test('keys the order of releases and the state’s blinding', () => {
    for (const [world, epoch] of [
      [openWorld(), 1n],
      [renewed(), 2n],
    ] as const) {
      const recipients = Array.from({ length: 12 }, (_, i) => addressOf(i + 1));
      for (const recipient of recipients) world.send({ kind: 'transparent', recipient });
      const done = world.advance();
      const { round } = world.state();
      const key = shuffleKey(secretOf(epoch), EAST, round);
      expect(releasesOn(done, EAST).map((release) => release.recipient)).toEqual(
        shuffle(recipients, key),
      );
      const id = stateId(world.state(), blindingOf(secretOf(epoch), round));
      expect(done.commit.postState).toBe(id);
      expect(idOfState(world.state(), secretOf)).toBe(id);
    }
  });
});

describe('an envelope of an epoch opens', () => {
  const isCredited = (world: ReturnType<typeof openWorld>, epoch: bigint, sentAtSec: bigint) => {
    world.send(sealedOrder({}, { epoch }), { sentAtSec });
    const done = world.advance();
    expect(releasesOn(done, WEST)).toHaveLength(world.account(accountOf(1)) ? 0 : 1);
    return world.account(accountOf(1)) !== undefined;
  };

  test('on the last second of the grace, and not a second later', () => {
    // Round 5 takes what was sent up to 50 seconds before its end, which is 150 behind the end of epoch 1.
    for (const [sentAtSec, isOpened] of [
      [END + 60n, true],
      [END + 61n, false],
    ] as const) {
      const world = renewed();
      world.advance();
      expect(isCredited(world, 1n, sentAtSec)).toBe(isOpened);
    }
  });

  test('not before the epoch has started, nor if there is no such epoch', () => {
    expect(isCredited(openWorld(), 2n, RULES.schedule.startSec)).toBe(false);
    expect(isCredited(renewed(), 3n, RULES.schedule.startSec)).toBe(false);
    expect(isCredited(renewed(), 2n, RULES.schedule.startSec)).toBe(true);
  });

  test('also that of a post', () => {
    const world = openWorld();
    world.send(sealedOrder());
    world.advance();
    world.post(postedOrder({}, 2n));
    world.post(postedOrder({ nonce: 1n }, 1n));
    world.advance();
    expect(world.account(accountOf(1))?.nonceBits).toBe(2n);
  });
});

describe('an epoch that has ended', () => {
  // What epoch 1 opens was sent by END + 60; a message of that time is late 200 seconds later.
  const lateSec = 200n;
  const left = (world: ReturnType<typeof openWorld>) =>
    world.state().epochs.map(({ epoch }) => epoch);

  test('is kept while a message of its time is not late yet', () => {
    const world = renewed(lateSec);
    world.advance({ rounds: 2n, asOf: END + 60n + lateSec });
    expect(left(world)).toEqual([1n, 2n]);
    world.advance({ asOf: END + 60n + lateSec + 1n });
    expect(left(world)).toEqual([2n]);
  });

  test('is kept while a chain has not been consumed so far', () => {
    const world = openWorld({ ...RULES, lateSec });
    world.govern({ kind: 'startEpoch', epoch: 2n }, { round: 4n });
    const asOf = END + 10_000n;
    // The western cut of round 4 is 50 seconds behind the end of epoch 1, that of round 5 is 150.
    world.advance({ rounds: 3n, asOf });
    expect(left(world)).toEqual([1n, 2n]);
    world.advance({ asOf });
    expect(left(world)).toEqual([2n]);
  });

  test('is dropped in time though a chain is suspended', () => {
    const world = openWorld({ ...RULES, lateSec });
    world.govern({ kind: 'startEpoch', epoch: 2n }, { round: 4n });
    world.govern({ kind: 'suspend', chainId: WEST }, { round: 2n });
    world.advance({ rounds: 6n, asOf: END + 10_000n });
    expect(left(world)).toEqual([2n]);
  });
});
