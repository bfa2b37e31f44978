import { describe, expect, test } from 'vitest';
import { transition } from '../../../../src/ledger/transition.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import {
  accountOf,
  addressOf,
  HOUSE,
  type LedgerWorld,
  legOf,
  openWorld,
  ownerOf,
  postedOrder,
  releasesOn,
  sealedOrder,
  TERMS,
  transparent,
  WEST,
} from '../../../support/ledger.ts';

// Account ids follow from public keys and addresses. Nobody is to learn by them whose account is open.

const VICTIM = accountOf(1);
const NOBODY = accountOf(2);
const PROBER = 9;
const LEAST = TERMS.entryFee + TERMS.leastBalance;

/** A world in which the victim has an account, and whoever probes has one too. */
function probedWorld(): LedgerWorld {
  const world = openWorld();
  world.send(sealedOrder({ account: VICTIM }));
  world.send(sealedOrder({ account: accountOf(PROBER) }), { sender: addressOf(PROBER) });
  world.advance();
  return world;
}

describe('whether an account is open does not show', () => {
  test.each([
    ['less than opens an account', LEAST - 1n, false],
    ['what opens one', LEAST, true],
  ])('by what is left after a transfer of %s', (_, amount, isDone) => {
    const left = (recipient: Hex) => {
      const world = probedWorld();
      const legs = [legOf({ mode: 'transfer', chainId: 0n, recipient, amount })];
      const before = world.balance(accountOf(PROBER));
      world.post(postedOrder({ owner: ownerOf(PROBER), legs }));
      world.advance();
      return world.balance(accountOf(PROBER)) < before;
    };
    expect([left(VICTIM), left(NOBODY)]).toEqual([isDone, isDone]);
  });

  test.each([
    ['less than opens an account', LEAST - 1n, 1],
    ['what opens one', LEAST, 0],
  ])('by what is given back of a deposit of %s', (_, credit, refunds) => {
    const refunded = (account: Hex) => {
      const world = probedWorld();
      world.send(sealedOrder({ account }), { sender: addressOf(PROBER), amount: 10n + credit });
      return releasesOn(world.advance(), WEST).length;
    };
    expect([refunded(VICTIM), refunded(NOBODY)]).toEqual([refunds, refunds]);
  });

  test('by the ids of states: every beneficiary ends in another', () => {
    const world = probedWorld();
    world.send(transparent);
    const ids = [HOUSE, VICTIM, NOBODY, accountOf(3)].map(
      (beneficiary) => transition(world.state(), world.input({ beneficiary })).commit.postState,
    );
    expect(new Set(ids).size).toBe(4);
  });
});
