import { beforeEach, describe, expect, it } from 'vitest';
import { initialState } from '../../../src/enclave/initial-state.ts';
import { parseMeasuredConfig } from '../../../src/enclave/measured-config.ts';
import type { EnclaveContext } from '../../../src/enclave/state.ts';
import { decodeClients, encodeClients } from '../../../src/enclave/state-codec.ts';
import type { EnclaveStatus } from '../../../src/protocol/enclave-commands.ts';
import { asyncRefusal } from '../../support/async-refusal.ts';
import {
  CLIENTS,
  EnclaveWorld,
  testContext,
  withLightClient,
} from '../../support/enclave-world.ts';
import { MAINNET_CAPELLA, mainnetCapella } from '../../support/ethereum-vectors.ts';
import { vectorsMissing } from '../../support/vectors.ts';

const base = testContext();
const client = CLIENTS.ethereum;
const config = parseMeasuredConfig(withLightClient(client, MAINNET_CAPELLA));
const context: EnclaveContext = { ...base, config };

/** What the enclave says of its Ethereum light client. */
function ethereumOf({ lightClients }: EnclaveStatus) {
  const [status] = lightClients;
  if (status?.kind !== 'ethereum') throw new Error('the first light client is another');
  return status;
}

describe.skipIf(vectorsMissing)('an enclave on recorded mainnet data', () => {
  let world: EnclaveWorld;
  beforeEach(() => {
    world = new EnclaveWorld(context);
    world.state = initialState(context);
  });
  const bootstrap = () => world.run('bootstrap', { client, bootstrap: mainnetCapella.bootstrap() });

  it('follows the sync committees from the pinned checkpoint to the last recorded update', async () => {
    const started = await bootstrap();
    const updates = mainnetCapella.updates();
    const status = await world.run('advance', { client, updates });
    expect(ethereumOf(status).committee).toBeGreaterThan(ethereumOf(started).committee);
    expect(ethereumOf(status).knowsNextSyncCommittee).toBe(true);
    const recent = world.state.durable.lightClients.get(client)?.recent ?? [];
    expect(recent.at(-1)?.hash).toBe(ethereumOf(status).held);
    expect(new Set(recent.map(({ hash }) => hash)).size).toBe(recent.length);
    const later = await world.run('advance', { client, updates: [mainnetCapella.finality()] });
    expect(ethereumOf(later).finalizedSlot).toBeGreaterThan(ethereumOf(status).finalizedSlot);
  });

  it('seals and reads back what it knows', async () => {
    await bootstrap();
    await world.run('advance', { client, updates: mainnetCapella.updates() });
    const { lightClients } = world.state.durable;
    const sealed = encodeClients({ lightClients }, config);
    expect(decodeClients(sealed, context.config)).toEqual(lightClients);
  });

  it('takes all six recorded periods in one command', async () => {
    const started = await bootstrap();
    const updates = mainnetCapella.updates();
    expect(updates).toHaveLength(6);
    const status = await world.run('advance', { client, updates });
    expect(ethereumOf(started)).toMatchObject({ committee: 862n, knowsNextSyncCommittee: false });
    expect(ethereumOf(status)).toMatchObject({ committee: 867n, knowsNextSyncCommittee: true });
  });

  it('stopped after three periods and restarted, goes on and ends where one command ends', async () => {
    await bootstrap();
    const started = world.state;
    const updates = mainnetCapella.updates();
    await world.run('advance', { client, updates });
    const whole = encodeClients(world.state.durable, config);
    world.state = started;
    await world.run('advance', { client, updates: updates.slice(0, 3) });
    const sealed = encodeClients(world.state.durable, config);
    world = new EnclaveWorld(context);
    world.state = initialState(context, { lightClients: decodeClients(sealed, config) });
    const halfway = await world.run('status', {});
    expect(ethereumOf(halfway)).toMatchObject({ committee: 864n, knowsNextSyncCommittee: true });
    const repeated = await asyncRefusal(world.run('advance', { client, updates }));
    expect(repeated.code).toBe('ETHEREUM_SIGNATURE_PERIOD');
    await world.run('advance', { client, updates: updates.slice(3) });
    expect(encodeClients(world.state.durable, config)).toEqual(whole);
  });

  it('starts once: a second bootstrap changes nothing', async () => {
    await bootstrap();
    const status = await world.run('advance', { client, updates: mainnetCapella.updates() });
    expect(await bootstrap()).toEqual(status);
  });

  it('takes no update before the bootstrap, and no bootstrap of another checkpoint', async () => {
    const updates = mainnetCapella.updates();
    const early = await asyncRefusal(world.run('advance', { client, updates }));
    expect(early).toMatchObject({
      code: 'ENCLAVE_NOT_BOOTSTRAPPED',
      meta: { client },
    });
    const other = mainnetCapella.bootstrap();
    other.data.header.beacon.slot = '1';
    const { checkpointRoot } = MAINNET_CAPELLA;
    const told = ethereumOf(await world.run('status', {}));
    expect(told).toMatchObject({ held: null, checkpointRoot, knowsNextSyncCommittee: false });
    const error = await asyncRefusal(world.run('bootstrap', { client, bootstrap: other }));
    expect(error.code).toBe('ETHEREUM_CHECKPOINT_MISMATCH');
    expect(world.state.durable.lightClients.get(client)).toEqual({ store: null, recent: [] });
  });

  it('takes none of a list of updates of which one is signed by too few', async () => {
    await bootstrap();
    const updates = mainnetCapella.updates();
    const last = updates.at(-1);
    last.data.sync_aggregate.sync_committee_bits = `0x${'00'.repeat(32)}${'ff'.repeat(32)}`;
    const before = world.state;
    const error = await asyncRefusal(world.run('advance', { client, updates }));
    expect(error.code).toBe('ETHEREUM_PARTICIPATION_TOO_LOW');
    expect(world.state).toBe(before);
  });
});
