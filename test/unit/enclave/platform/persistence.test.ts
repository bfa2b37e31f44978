import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyInbox } from '../../../../src/enclave/inbox.ts';
import { initialState } from '../../../../src/enclave/initial-state.ts';
import { loadKeys, loadState, persistState } from '../../../../src/enclave/platform/persistence.ts';
import { systemRng } from '../../../../src/enclave/platform/rng.ts';
import { openSealedStore } from '../../../../src/enclave/platform/sealed-store.ts';
import type { EnclaveState } from '../../../../src/enclave/state.ts';
import { MAX_REVEALABLE } from '../../../../src/protocol/limits.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { deposit } from '../../../support/deposits.ts';
import { EnclaveWorld, ETHEREUM, testContext, wordOf } from '../../../support/enclave-world.ts';

const context = await testContext();
let folder = '';
let world: EnclaveWorld;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veilspan-persist-'));
  world = new EnclaveWorld(context);
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (at = folder) => openSealedStore(at, context.measurement, systemRng);

/** One transition of one message, anchored, and sealed as the process would. */
async function transition(sealed: EnclaveState): Promise<EnclaveState> {
  const store = open();
  const count = Number(world.state.durable.ledger.state.number) + 1;
  world.deposit(ETHEREUM, deposit(ETHEREUM, 1000n * BigInt(count)));
  await world.ingestAll(ETHEREUM);
  await world.confirm(await world.propose(count, 0));
  persistState(store, { before: sealed, after: world.state }, context);
  return world.state;
}

async function transitions(count: number): Promise<EnclaveState> {
  loadKeys(open(), systemRng);
  let sealed = world.state;
  for (let i = 0; i < count; i++) sealed = await transition(sealed);
  return sealed;
}

describe('what an enclave seals', () => {
  it('is everything durable: the next process goes on from there', async () => {
    const sealed = await transitions(3);
    const loaded = loadState(open(), context);
    expect(loaded.durable).toEqual(sealed.durable);
    expect(loaded.proposals.size).toBe(0);
    const [inbox] = [...loaded.inboxes.values()];
    expect(inbox).toEqual(emptyInbox(world.positionAt(ETHEREUM)));
  });

  it('is nothing in an empty folder: the first process begins at genesis', () => {
    const loaded = loadState(open(), context);
    expect(loaded).toEqual(initialState(context));
    expect(loaded.durable.ledger.state.number).toBe(0n);
    expect(open().list()).toEqual([]);
  });

  it('is the secrets once: the same keys at every start', () => {
    const drawn = loadKeys(open(), systemRng);
    expect(loadKeys(open(), systemRng)).toEqual(drawn);
    expect(drawn.masterSecret).not.toEqual(drawn.signingKey);
  });

  it('writes a transition once and the state each time, and nothing when nothing changed', async () => {
    const sealed = await transitions(2);
    const names = open().list().toSorted();
    expect(names).toEqual(['keys', 'state', 'transition-1', 'transition-2']);
    const written: string[] = [];
    const store = open();
    const watching = {
      ...store,
      save: (name: string, record: Uint8Array) => {
        written.push(name);
        store.save(name, record);
      },
    };
    const beside = { ...sealed, proposals: new Map(), inboxes: new Map() };
    persistState(watching, { before: sealed, after: beside }, context);
    expect(written).toEqual([]);
    const before = world.state;
    world.proveOutbox(ETHEREUM);
    persistState(watching, { before, after: world.state }, context);
    expect(written).toEqual(['state']);
  });

  it('drops the transitions that it no longer keeps, after the state says so', async () => {
    const sealed = await transitions(1);
    const [one] = sealed.durable.revealable;
    const many = Array.from({ length: MAX_REVEALABLE }, (_, i) => ({
      ...one!,
      number: BigInt(i + 2),
    }));
    const next = { ...sealed, durable: { ...sealed.durable, revealable: many } };
    persistState(open(), { before: sealed, after: next }, context);
    expect(open().list()).not.toContain('transition-1');
    expect(loadState(open(), context).durable.revealable).toEqual(many);
  });

  it('is refused when a transition is missing or of another age', async () => {
    await transitions(2);
    const store = open();
    store.save('transition-1', store.load('transition-2')!);
    expect(() => loadState(open(), context)).toThrow(
      expect.objectContaining({ code: 'ENCLAVE_SEAL_BROKEN', meta: { record: 'transition-1' } }),
    );
    store.remove('transition-1');
    expect(() => loadState(open(), context)).toThrow(
      expect.objectContaining({ code: 'ENCLAVE_SEAL_BROKEN', meta: { record: 'transition-1' } }),
    );
  });

  it('is refused when the keys are gone: no new ones are drawn over a state', async () => {
    await transitions(1);
    open().remove('keys');
    expect(() => loadKeys(open(), systemRng)).toThrow(
      expect.objectContaining({ code: 'ENCLAVE_SEAL_BROKEN', meta: { record: 'keys' } }),
    );
  });

  it('survives being killed between its records: what is half done does not count', async () => {
    const sealed = await transitions(1);
    const store = open();
    const killed = {
      ...store,
      save: (name: string, record: Uint8Array) => {
        if (name === 'state') throw new Error('killed');
        store.save(name, record);
      },
    };
    world.deposit(ETHEREUM, deposit(ETHEREUM, 5000n));
    await world.ingestAll(ETHEREUM);
    await world.confirm(await world.propose(2, 0));
    expect(() => persistState(killed, { before: sealed, after: world.state }, context)).toThrow(
      'killed',
    );
    writeFileSync(join(folder, 'state.sealed.new'), 'half');
    expect(open().list()).toContain('transition-2');
    expect(loadState(open(), context).durable).toEqual(sealed.durable);
  });
});

describe('a folder that was rolled back', () => {
  it('can only repeat history', async () => {
    const first = await transitions(1);
    const old = mkdtempSync(join(tmpdir(), 'veilspan-old-'));
    for (const file of readdirSync(folder)) cpSync(join(folder, file), join(old, file));
    const history = await world.reveal(1n);
    const second = await transition(first);
    const later = await world.reveal(2n);

    const rolledBack = new EnclaveWorld(context);
    rolledBack.deposit(ETHEREUM, ...(world.outboxes.get(ETHEREUM) ?? []));
    rolledBack.state = loadState(open(old), context);
    expect(await rolledBack.reveal(1n)).toEqual(history);
    const early = await asyncRefusal(rolledBack.reveal(2n));
    expect(early.code).toBe('ENCLAVE_NOT_FINAL');
    const current: Hex = second.durable.ledger.stateId;
    const unknown = await asyncRefusal(rolledBack.propose(2, 0, current));
    expect(unknown.code).toBe('ENCLAVE_UNKNOWN_STATE');
    const other = await asyncRefusal(rolledBack.confirm({ number: 2n, postState: wordOf(1n) }));
    expect(other.code).toBe('ENCLAVE_ANCHOR_UNKNOWN');

    await rolledBack.ingestAll(ETHEREUM);
    await rolledBack.propose(2, 0);
    await rolledBack.confirm({ number: 2n, postState: current });
    expect(await rolledBack.reveal(2n)).toEqual(later);
    rmSync(old, { recursive: true });
  });
});
