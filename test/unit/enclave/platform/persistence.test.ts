import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyInbox } from '../../../../src/enclave/inbox.ts';
import { initialState } from '../../../../src/enclave/initial-state.ts';
import { loadKeys, openState } from '../../../../src/enclave/platform/persistence.ts';
import { systemRng } from '../../../../src/enclave/platform/rng.ts';
import {
  openSealedStore,
  type SealedStore,
} from '../../../../src/enclave/platform/sealed-store.ts';
import type { EnclaveState } from '../../../../src/enclave/state.ts';
import { encodeState } from '../../../../src/ledger/state-codec.ts';
import { concatBytes } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { deposit } from '../../../support/deposits.ts';
import {
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  testContext,
  wordOf,
} from '../../../support/enclave-world.ts';
import { refusal } from '../../../support/refusal.ts';

const context = testContext();
let folder = '';
let world: EnclaveWorld;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veilspan-persist-'));
  world = new EnclaveWorld(context);
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (at = folder) => openSealedStore(at, context.measurement, systemRng);
const load = (at = folder) => openState(open(at), context).state;
/** Without opening the folder, which would take it over. */
const names = () =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.sealed'))
    .map((file) => file.slice(0, -'.sealed'.length))
    .toSorted();
/** The ledger as bytes, which are the same for the same state. */
const bytesOf = ({ durable }: EnclaveState) => concatBytes(...encodeState(durable.ledger.state));
/** Adds a deposit that round `round` consumes, and takes the ledger over it. */
async function advanceTo(round: bigint): Promise<void> {
  world.deposit(ETHEREUM, deposit(ETHEREUM, 1000n, { sentAtSec: cutOf(ETHEREUM, round) }));
  await world.advance({ round });
}

/** An enclave's process: what it is given it seals, from the state that it opened. */
function start(store: SealedStore = open()) {
  loadKeys(store, systemRng);
  const { state, persist } = openState(store, context);
  let sealed = state;
  return {
    seal(next: EnclaveState): void {
      persist(sealed, next);
      sealed = next;
    },
  };
}

/** A store whose process is killed when it comes to a record of that name. */
function killedAt(pattern: RegExp): SealedStore {
  const store = open();
  return {
    ...store,
    save(name, record) {
      if (pattern.test(name)) throw new Error('killed');
      store.save(name, record);
    },
    remove(name) {
      if (pattern.test(name)) throw new Error('killed');
      store.remove(name);
    },
  };
}

async function sealTransitions(count: number): Promise<void> {
  const { seal } = start();
  for (let i = 0; i < count; i++) {
    await advanceTo(world.ledger.state.round + 1n);
    seal(world.state);
  }
}

describe('what an enclave seals', () => {
  it('is everything durable: the next process goes on from there', async () => {
    await sealTransitions(4);
    const loaded = load();
    expect(bytesOf(loaded)).toEqual(bytesOf(world.state));
    expect(loaded.durable.ledger.stateId).toBe(world.ledger.stateId);
    expect(loaded.durable.lightClients).toEqual(world.state.durable.lightClients);
    expect(loaded.proposals.size).toBe(0);
    expect(loaded.inboxes.get(ETHEREUM)).toEqual(emptyInbox(world.positionAt(ETHEREUM)));
    const releases = await world.reveal(ETHEREUM);
    world.state = loaded;
    expect(await world.reveal(ETHEREUM)).toEqual(releases);
  });

  it('is nothing in an empty folder: the first process begins at genesis', () => {
    const loaded = load();
    expect(bytesOf(loaded)).toEqual(bytesOf(initialState(context)));
    expect(loaded.durable.ledger.state.number).toBe(0n);
    expect(open().list()).toEqual([]);
  });

  it('is the secrets once: the same keys at every start', () => {
    const drawn = loadKeys(open(), systemRng);
    expect(loadKeys(open(), systemRng)).toEqual(drawn);
    expect(drawn.masterSecret).not.toEqual(drawn.signingKey);
  });

  it('is the ledger once, and then of each transition what it has changed', async () => {
    await sealTransitions(3);
    expect(names()).toEqual([
      'clients',
      'keys',
      'ledger-1-part-0',
      'ledger-2-delta',
      'ledger-3-delta',
      'ledger-head',
    ]);
  });

  it('is as long whatever a round has changed: the host sees how long files are', async () => {
    const { seal } = start();
    await world.advance({ round: 1n });
    seal(world.state);
    await world.advance({ round: 2n });
    seal(world.state);
    await advanceTo(3n);
    seal(world.state);
    const lengths = ['ledger-2-delta', 'ledger-3-delta'].map(
      (name) => open().load(name)?.length ?? 0,
    );
    expect(lengths).toEqual([65_536, 65_536]);
    expect(open().load('ledger-1-part-0')).toHaveLength(65_536);
    expect(load().durable.ledger.stateId).toBe(world.ledger.stateId);
  });

  it('is nothing where nothing has changed, and light clients alone where only they have', async () => {
    await sealTransitions(1);
    const written: string[] = [];
    const store = open();
    const { persist } = openState(
      {
        ...store,
        save(name, record) {
          written.push(name);
          store.save(name, record);
        },
      },
      context,
    );
    const before = world.state;
    persist(before, { ...before, proposals: new Map(), inboxes: new Map() });
    expect(written).toEqual([]);
    world.proveOutbox(ETHEREUM);
    persist(before, world.state);
    expect(written).toEqual(['clients']);
  });

  it('is the whole ledger anew once the changes outgrow it, and what that replaces is dropped', async () => {
    const { seal } = start();
    await advanceTo(1n);
    seal(world.state);
    expect(names()).toContain('ledger-1-part-0');
    let round = 1n;
    while (names().includes('ledger-1-part-0')) {
      round += 10n;
      for (let r = round - 9n; r <= round; r++) {
        const sent = deposit(ETHEREUM, 1000n, { sentAtSec: cutOf(ETHEREUM, r) });
        world.deposit(ETHEREUM, ...Array.from({ length: 60 }, () => sent));
      }
      await world.advance({ round });
      seal(world.state);
    }
    const { number } = world.ledger.state;
    expect(names()).toEqual(['clients', 'keys', `ledger-${number}-part-0`, 'ledger-head']);
    expect(bytesOf(load())).toEqual(bytesOf(world.state));
    await advanceTo(round + 1n);
    start().seal(world.state);
    expect(names()).toContain(`ledger-${number + 1n}-delta`);
    expect(bytesOf(load())).toEqual(bytesOf(world.state));
  });

  it('is the whole ledger where it did not follow from what is sealed, as after a snapshot', async () => {
    await sealTransitions(2);
    const { seal } = start();
    await advanceTo(3n);
    await advanceTo(4n);
    seal(world.state);
    expect(names()).toEqual(['clients', 'keys', 'ledger-4-part-0', 'ledger-head']);
    expect(bytesOf(load())).toEqual(bytesOf(world.state));
  });
});

describe('sealed records', () => {
  it.each(['ledger-1-part-0', 'ledger-2-delta', 'ledger-3-delta'])(
    'are refused when %s is missing',
    async (name) => {
      await sealTransitions(3);
      open().remove(name);
      expect(refusal(() => load())).toMatchObject({
        code: 'ENCLAVE_SEAL_BROKEN',
        meta: { record: name },
      });
    },
  );

  it('are refused when they are of different ages', async () => {
    await sealTransitions(2);
    const old = open().load('ledger-head')!;
    world.state = load();
    const { seal } = start();
    await advanceTo(3n);
    seal(world.state);
    const change = (name: string, record: Uint8Array) => open().save(name, record);
    const second = open().load('ledger-2-delta')!;
    change('ledger-3-delta', second);
    expect(() => load()).toThrow();
    change('ledger-head', old);
    expect(load().durable.ledger.state.number).toBe(2n);
    change('ledger-2-delta', open().load('ledger-1-part-0')!);
    expect(() => load()).toThrow();
    change('ledger-2-delta', second);
    expect(load().durable.ledger.state.number).toBe(2n);
  });

  it('are refused when the keys are gone: no new ones are drawn over a state', async () => {
    await sealTransitions(1);
    open().remove('keys');
    expect(refusal(() => loadKeys(open(), systemRng))).toMatchObject({
      code: 'ENCLAVE_SEAL_BROKEN',
      meta: { record: 'keys' },
    });
  });

  it('may be gone but for the keys: the enclave begins at genesis, to be given a snapshot', async () => {
    await sealTransitions(2);
    const keys = loadKeys(open(), systemRng);
    for (const name of names()) if (name !== 'keys') open().remove(name);
    expect(loadKeys(open(), systemRng)).toEqual(keys);
    expect(load().durable.ledger.state.number).toBe(0n);
  });

  it.each([/delta$/, /head$/])('survive a kill before %s: it did not happen', async (record) => {
    await sealTransitions(2);
    const before = bytesOf(world.state);
    const { seal } = start(killedAt(record));
    await advanceTo(3n);
    expect(() => seal(world.state)).toThrow('killed');
    writeFileSync(join(folder, 'ledger-head.sealed.new'), 'half');
    expect(bytesOf(load())).toEqual(before);
    // The next process comes by the same place.
    world.state = load();
    await world.advance({ round: 3n });
    start().seal(world.state);
    expect(bytesOf(load())).toEqual(bytesOf(world.state));
  });

  it('survive a kill while the whole is written anew, or what it replaces is dropped', async () => {
    await sealTransitions(2);
    const before = bytesOf(world.state);
    await advanceTo(3n);
    await advanceTo(4n);
    expect(() => start(killedAt(/part-0$/)).seal(world.state)).toThrow('killed');
    expect(bytesOf(load())).toEqual(before);
    expect(() => start(killedAt(/head$/)).seal(world.state)).toThrow('killed');
    expect(names()).toContain('ledger-4-part-0');
    expect(bytesOf(load())).toEqual(before);
    expect(() => start(killedAt(/2-delta$/)).seal(world.state)).toThrow('killed');
    expect(bytesOf(load())).toEqual(bytesOf(world.state));
    expect(names()).toContain('ledger-2-delta');
  });
});

describe('a folder that was rolled back', () => {
  it('can only repeat history', async () => {
    await sealTransitions(2);
    const old = mkdtempSync(join(tmpdir(), 'veilspan-old-'));
    for (const file of readdirSync(folder)) cpSync(join(folder, file), join(old, file));
    const history = await world.reveal(ETHEREUM);
    await advanceTo(3n);
    const later = await world.reveal(ETHEREUM);
    const current = world.ledger.stateId;
    const commit = { asOf: world.ledger.state.asOf };

    const rolledBack = new EnclaveWorld(context);
    rolledBack.deposit(ETHEREUM, ...(world.outboxes.get(ETHEREUM) ?? []));
    rolledBack.state = load(old);
    expect(await rolledBack.reveal(ETHEREUM)).toEqual(history);
    const unknown = await asyncRefusal(rolledBack.propose({ prevState: current }));
    expect(unknown.code).toBe('ENCLAVE_UNKNOWN_STATE');
    const other = await asyncRefusal(rolledBack.confirm({ number: 3n, postState: wordOf(1n) }));
    expect(other.code).toBe('ENCLAVE_ANCHOR_UNKNOWN');

    await rolledBack.reach(3n);
    await rolledBack.propose(commit);
    await rolledBack.confirm({ number: 3n, postState: current });
    expect(await rolledBack.reveal(ETHEREUM)).toEqual(later);
    expect((await rolledBack.reveal(POLKADOT)).batches).toEqual([]);
    rmSync(old, { recursive: true });
  });
});
