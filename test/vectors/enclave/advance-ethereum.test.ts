import { beforeEach, describe, expect, it } from 'vitest';
import { initialState } from '../../../src/enclave/initial-state.ts';
import type { EnclaveContext } from '../../../src/enclave/state.ts';
import { decodeDurableState, encodeDurableState } from '../../../src/enclave/state-codec.ts';
import { asyncRefusal } from '../../support/async-refusal.ts';
import { EnclaveWorld, testContext } from '../../support/enclave-world.ts';
import { MAINNET_CAPELLA, mainnetCapella } from '../../support/ethereum-vectors.ts';
import { vectorsMissing } from '../../support/vectors.ts';

const base = await testContext();
const ethereum = { ...base.config.ethereum, lightClient: MAINNET_CAPELLA };
const context: EnclaveContext = { ...base, config: { ...base.config, ethereum } };

describe.skipIf(vectorsMissing)('an enclave on recorded mainnet data', () => {
  let world: EnclaveWorld;
  beforeEach(() => {
    world = new EnclaveWorld(context);
    world.state = initialState(context);
  });
  const bootstrap = () => world.run('bootstrapEthereum', { bootstrap: mainnetCapella.bootstrap() });

  it('follows the sync committees from the pinned checkpoint to the last recorded update', async () => {
    const started = await bootstrap();
    const updates = mainnetCapella.updates();
    const status = await world.run('advanceEthereum', { updates });
    expect(status.ethereum?.period).toBeGreaterThan(started.ethereum?.period ?? 0n);
    expect(status.ethereum?.knowsNextSyncCommittee).toBe(true);
    const recent = world.state.durable.ethereum?.recent ?? [];
    expect(recent.at(-1)?.blockHash).toBe(status.ethereum?.blockHash);
    expect(new Set(recent.map(({ blockHash }) => blockHash)).size).toBe(recent.length);
    const later = await world.run('advanceEthereum', { updates: [mainnetCapella.finality()] });
    expect(later.ethereum?.finalizedSlot).toBeGreaterThan(status.ethereum?.finalizedSlot ?? 0n);
  });

  it('seals and reads back what it knows', async () => {
    await bootstrap();
    await world.run('advanceEthereum', { updates: mainnetCapella.updates() });
    const { revealable, ...state } = world.state.durable;
    const sealed = encodeDurableState(world.state.durable, []);
    expect(decodeDurableState(sealed, context.config)).toEqual({ state, references: revealable });
  });

  it('takes all six recorded periods in one command', async () => {
    const started = await bootstrap();
    const updates = mainnetCapella.updates();
    expect(updates).toHaveLength(6);
    const status = await world.run('advanceEthereum', { updates });
    expect(started.ethereum).toMatchObject({ period: 862n, knowsNextSyncCommittee: false });
    expect(status.ethereum).toMatchObject({ period: 867n, knowsNextSyncCommittee: true });
  });

  it('stopped after three periods and restarted, goes on and ends where one command ends', async () => {
    await bootstrap();
    const started = world.state;
    const updates = mainnetCapella.updates();
    await world.run('advanceEthereum', { updates });
    const whole = encodeDurableState(world.state.durable, []);
    world.state = started;
    await world.run('advanceEthereum', { updates: updates.slice(0, 3) });
    const sealed = encodeDurableState(world.state.durable, []);
    const { state } = decodeDurableState(sealed, context.config);
    const { revealable } = world.state.durable;
    world = new EnclaveWorld(context);
    world.state = { ...initialState(context), durable: { ...state, revealable } };
    const halfway = await world.run('status', {});
    expect(halfway.ethereum).toMatchObject({ period: 864n, knowsNextSyncCommittee: true });
    const repeated = await asyncRefusal(world.run('advanceEthereum', { updates }));
    expect(repeated.code).toBe('ETHEREUM_SIGNATURE_PERIOD');
    await world.run('advanceEthereum', { updates: updates.slice(3) });
    expect(encodeDurableState(world.state.durable, [])).toEqual(whole);
  });

  it('starts once: a second bootstrap changes nothing', async () => {
    await bootstrap();
    const status = await world.run('advanceEthereum', { updates: mainnetCapella.updates() });
    expect(await bootstrap()).toEqual(status);
  });

  it('takes no update before the bootstrap, and no bootstrap of another checkpoint', async () => {
    const updates = mainnetCapella.updates();
    const early = await asyncRefusal(world.run('advanceEthereum', { updates }));
    expect(early).toMatchObject({
      code: 'ENCLAVE_NOT_BOOTSTRAPPED',
      meta: { checkpointRoot: MAINNET_CAPELLA.checkpointRoot },
    });
    const other = mainnetCapella.bootstrap();
    other.data.header.beacon.slot = '1';
    const error = await asyncRefusal(world.run('bootstrapEthereum', { bootstrap: other }));
    expect(error.code).toBe('ETHEREUM_CHECKPOINT_MISMATCH');
    expect(world.state.durable.ethereum).toBeNull();
  });

  it('takes none of a list of updates of which one is signed by too few', async () => {
    await bootstrap();
    const updates = mainnetCapella.updates();
    const last = updates.at(-1);
    last.data.sync_aggregate.sync_committee_bits = `0x${'00'.repeat(32)}${'ff'.repeat(32)}`;
    const before = world.state;
    const error = await asyncRefusal(world.run('advanceEthereum', { updates }));
    expect(error.code).toBe('ETHEREUM_PARTICIPATION_TOO_LOW');
    expect(world.state).toBe(before);
  });
});
