import { beforeEach, describe, expect, it, vi } from 'vitest';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { opened } from '../../../support/counted-openings.ts';
import { sealedDeposit } from '../../../support/deposits.ts';
import {
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  testContext,
} from '../../../support/enclave-world.ts';

vi.mock('../../../../src/protocol/envelope.ts', async (importActual) => {
  const { countOpenings } = await import('../../../support/counted-openings.ts');
  return countOpenings(importActual);
});

const context = testContext();
const epochKey = await context.keys.epochKeyOf(1n);
let world: EnclaveWorld;

/** A sealed deposit on Ethereum that the given round consumes, at its last second. */
const sealedIn = (round: bigint, seed: number) =>
  sealedDeposit(ETHEREUM, 1000n, {
    ...{ epoch: 1n, epochKey, seed },
    body: { sentAtSec: cutOf(ETHEREUM, round) },
  });
/** Stamped as the anchor would: with the first round that it has no commit of. */
const suspend = (chainId: bigint) => {
  const round = world.ledger.state.round + 1n;
  world.govern({ kind: 'suspend', chainId }, { sentAtSec: world.nowSec, round });
};
/** Said at the last second that the given round takes of the anchor's outbox: so it holds from the next on. */
const resumeAfter = (round: bigint, named = 0n) =>
  world.govern(
    { kind: 'resume', chainId: ETHEREUM },
    { sentAtSec: cutOf(POLKADOT, round), round: named },
  );
/** Shows all but Ethereum, which has no blocks any more, beyond the cut of a round. */
const reachWithoutEthereum = async (round: bigint) => {
  world.nowSec = cutOf(POLKADOT, round) + 1n;
  await world.ingestAll(POLKADOT);
  await world.ingestGovernance();
};
/** Takes the ledger over the rounds up to `round` without Ethereum. */
const advanceWithoutEthereum = async (round: bigint) => {
  await reachWithoutEthereum(round);
  const commit = await world.propose({ round });
  await world.confirm(commit);
  return commit.inputs[0]?.count;
};
const incomplete = (round: bigint, complete: bigint) => ({
  code: 'ENCLAVE_ROUND_INCOMPLETE',
  meta: { outbox: `${ETHEREUM}`, round, complete },
});

beforeEach(async () => {
  world = new EnclaveWorld(context);
  await world.openLedger();
  world.deposit(ETHEREUM, await sealedIn(2n, 1), await sealedIn(2n, 2));
  await world.reach(2n);
  opened.count = 0;
});

describe('a chain that is suspended', () => {
  it('holds nobody up, and nothing of it is opened, until it is back', async () => {
    suspend(ETHEREUM);
    expect(await advanceWithoutEthereum(3n)).toBe(0n);
    expect((await world.run('status', {})).ledger.suspended).toEqual([ETHEREUM]);
    resumeAfter(5n);
    await world.reach(6n);
    expect((await world.propose({ round: 5n })).inputs[0]?.count).toBe(0n);
    expect(opened.count).toBe(0);
    expect((await world.propose({ round: 6n })).inputs[0]?.count).toBe(2n);
    expect(opened.count).toBe(2);
  });

  it('is taken up where it was left, with all that it sent meanwhile and nothing behind the cut', async () => {
    await world.confirm(await world.propose());
    suspend(ETHEREUM);
    world.deposit(ETHEREUM, await sealedIn(3n, 3), await sealedIn(4n, 4), await sealedIn(6n, 5));
    world.deposit(ETHEREUM, await sealedIn(7n, 6));
    expect(await advanceWithoutEthereum(4n)).toBe(2n);
    resumeAfter(5n);
    expect(await advanceWithoutEthereum(5n)).toBe(2n);
    await reachWithoutEthereum(7n);
    expect(await asyncRefusal(world.propose({ round: 6n }))).toMatchObject(incomplete(6n, 2n));
    await world.reach(7n);
    expect((await world.propose({ round: 6n })).inputs[0]?.count).toBe(5n);
    expect((await world.propose({ round: 7n })).inputs[0]?.count).toBe(6n);
  });

  it('is left out from the first round on that is not committed, though it is complete for that', async () => {
    suspend(ETHEREUM);
    expect(await advanceWithoutEthereum(2n)).toBe(0n);
    expect(await advanceWithoutEthereum(4n)).toBe(0n);
    expect(opened.count).toBe(0);
  });
});

describe('a chain that was to go on and is suspended again', () => {
  it('is not waited for, and nothing of it is opened, though it is proven', async () => {
    suspend(ETHEREUM);
    await advanceWithoutEthereum(3n);
    resumeAfter(4n, 8n);
    await advanceWithoutEthereum(5n);
    suspend(ETHEREUM);
    expect(await advanceWithoutEthereum(20n)).toBe(0n);
    expect(opened.count).toBe(0);
    expect(world.ledger.state.chains[0]?.isSuspended).toBe(true);
  });

  it('is so where one commit consumes both', async () => {
    suspend(ETHEREUM);
    await advanceWithoutEthereum(3n);
    resumeAfter(4n);
    suspend(ETHEREUM);
    expect(await advanceWithoutEthereum(20n)).toBe(0n);
    expect(opened.count).toBe(0);
  });

  it('goes on if it is said once more', async () => {
    suspend(ETHEREUM);
    await advanceWithoutEthereum(3n);
    resumeAfter(4n, 8n);
    suspend(ETHEREUM);
    await advanceWithoutEthereum(4n);
    resumeAfter(6n, 9n);
    await world.reach(9n);
    expect((await world.propose({ round: 8n })).inputs[0]?.count).toBe(0n);
    expect(opened.count).toBe(0);
    expect((await world.propose({ round: 9n })).inputs[0]?.count).toBe(2n);
  });
});

describe('a chain of which it is said early that it goes on', () => {
  it('is waited for from the round on that is named, and nothing of it is opened before', async () => {
    suspend(ETHEREUM);
    await advanceWithoutEthereum(3n);
    resumeAfter(4n, 8n);
    expect(await advanceWithoutEthereum(7n)).toBe(0n);
    expect(opened.count).toBe(0);
    await reachWithoutEthereum(8n);
    expect(await asyncRefusal(world.propose())).toMatchObject(incomplete(8n, 2n));
    expect(opened.count).toBe(0);
    await world.reach(8n);
    expect((await world.propose()).inputs[0]?.count).toBe(2n);
  });
});
