import { beforeEach, describe, expect, it, vi } from 'vitest';
import { inboxOf } from '../../../../src/enclave/state.ts';
import type { CommandParams, CommandResult } from '../../../../src/protocol/enclave-commands.ts';
import { concatBytes, fromHex, type Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { deposit } from '../../../support/deposits.ts';
import {
  BENEFICIARY,
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  testContext,
  wordOf,
} from '../../../support/enclave-world.ts';

/** Small enough that the least snapshot has several chunks. */
const CHUNK_BYTES = vi.hoisted(() => 17 * 1024);
vi.mock('../../../../src/protocol/enclave-commands.ts', async (importActual) => {
  const actual =
    await importActual<typeof import('../../../../src/protocol/enclave-commands.ts')>();
  return { ...actual, MAX_SNAPSHOT_CHUNK_BYTES: CHUNK_BYTES };
});

const context = testContext();
type Chunk = CommandResult<'exportSnapshot'>;

async function chunksFrom(world: EnclaveWorld): Promise<Chunk[]> {
  const chunks = [await world.run('exportSnapshot', { chunk: 0n })];
  while (BigInt(chunks.length) < (chunks[0]?.chunks ?? 0n)) {
    chunks.push(await world.run('exportSnapshot', { chunk: BigInt(chunks.length) }));
  }
  return chunks;
}

/** Another enclave of the network, whose folder is gone. */
const fresh = (in_ = context) => {
  const other = new EnclaveWorld(in_);
  other.governance.push(...world.governance);
  for (const chainId of [ETHEREUM, POLKADOT]) {
    other.deposit(chainId, ...(world.outboxes.get(chainId) ?? []));
  }
  return other;
};

/** Sends chunks; the last with a proof that the anchor keeps `anchored`, the snapshot's own id unless said. */
async function restore(
  to: EnclaveWorld,
  chunks: readonly Chunk[],
  change: Partial<CommandParams<'restoreSnapshot'>> & { readonly anchored?: Hex } = {},
): Promise<CommandResult<'restoreSnapshot'> | undefined> {
  let status: CommandResult<'restoreSnapshot'> | undefined;
  for (const [i, { number, stateId, bytes }] of chunks.entries()) {
    const isLast = i === chunks.length - 1;
    const { anchored = stateId, ...rest } = change;
    const { proof } = to.proveAnchor({ number: rest.number ?? number, postState: anchored });
    status = await to.run('restoreSnapshot', {
      number,
      chunk: BigInt(i),
      chunks: BigInt(chunks.length),
      bytes,
      proof: isLast ? proof : null,
      ...rest,
    });
  }
  return status;
}

let world: EnclaveWorld;
beforeEach(async () => {
  world = new EnclaveWorld(context);
  await world.openLedger();
  for (const round of [2n, 3n, 4n]) {
    world.deposit(ETHEREUM, deposit(ETHEREUM, 1000n, { sentAtSec: cutOf(ETHEREUM, round) }));
  }
  await world.advance({ round: 3n });
});

describe('a snapshot', () => {
  it('makes another enclave of the network the same ledger, whose history goes on', async () => {
    const chunks = await chunksFrom(world);
    expect(chunks.length).toBe(4);
    const other = fresh();
    const status = await restore(other, chunks);
    expect(status?.ledger).toEqual((await world.run('status', {})).ledger);
    expect(await other.reveal(POLKADOT)).toMatchObject({
      batches: (await world.reveal(POLKADOT)).batches.map(({ batch }) => ({ batch })),
    });
    const next = await world.advance();
    await other.reach(4n);
    const { asOf, control, paid } = next;
    expect(await other.propose({ asOf, control, paid: [...paid] })).toEqual(next);
  });

  it('goes on from the messages that it has consumed, keeping those that are at hand behind them', async () => {
    const other = fresh();
    await other.reach(4n);
    await restore(other, await chunksFrom(world));
    expect(inboxOf(other.state, ETHEREUM).messages.map(({ index }) => index)).toEqual([2n]);
    expect(other.state.control).toMatchObject({ messages: [], position: world.controlAt() });
    expect((await other.propose()).inputs[0]?.count).toBe(3n);
  });

  it('begins where the ledger stands, whatever was known before', async () => {
    const other = fresh();
    await other.run('ingest', {
      chainId: ETHEREUM,
      fromIndex: 0n,
      messages: world.outboxes.get(ETHEREUM)!.slice(0, 1),
      proof: other.proveOutbox(ETHEREUM, 1),
    });
    await restore(other, await chunksFrom(world));
    expect(inboxOf(other.state, ETHEREUM)).toMatchObject({
      position: world.positionAt(ETHEREUM, 2),
      messages: [],
      provenAtSec: 0n,
    });
    await other.ingestAll(ETHEREUM);
    expect(inboxOf(other.state, ETHEREUM).position).toEqual(world.positionAt(ETHEREUM));
  });

  it('drops what was proposed on the state before', async () => {
    const other = fresh();
    await other.reach(2n);
    const { postState } = await other.propose();
    await restore(other, await chunksFrom(world));
    const error = await asyncRefusal(other.run('signCommit', { postState }));
    expect(error.code).toBe('ENCLAVE_UNKNOWN_STATE');
  });

  it('is the same in every enclave, and of one length while the ledger is small', async () => {
    const chunks = await chunksFrom(world);
    expect(await chunksFrom(world)).toEqual(chunks);
    const twin = fresh();
    await restore(twin, chunks);
    expect(await chunksFrom(twin)).toEqual(chunks);
    const genesis = await chunksFrom(new EnclaveWorld(context));
    expect(genesis.map(({ bytes }) => bytes.length)).toEqual(
      chunks.map(({ bytes }) => bytes.length),
    );
    const all = concatBytes(...chunks.map(({ bytes }) => bytes));
    expect(Buffer.from(all).includes(fromHex(BENEFICIARY))).toBe(false);
  });

  it('is of one state, though the ledger moves while it is shown', async () => {
    const first = await world.run('exportSnapshot', { chunk: 0n });
    await world.advance();
    const rest = [];
    for (let i = 1n; i < first.chunks; i++) {
      rest.push(await world.run('exportSnapshot', { chunk: i }));
    }
    const other = fresh();
    await restore(other, [first, ...rest]);
    expect(other.ledger.stateId).toBe(first.stateId);
  });

  it('is not gone on with where none was begun, nor behind its end', async () => {
    for (const chunk of [1n, 3n]) {
      const error = await asyncRefusal(world.run('exportSnapshot', { chunk }));
      expect(error).toMatchObject({ code: 'ENCLAVE_SNAPSHOT_MISPLACED', meta: { chunks: 0 } });
    }
    await world.run('exportSnapshot', { chunk: 0n });
    const behind = await asyncRefusal(world.run('exportSnapshot', { chunk: 4n }));
    expect(behind).toMatchObject({ code: 'ENCLAVE_SNAPSHOT_MISPLACED', meta: { chunks: 4 } });
    await chunksFrom(world);
    expect(world.state.shown).toBeNull();
  });
});

describe('a snapshot is refused', () => {
  const refused = { code: 'ENCLAVE_SNAPSHOT_REFUSED', disposition: 'reject', meta: {} };
  const misplaced = { code: 'ENCLAVE_SNAPSHOT_MISPLACED', disposition: 'retry' };
  let other: EnclaveWorld;
  let chunks: Chunk[];
  beforeEach(async () => {
    other = fresh();
    chunks = await chunksFrom(world);
  });
  const refusalOf = async (sent: readonly Chunk[], change = {}) => {
    const error = await asyncRefusal(restore(other, sent, change));
    expect(other.ledger.state.number).toBe(0n);
    return error;
  };

  it('if it is of another history than the one that the anchor keeps', async () => {
    const elsewhere = fresh();
    elsewhere.outboxes.set(ETHEREUM, []);
    await elsewhere.advance();
    await elsewhere.advance({ round: 3n });
    const theirs = await chunksFrom(elsewhere);
    expect(theirs[0]?.number).toBe(world.ledger.state.number);
    expect(await refusalOf(theirs, { anchored: world.ledger.stateId })).toMatchObject(refused);
  });

  it('if the anchor keeps its id, but for another number', async () => {
    expect(await refusalOf(chunks, { number: 3n })).toMatchObject(refused);
  });

  it('while it is not anchored, and taken once it is', async () => {
    const none = wordOf(0n);
    expect(await refusalOf(chunks, { anchored: none })).toMatchObject({
      code: 'ENCLAVE_NOT_ANCHORED',
      disposition: 'retry',
    });
    const last = chunks.at(-1)!;
    const { proof } = other.proveAnchor({ number: last.number, postState: last.stateId });
    const place = { number: last.number, chunk: 3n, chunks: 4n };
    // The refused chunk did not count, so it is the one that is still to come.
    await other.run('restoreSnapshot', { ...place, bytes: last.bytes, proof });
    expect(other.ledger.stateId).toBe(world.ledger.stateId);
  });

  it.each([0, 31, 32, 60, 5000, -1])('if byte %i of a chunk is flipped', async (at) => {
    for (const index of [0, 3]) {
      const { bytes, ...rest } = chunks[index]!;
      const place = at < 0 ? bytes.length + at : at;
      const flipped = bytes.with(place, (bytes[place] ?? 0) ^ 1);
      const sent = chunks.with(index, { ...rest, bytes: flipped });
      expect(await refusalOf(sent)).toMatchObject(refused);
    }
  });

  it('if it was sealed in another signing epoch, or by another network', async () => {
    other = fresh(testContext({ epoch: 2 }));
    expect(await refusalOf(chunks)).toMatchObject(refused);
    const snapshotKey = new Uint8Array(32).fill(5);
    other = fresh({ ...context, keys: { ...context.keys, snapshotKey } });
    expect(await refusalOf(chunks)).toMatchObject(refused);
  });

  it('if a chunk stands in the place of another, or of another snapshot', async () => {
    expect(await refusalOf(chunks.with(1, chunks[2]!))).toMatchObject(refused);
    expect(await refusalOf([chunks[0]!])).toMatchObject(refused);
    await world.advance();
    const newer = await chunksFrom(world);
    expect(await refusalOf(chunks.with(1, newer[1]!))).toMatchObject(misplaced);
  });

  it('if its chunks come out of order, or the proof anywhere but with the last', async () => {
    const { number, bytes } = chunks[2]!;
    const send = (params: Partial<CommandParams<'restoreSnapshot'>>) =>
      asyncRefusal(
        other.run('restoreSnapshot', {
          number,
          chunk: 2n,
          chunks: 4n,
          bytes,
          proof: null,
          ...params,
        }),
      );
    expect(await send({})).toMatchObject({ ...misplaced, meta: { chunk: 2, expected: 0 } });
    const { proof } = other.proveAnchor({ number, postState: chunks[0]!.stateId });
    expect(await send({ proof })).toMatchObject(misplaced);
    expect(await send({ chunk: 3n, bytes: chunks[3]!.bytes })).toMatchObject(misplaced);
    expect(await send({ chunk: 4n })).toMatchObject(misplaced);
    expect(await send({ chunks: 2n ** 32n - 1n })).toMatchObject(misplaced);
  });

  it('if the ledger is as far, or further: it never goes back', async () => {
    const before = world.state;
    const error = await asyncRefusal(restore(world, chunks));
    expect(error).toMatchObject({ ...misplaced, meta: { number: 2n, reached: 2n } });
    expect(world.ledger).toBe(before.durable.ledger);
    await world.advance();
    const later = await asyncRefusal(restore(world, chunks));
    expect(later).toMatchObject({ ...misplaced, meta: { number: 2n, reached: 3n } });
  });
});
