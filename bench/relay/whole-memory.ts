import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { assetOf } from '../../devnet/demo-assets.ts';
import { MAX_BATCH_RELEASES } from '../../src/protocol/release.ts';
import { freePort } from '../../test/support/free-port.ts';
import { formatMs, print } from '../report.ts';
import { makeDeposits } from './load.ts';
import { Observer } from './observer.ts';
import { costOf } from './process-cost.ts';
import { PROGRAM, type RelaySide, type RelayWorld, startRelayWorld } from './relay-world.ts';

/** What a relayer's process had resident when something had come about. */
export interface Standing {
  readonly what: string;
  readonly residentBytes: number;
  readonly peakBytes: number;
}

/** What was resident when so many batches were in blocks. */
export interface Growing {
  readonly batches: number;
  readonly residentBytes: number;
}

/** What is to be measured. */
export interface WholeOptions {
  /** Transfers that wait all the time. */
  readonly pending: number;
  /** Batches that are carried the other way meanwhile. */
  readonly batches: number;
  /** File for the relayer's log. */
  readonly log?: string | undefined;
}

/** How it went. */
export interface Whole {
  readonly standings: readonly Standing[];
  readonly growth: readonly Growing[];
}

/** What has not come about in so long will not. */
const STUCK_MS = 300_000;
/** For the batches, once the transfers wait: the local world is slower than this is patient. */
const CARRYING_MS = 240_000;
const IDLE_MS = 20_000;
const LOOK_MS = 500;

/**
 * Runs a relayer as a process of its own in the local world, with connections to all its chains and to an enclave. Transfers to Polkadot
 * come as far as they do and wait, for their lane of releases is paused; meanwhile others go to Ethereum. It ends within a quarter of an
 * hour, with as many batches as there were.
 */
export async function measureWhole(options: WholeOptions): Promise<Whole> {
  const bench = await startRelayWorld();
  const observer = new Observer([bench.ethereum, bench.polkadot]);
  const status = `127.0.0.1:${await freePort()}`;
  const env = { VEILSPAN_RELAYER__STATUS__LISTEN: status };
  const relayer = bench.startRelayer({ log: options.log, env });
  try {
    return await new Run({ bench, observer, status, pid: relayer.pid ?? 0 }).carry(options);
  } finally {
    relayer.kill('SIGKILL');
    await observer.stop();
    await bench.close();
  }
}

interface Parts {
  readonly bench: RelayWorld;
  readonly observer: Observer;
  readonly status: string;
  readonly pid: number;
}

class Run {
  readonly #parts: Parts;
  readonly #standings: Standing[] = [];
  readonly #startMs = performance.now();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async carry({ pending, batches }: WholeOptions): Promise<Whole> {
    const { ethereum, polkadot } = this.#parts.bench;
    await this.#deposit({ toPolkadot: 1, toEthereum: 1 });
    await this.#until('one transfer each way', async () => {
      return [ethereum, polkadot].every((side) => this.#parts.observer.released(side) >= 1n);
    });
    await this.#pause(polkadot);
    const deposits = this.#deposit({ toPolkadot: pending, toEthereum: 0 });
    const others = this.#deposit({ toPolkadot: 0, toEthereum: batches * MAX_BATCH_RELEASES });
    // Whoever waits for it hears of its failure.
    others.catch(() => undefined);
    await deposits;
    await this.#until(`${pending} are recorded and wait`, async () => {
      return (await this.#recorded()) > pending;
    });
    await this.#until('they are committed and wait', () => this.#isAnchored(BigInt(pending)));
    const growth = await this.#carryBatches(batches);
    this.#note(`${growth.at(-1)?.batches ?? 0} batches to Ethereum`);
    await sleep(IDLE_MS);
    this.#note(`${IDLE_MS / 1000} idle seconds`);
    return { standings: this.#standings, growth };
  }

  /** Looks at what is resident until so many batches are in blocks, or it has taken too long. */
  async #carryBatches(batches: number): Promise<Growing[]> {
    const { observer, bench, pid } = this.#parts;
    const growth: Growing[] = [];
    const endMs = performance.now() + CARRYING_MS;
    for (;;) {
      const done = Math.floor(Number(observer.released(bench.ethereum) - 1n) / MAX_BATCH_RELEASES);
      growth.push({ batches: done, residentBytes: costOf(pid).residentBytes });
      if (done >= batches || performance.now() > endMs) return growth;
      await sleep(LOOK_MS);
    }
  }

  async #deposit(count: { readonly toPolkadot: number; readonly toEthereum: number }) {
    const { world, ethereum, polkadot } = this.#parts.bench;
    const of = (symbol: string) => assetOf(world.deployment, symbol).asset;
    await Promise.all([
      makeDeposits(ethereum, {
        asset: of('ETH'),
        to: polkadot.chain.chainId,
        count: count.toPolkadot,
      }),
      makeDeposits(polkadot, {
        asset: of('DOT'),
        to: ethereum.chain.chainId,
        count: count.toEthereum,
      }),
    ]);
  }

  /** Has a lane of releases pause, as an operator does. */
  async #pause({ chain }: RelaySide): Promise<void> {
    const args = ['relayer', 'pause', 'release', chain.name, '--config', this.#parts.bench.config];
    const [code] = await once(spawn(process.execPath, [PROGRAM, ...args]), 'exit');
    if (code !== 0) throw new Error(`to pause ended with ${code}`);
  }

  /** Final messages of Ethereum that the journal has. */
  async #recorded(): Promise<number> {
    const metrics = await (await fetch(`http://${this.#parts.status}/metrics`)).text();
    return Number(/^veilspan_messages\{chain="ethereum"\} (\d+)/m.exec(metrics)?.[1] ?? 0);
  }

  /** Whether a final commit has taken in Ethereum's message with this index. */
  async #isAnchored(index: bigint): Promise<boolean> {
    const { chainId } = this.#parts.bench.ethereum.chain;
    const answer = await fetch(`http://${this.#parts.status}/v1/transfers/${chainId}/${index}`);
    // CAST: as docs/status-api.md has it.
    const { steps } = (await answer.json()) as { readonly steps?: readonly { state: string }[] };
    return steps?.some(({ state }) => state === 'anchored') ?? false;
  }

  async #until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const fromMs = performance.now();
    while (!(await isSo())) {
      if (performance.now() - fromMs > STUCK_MS) throw new Error(`not in time: ${what}`);
      await sleep(LOOK_MS);
    }
    this.#note(what);
  }

  #note(what: string): void {
    const { residentBytes, peakBytes } = costOf(this.#parts.pid);
    this.#standings.push({ what, residentBytes, peakBytes });
    print(`${formatMs(performance.now() - this.#startMs)}: ${what}`);
  }
}
