import { readFile } from 'node:fs/promises';
import type { Hex } from '../../shared/bytes.ts';
import type { Clock } from '../../shared/clock.ts';
import { BridgeError } from '../../shared/errors.ts';
import { DEV_URIS, deriveAccountKey, deriveGrandpaKey } from './authority-keys.ts';
import { BlockProducer, nextSlotAfter, SLOT_DURATION_MS } from './block-producer.ts';
import type { Block, ImportEvent } from './block-tree.ts';
import { type Chain, createChain } from './chain.ts';
import type { JsonObject } from './genesis.ts';
import { GrandpaVoter, type VoterFault } from './grandpa-voter.ts';
import { createAuthorModule } from './rpc/author.ts';
import { createChainModule } from './rpc/chain.ts';
import { createChildStateModule } from './rpc/childstate.ts';
import { createDispatch } from './rpc/dispatch.ts';
import { createGrandpaModule } from './rpc/grandpa.ts';
import { createPaymentModule } from './rpc/payment.ts';
import { createRuntimeApi } from './rpc/runtime-api.ts';
import { type RpcServer, startRpcServer } from './rpc/server.ts';
import { createStateModule } from './rpc/state.ts';
import { createSystemModule } from './rpc/system.ts';
import { createSerialQueue } from './serial-queue.ts';
import { rotateAuthorities, signSetChange } from './set-changes.ts';
import { TransactionWatches } from './transaction-watches.ts';

export type GrandpaAuthorityOption = {
  /** Derivation path of the development phrase, `//Alice`. */
  readonly uri: string;
  readonly weight: number;
};

export type PolkadotDevnetOptions = {
  /** The runtime: a path to its compressed wasm, or the bytes. */
  readonly wasm: string | Uint8Array;
  readonly preset?: 'development' | 'local_testnet' | 'three_finality';
  /** In place of the preset's GRANDPA authorities. */
  readonly authorities?: readonly GrandpaAuthorityOption[];
  /** Real time between blocks; other than 2000 the chain's own time is virtual. */
  readonly slotMs?: number;
  /** Makes the chain's time virtual: the first block's slot begins here or just before. */
  readonly genesisTimeMs?: number;
  /** `manual` builds blocks on `produceBlock` only. */
  readonly production?: 'automatic' | 'manual';
  /** Every so many blocks the authority set changes. */
  readonly setChangeIntervalBlocks?: number;
  /** The key that signs the set changes and holds sudo; the preset's is `//Alice`. */
  readonly sudoUri?: string;
  readonly finalityLagBlocks?: number;
  /** By derivation path. */
  readonly voterFaults?: Readonly<Record<string, VoterFault>>;
  readonly host?: string;
  readonly port?: number;
  readonly clock?: Clock;
};

export type PolkadotDevnet = {
  readonly wsUrl: string;
  readonly httpUrl: string;
  readonly genesisHash: Hex;
  /** Builds, imports and, unless held, finalises; returns the block's hash. */
  produceBlock(): Promise<Hex>;
  holdFinality(): void;
  resumeFinality(): Promise<void>;
  /** From now on these authorities are late or absent, and no others. */
  setVoterFaults(faults: Readonly<Record<string, VoterFault>>): Promise<void>;
  /** Replaces the last `depth` blocks of the best chain by a longer, empty branch; returns its blocks. */
  fork(request: { depth: number }): Promise<readonly Hex[]>;
  close(): Promise<void>;
};

const systemClock: Clock = { nowMs: () => Date.now() };

/** Starts a chain of the real runtime with toy validators, serving Substrate's JSON-RPC. */
export async function createPolkadotDevnet(
  options: PolkadotDevnetOptions,
): Promise<PolkadotDevnet> {
  const code = typeof options.wasm === 'string' ? await readFile(options.wasm) : options.wasm;
  const preset = options.preset ?? 'development';
  const chain = await createChain({ code, preset, patch: createGenesisPatch(options) });
  const runner = new DevnetRunner(chain, options);
  const server = await startRpcServer(createRpc(chain, runner.voter, preset), {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
  });
  if (options.production !== 'manual') runner.start();
  return createHandle(chain, runner, server);
}

function createHandle(chain: Chain, runner: DevnetRunner, server: RpcServer): PolkadotDevnet {
  return {
    wsUrl: server.wsUrl,
    httpUrl: server.httpUrl,
    genesisHash: chain.tree.genesis.hash,
    produceBlock: async () => (await runner.produceBlock()).hash,
    holdFinality: () => runner.holdFinality(),
    resumeFinality: () => runner.resumeFinality(),
    setVoterFaults: (faults) => runner.setVoterFaults(faults),
    fork: async ({ depth }) => (await runner.fork(depth)).map(({ hash }) => hash),
    async close() {
      await runner.stop();
      await server.close();
      await chain.executor.close();
    },
  };
}

function createGenesisPatch(options: PolkadotDevnetOptions): JsonObject {
  const authorities = options.authorities?.map(({ uri, weight }) => [
    deriveGrandpaKey(uri).address,
    weight,
  ]);
  const sudoUri = options.sudoUri;
  return {
    ...(authorities !== undefined && { grandpa: { authorities } }),
    ...(sudoUri !== undefined && { sudo: { key: deriveAccountKey(sudoUri).address } }),
  };
}

function createRpc(chain: Chain, voter: GrandpaVoter, preset: string) {
  const runtime = createRuntimeApi(chain);
  const chainType = preset === 'development' ? 'Development' : 'Local';
  return createDispatch([
    createChainModule(chain),
    createStateModule(chain, runtime),
    createChildStateModule(chain),
    createAuthorModule(chain, new TransactionWatches(chain)),
    createSystemModule(chain, { chain: `Veilspan ${preset}`, chainType }),
    createPaymentModule(chain, runtime),
    createGrandpaModule(chain, voter),
  ]);
}

/** Keeps the chain going: one block per slot, a round of votes after each. */
class DevnetRunner {
  readonly voter: GrandpaVoter;
  readonly #chain: Chain;
  readonly #options: PolkadotDevnetOptions;
  readonly #producer: BlockProducer;
  readonly #queue = createSerialQueue();
  readonly #clock: Clock;
  #faults: ReadonlyMap<Hex, VoterFault>;
  #isHeld = false;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(chain: Chain, options: PolkadotDevnetOptions) {
    this.#chain = chain;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#producer = new BlockProducer(chain, DEV_URIS);
    this.voter = new GrandpaVoter(chain.tree, DEV_URIS.map(deriveGrandpaKey));
    this.#faults = keyFaults(options.voterFaults ?? {});
  }

  start(): void {
    const slotMs = this.#slotMs;
    const delayMs = slotMs - (this.#clock.nowMs() % slotMs);
    this.#timer = setTimeout(() => {
      // A failed block must not stop the chain; the next slot tries again.
      void this.produceBlock()
        .catch(() => undefined)
        .finally(() => this.#isStopped || this.start());
    }, delayMs);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#queue.run(async () => undefined);
  }

  produceBlock(): Promise<Block> {
    return this.#queue.run(async () => {
      await this.#submitSetChange();
      const parent = this.#chain.tree.best;
      const extrinsics = this.#producer.chooseExtrinsics();
      const block = await this.#extend(parent, { slot: this.#nextSlot(parent), extrinsics });
      this.#vote();
      return block;
    });
  }

  holdFinality(): void {
    this.#isHeld = true;
  }

  resumeFinality(): Promise<void> {
    return this.#queue.run(async () => {
      this.#isHeld = false;
      this.#vote();
    });
  }

  setVoterFaults(faults: Readonly<Record<string, VoterFault>>): Promise<void> {
    return this.#queue.run(async () => {
      this.#faults = keyFaults(faults);
      this.#vote();
    });
  }

  fork(depth: number): Promise<readonly Block[]> {
    return this.#queue.run(async () => {
      const { best, finalized } = this.#chain.tree;
      const number = best.header.number - depth;
      const base = this.#chain.tree.atNumber(number);
      if (depth < 1 || number < finalized.header.number || base === undefined) {
        throw new ForkTooDeepError(depth, best.header.number - finalized.header.number);
      }
      // One slot is left out, so that an empty branch does not repeat the blocks it replaces.
      const blocks = [await this.#extend(base, { slot: nextSlotAfter(base) + 1, extrinsics: [] })];
      for (let parent = blocks[0]; parent !== undefined && blocks.length <= depth; ) {
        parent = await this.#extend(parent, { slot: nextSlotAfter(parent), extrinsics: [] });
        blocks.push(parent);
      }
      this.#vote();
      return blocks;
    });
  }

  get #slotMs(): number {
    return this.#options.slotMs ?? SLOT_DURATION_MS;
  }

  #nextSlot(parent: Block): number {
    const { genesisTimeMs } = this.#options;
    const earliest = parent.header.number === 0 ? 0 : nextSlotAfter(parent);
    const isVirtual = genesisTimeMs !== undefined || this.#slotMs !== SLOT_DURATION_MS;
    const isFirst = parent.header.number === 0;
    if (isVirtual && !isFirst) return earliest;
    const nowMs = genesisTimeMs ?? this.#clock.nowMs();
    return Math.max(earliest, Math.floor(nowMs / SLOT_DURATION_MS));
  }

  async #extend(
    parent: Block,
    request: { slot: number; extrinsics: readonly Hex[] },
  ): Promise<Block> {
    const { tree } = this.#chain;
    const { block } = await this.#producer.build({ parent, ...request });
    const events: ImportEvent[] = [];
    const stop = tree.imported.subscribe((event) => events.push(event));
    tree.import(block);
    stop();
    for (const event of events) await this.#updatePool(event);
    return block;
  }

  async #updatePool({ retracted, enacted, block }: ImportEvent): Promise<void> {
    if (enacted.length === 0) return;
    const { pool } = this.#chain;
    const included = enacted.flatMap(({ extrinsics }) => extrinsics);
    await pool.advance(block, included);
    // The first extrinsic of a block is its inherent, which belongs to that block alone.
    const orphans = retracted.flatMap(({ extrinsics }) => extrinsics.slice(1));
    for (const extrinsic of orphans.filter((orphan) => !included.includes(orphan))) {
      // One that the new branch made invalid has nowhere to go back to.
      await pool.submit(extrinsic, block).catch(() => undefined);
    }
  }

  async #submitSetChange(): Promise<void> {
    const { setChangeIntervalBlocks: interval, sudoUri = '//Alice' } = this.#options;
    const { best, genesis } = this.#chain.tree;
    if (interval === undefined || (best.header.number + 1) % interval !== 0) return;
    const initial = genesis.grandpa.set.authorities;
    const authorities = rotateAuthorities(initial, DEV_URIS, best.grandpa.next.setId + 1);
    const extrinsic = signSetChange(this.#chain, { sudoUri, authorities });
    await this.#chain.pool.submit(extrinsic, best);
  }

  #vote(): void {
    if (this.#isHeld) return;
    const lagBlocks = this.#options.finalityLagBlocks ?? 1;
    this.voter.finalize({ lagBlocks, faults: this.#faults });
  }
}

function keyFaults(faults: Readonly<Record<string, VoterFault>>): ReadonlyMap<Hex, VoterFault> {
  return new Map(
    Object.entries(faults).map(([uri, fault]) => [deriveGrandpaKey(uri).publicKey, fault]),
  );
}

export class ForkTooDeepError extends BridgeError<{ depth: number; most: number }> {
  readonly code = 'DEVNET_FORK_TOO_DEEP';
  readonly disposition = 'reject';
  constructor(depth: number, most: number) {
    super(
      `A fork of depth ${depth} was asked for, expected 1 to ${most} blocks that are not final.`,
      {
        depth,
        most,
      },
    );
  }
}
