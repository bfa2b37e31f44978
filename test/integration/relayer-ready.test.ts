import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attendRelayer } from '../../src/cli/attend-relayer.ts';
import type { RelayerConfig } from '../../src/config/relayer.ts';
import type { Bridge } from '../../src/relayer/bridge.ts';
import { type OpenDatabase, openEmbedded } from '../../src/relayer/journal/database.ts';
import { createJobQueue, type JobQueue } from '../../src/relayer/queue/job-queue.ts';
import { type JobStore, openEmbeddedStore } from '../../src/relayer/queue/job-store.ts';
import { createQueueProbe, type QueueProbe } from '../../src/relayer/queue/queue-probe.ts';
import { Vitals } from '../../src/relayer/vitals.ts';
import { METRICS } from '../../src/status/metrics.ts';

// The journal and the queue are real; a chain that stands still and an enclave that is away are the faults.

interface Ready {
  readonly isReady: boolean;
  readonly failing: readonly { readonly check: string; readonly what: string }[];
}

describe('a relayer that says how it is', () => {
  let journal: OpenDatabase;
  let store: JobStore;
  let probe: QueueProbe;
  let queue: JobQueue;
  let leave: () => Promise<void>;
  let url = '';
  let nowMs = 0;
  let isEnclaveThere = true;
  let isBeaconThere = true;
  const vitals = new Vitals({ nowMs: () => nowMs });
  const ran: string[] = [];

  beforeAll(async () => {
    journal = await openEmbedded();
    store = await openEmbeddedStore(journal.pglite);
    queue = await createJobQueue({
      store,
      run: async ({ kind }) => void ran.push(kind),
      onFailure: () => undefined,
    });
    probe = createQueueProbe(store);
    const head = async () => ({ number: 7, hash: '0x07' as const });
    const finalizedHead = () => (isBeaconThere ? head() : Promise.reject(new Error('away')));
    const chain = {
      name: 'ethereum',
      chainId: 31337n,
      head,
      finalizedHead,
      calls: () => new Map([['eth_getLogs', 3]]),
      endpoints: () => [{ host: 'node:8545', score: 0.5, failures: 1, lies: 0 }],
      balanceWei: async () => 25n * 10n ** 17n,
    };
    const side = {
      chain,
      gateway: '0x0a',
      lagSec: 6n,
      fromBlock: 0,
      lightClient: 'ethereum',
      signer: { address: `0x${'0b'.repeat(20)}` },
      limits: { dayWei: 10n ** 18n, leastBalanceWei: 0n },
    };
    const source = {
      rule: async () => {
        await finalizedHead();
        return { kind: 'grandpa' };
      },
      calls: () => new Map([['light_client/finality_update', 4]]),
      endpoints: () => [{ host: 'beacon:5052', score: 1, failures: 0, lies: 2 }],
    };
    const ask = async () => {
      if (!isEnclaveThere)
        throw Object.assign(new Error('at /secret/path'), { code: 'ENCLAVE_UNREACHABLE' });
    };
    const bridge = {
      sides: [side],
      anchor: { side },
      finality: new Map([['ethereum', source]]),
      enclaves: [{ name: 'enclave-1', client: { ask } }],
      database: journal.database,
      vitals,
      log: {
        info: (facts: { url?: string }) => {
          url = facts.url ?? url;
        },
        error: () => undefined,
      },
    } as unknown as Bridge;
    const config = {
      status: {
        listen: { host: '127.0.0.1', port: 0 },
        requestsPerMinute: 1000,
        streams: 1,
        trustedProxies: 0,
        allowOrigins: [],
      },
      rounds: { startSec: 0n, roundSec: 300n },
      commitEverySec: 300,
    } as unknown as RelayerConfig;
    leave = await attendRelayer(config, { bridge, probe });
  });
  afterAll(async () => {
    await leave();
    await Promise.all([queue.close(), probe.close()]);
    await store.close();
    await journal.close();
  });

  async function ready(): Promise<Ready & { status: number }> {
    // What was answered a moment ago is kept for a second.
    await new Promise((resolve) => setTimeout(resolve, 1050));
    const response = await fetch(`${url}/ready`);
    return { status: response.status, ...((await response.json()) as Ready) };
  }

  it('is live, and ready when a row is written, a job is done, and heads and enclaves are there', async () => {
    expect((await fetch(`${url}/live`)).status).toBe(200);
    expect(await ready()).toMatchObject({ status: 200, isReady: true, failing: [] });
    // The canary is no work of a lane.
    expect(ran).toEqual([]);
  });

  it('tells a chain of which nothing says what is final from one that does not answer', async () => {
    isBeaconThere = false;
    const { status, failing } = await ready();
    const text = await (await fetch(`${url}/metrics`)).text();
    isBeaconThere = true;
    expect(status).toBe(503);
    expect(failing).toEqual([
      { check: 'finality of ethereum', what: 'no node tells what is final' },
    ]);
    expect(text).toContain('veilspan_chain_reachable{chain="ethereum"} 1');
    expect(text).toContain('veilspan_chain_head{chain="ethereum"} 7');
    expect(text).not.toContain('veilspan_chain_final_head{chain="ethereum"}');
  });

  it('names what fails, and no more of it than its code', async () => {
    isEnclaveThere = false;
    const fail = () => vitals.lane('release ethereum', () => Promise.reject(new Error('x')));
    await expect(fail()).rejects.toThrow('x');
    nowMs = 301_000;
    await expect(fail()).rejects.toThrow('x');
    const { status, failing } = await ready();
    isEnclaveThere = true;
    expect(status).toBe(503);
    expect(failing).toEqual([
      { check: 'enclave enclave-1', what: 'it does not say how it is (ENCLAVE_UNREACHABLE)' },
      { check: 'alarms', what: 'release ethereum: RELAYER_UNEXPECTED' },
    ]);
    expect(JSON.stringify(failing)).not.toContain('secret');
  });

  it('has every metric that is documented, with what the journal and the queue say', async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    for (const { name } of METRICS) expect(text).toContain(`# TYPE ${name} gauge`);
    expect(text).toContain('veilspan_chain_head{chain="ethereum"} 7');
    expect(text).toContain('veilspan_lane_state{lane="release ethereum",state="failing"} 1');
    expect(text).toContain('veilspan_alarm{name="release ethereum",code="RELAYER_UNEXPECTED"} 1');
    expect(text).toContain('veilspan_rpc_calls{chain="ethereum",method="eth_getLogs"} 3');
    expect(text).toContain('veilspan_endpoint_score{chain="ethereum",node="node:8545"} 0.5');
    expect(text).toContain(
      'veilspan_endpoint_lies{chain="finality of ethereum",node="beacon:5052"} 2',
    );
    expect(text).toMatch(/veilspan_balance_coins\{chain="ethereum",account="0x0b\w+"\} 2\.5/);
    expect(text).toMatch(/veilspan_fees_day_coins\{chain="ethereum",account="0x0b\w+"\} 0/);
    expect(text).toMatch(/veilspan_queue_jobs\{state="waiting"\} 0/);
    expect(text).toMatch(/veilspan_resident_bytes \d{7,}/);
  });

  it('is not ready once nobody works on the queue any more', async () => {
    await queue.close();
    const { failing } = await ready();
    expect(failing.map(({ check }) => check)).toContain('queue');
  });
});
