import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { BeaconApi, BeaconUpdate } from '../../../../src/chains/ethereum/beacon-api.ts';
import { createEthereumFinality } from '../../../../src/chains/ethereum/finality-source.ts';
import { RemoteRefusal } from '../../../../src/enclave-client/enclave-client.ts';
import type { EnclaveStatus } from '../../../../src/protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine } from '../../../../src/relayer/bridge.ts';
import { advance } from '../../../../src/relayer/prove/advance.ts';
import { Serial } from '../../../../src/relayer/serial.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';

// Hand-overs of real committees are in the integration tests; here are the gaps that no devnet shows at will.

const SLOTS_PER_PERIOD = 64;
const CHECKPOINT = `0x${'c0'.repeat(32)}` as const;
const HELD = `0x${'4e'.repeat(32)}` as const;
/** What the configuration calls the light client. */
const CLIENT = 'mainnet';

interface Store {
  finalizedSlot: number;
  period: number;
  knowsNext: boolean;
}

const update = (
  finalizedSlot: number,
  attestedSlot: number,
  hasCommittee: boolean,
): BeaconUpdate => ({
  finalizedSlot,
  attestedSlot,
  finalizedBlockHash: HELD,
  json: { finalizedSlot, attestedSlot, hasCommittee },
});
const whole = (period: number) =>
  update(period * SLOTS_PER_PERIOD + 8, period * SLOTS_PER_PERIOD + 24, true);

/** An enclave that follows the rules on periods, and nothing else of them. */
function enclaveAt(initial: Store | undefined) {
  let store = initial && { ...initial };
  const sent: string[] = [];
  const status = () =>
    ({
      lightClients: [
        {
          client: CLIENT,
          kind: 'ethereum',
          held: store ? HELD : null,
          committee: BigInt(store?.period ?? 0),
          checkpointRoot: CHECKPOINT,
          finalizedSlot: BigInt(store?.finalizedSlot ?? 0),
          knowsNextSyncCommittee: store?.knowsNext ?? false,
        },
      ],
    }) as Partial<EnclaveStatus> as EnclaveStatus;
  const refuse = (code: string, meta = {}) => {
    throw new RemoteRefusal('advance', {
      code,
      disposition: 'reject',
      message: code,
      meta,
    });
  };
  const apply = (json: { finalizedSlot: number; attestedSlot: number; hasCommittee: boolean }) => {
    if (!store) return refuse('ENCLAVE_NOT_BOOTSTRAPPED');
    const signed = Math.floor((json.attestedSlot + 1) / SLOTS_PER_PERIOD);
    if (signed > store.period + (store.knowsNext ? 1 : 0))
      return refuse('ETHEREUM_SIGNATURE_PERIOD');
    if (json.finalizedSlot <= store.finalizedSlot && (store.knowsNext || !json.hasCommittee)) {
      return refuse('ETHEREUM_UPDATE_IRRELEVANT');
    }
    const period = Math.floor(json.finalizedSlot / SLOTS_PER_PERIOD);
    const isHandOver = period > store.period;
    store = {
      finalizedSlot: Math.max(store.finalizedSlot, json.finalizedSlot),
      period,
      knowsNext: json.hasCommittee || (!isHandOver && store.knowsNext),
    };
  };
  const commands: number[] = [];
  const bootstraps: unknown[] = [];
  const ask = async (command: string, params: { updates?: never[]; bootstrap?: unknown }) => {
    if (command === 'advance') commands.push(params.updates?.length ?? 0);
    if (command === 'bootstrap') {
      bootstraps.push(params.bootstrap);
      store = { finalizedSlot: 0, period: 0, knowsNext: false };
    }
    for (const json of params.updates ?? []) {
      apply(json);
      sent.push(`${(json as Store).finalizedSlot}`);
    }
    return status();
  };
  const client = { address: 'fake', ask } as unknown as EnclaveLine['client'];
  const line = { name: 'enclave-1', client, commanding: new Serial() };
  return { line, sent, commands, bootstraps, store: () => store };
}

function beaconOf(
  updates: readonly BeaconUpdate[],
  finality: BeaconUpdate | undefined,
  asked: string[] = [],
): BeaconApi {
  return {
    times: async () => ({ slotsPerEpoch: 8, slotsPerPeriod: SLOTS_PER_PERIOD, slotMs: 1000 }),
    lightClientUpdates: async (start: number, count: number) => {
      asked.push(`${start}+${count}`);
      return updates.filter((one) => {
        const period = Math.floor(one.attestedSlot / SLOTS_PER_PERIOD);
        return period >= start && period < start + count;
      });
    },
    finalityUpdate: async () => finality,
    bootstrap: async (root: string) => ({ root }),
    passOver: () => void asked.push('passed over'),
    distrust: (why) => {
      asked.push(why);
      return 'a.example';
    },
    endpoints: () => [],
    calls: () => new Map(),
  };
}

const NEVER = new AbortController().signal;

/** A bridge of which only what advancing uses is there. */
function bridgeOver(beacon: BeaconApi): Pick<Bridge, 'finality' | 'log' | 'signal'> {
  const source = createEthereumFinality(CLIENT, beacon);
  return { finality: new Map([[CLIENT, source]]), log: pino({ level: 'silent' }), signal: NEVER };
}

function bridgeTo(...beacon: Parameters<typeof beaconOf>) {
  return bridgeOver(beaconOf(...beacon));
}

const advanceEthereum = (bridge: Pick<Bridge, 'finality' | 'log' | 'signal'>, line: EnclaveLine) =>
  advance(bridge, line, CLIENT);

describe('an Ethereum light client that is taken forward', () => {
  it('starts from the checkpoint that the enclave itself names', async () => {
    const { line, store, commands, bootstraps } = enclaveAt(undefined);
    await advanceEthereum(bridgeTo([], undefined), line);
    expect(store()).toEqual({ finalizedSlot: 0, period: 0, knowsNext: false });
    // Its status says the root: nothing is sent only to be refused.
    expect({ commands, bootstraps }).toEqual({ commands: [], bootstraps: [{ root: CHECKPOINT }] });
  });

  it('follows every committee over the periods it has missed, then the newest finality', async () => {
    const { line, sent, store } = enclaveAt({ finalizedSlot: 5, period: 0, knowsNext: false });
    const finality = update(3 * SLOTS_PER_PERIOD + 40, 3 * SLOTS_PER_PERIOD + 56, false);
    await advanceEthereum(bridgeTo([0, 1, 2, 3].map(whole), finality), line);
    expect(sent).toEqual(['8', '72', '136', '200', '232']);
    expect(store()).toEqual({ finalizedSlot: 232, period: 3, knowsNext: true });
  });

  it('does not hand over on an update whose finality lags a period behind', async () => {
    const { line, sent } = enclaveAt({ finalizedSlot: 8, period: 0, knowsNext: true });
    const lagging = update(SLOTS_PER_PERIOD - 8, SLOTS_PER_PERIOD + 4, true);
    const finality = update(SLOTS_PER_PERIOD - 8, SLOTS_PER_PERIOD + 4, false);
    await advanceEthereum(bridgeTo([lagging], finality), line);
    expect(sent).toEqual(['56']);
  });

  it('sends nothing that a committee not yet known has signed', async () => {
    const { line, sent } = enclaveAt({ finalizedSlot: 8, period: 0, knowsNext: false });
    const finality = update(SLOTS_PER_PERIOD - 8, SLOTS_PER_PERIOD - 1, false);
    await advanceEthereum(bridgeTo([], finality), line);
    expect(sent).toEqual([]);
  });

  it('sends nothing that the enclave knows already', async () => {
    const { line, sent } = enclaveAt({ finalizedSlot: 40, period: 0, knowsNext: true });
    await advanceEthereum(bridgeTo([whole(0)], update(40, 56, false)), line);
    expect(sent).toEqual([]);
  });
});

describe('an Ethereum light client that is hundreds of periods behind', () => {
  const periods = Array.from({ length: 300 }, (_, i) => i);
  const start = { finalizedSlot: 5, period: 0, knowsNext: false };
  const finality = update(299 * SLOTS_PER_PERIOD + 40, 299 * SLOTS_PER_PERIOD + 56, false);

  it('is taken along in chunks, each asked for from where the one before ended', async () => {
    const asked: string[] = [];
    const { line, commands, store } = enclaveAt(start);
    await advanceEthereum(bridgeTo(periods.map(whole), finality, asked), line);
    const starts = [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 300];
    expect(asked).toEqual(starts.map((from) => `${from}+32`));
    expect(commands).toEqual([...Array(9).fill(32), 12, 1]);
    expect(store()).toEqual({
      finalizedSlot: finality.finalizedSlot,
      period: 299,
      knowsNext: true,
    });
  });

  it('goes on after a stop with the period after the last that the enclave took', async () => {
    const asked: string[] = [];
    const { line, commands } = enclaveAt({ ...start, period: 150, knowsNext: true });
    await advanceEthereum(bridgeTo(periods.map(whole), finality, asked), line);
    expect(asked).toEqual(['151+32', '183+32', '215+32', '247+32', '279+32', '300+32']);
    expect(commands).toEqual([32, 32, 32, 32, 21, 1]);
  });

  it('takes what a node gives that answers with fewer than it was asked for', async () => {
    const asked: string[] = [];
    const { line, commands } = enclaveAt(start);
    const beacon = beaconOf(periods.slice(0, 40).map(whole), undefined, asked);
    const few = async (from: number, count: number) =>
      (await beacon.lightClientUpdates(from, count)).slice(0, 16);
    await advanceEthereum(bridgeOver({ ...beacon, lightClientUpdates: few }), line);
    expect(asked).toEqual(['0+32', '16+32', '32+32', '40+32']);
    expect(commands).toEqual([16, 16, 8]);
  });

  it('stops with an error at a period that the node leaves out, and keeps what came before', async () => {
    const asked: string[] = [];
    const { line, commands, store } = enclaveAt(start);
    const gappy = periods.filter((period) => period !== 40).map(whole);
    const error = await asyncRefusal(advanceEthereum(bridgeTo(gappy, finality, asked), line));
    expect(error).toMatchObject({ code: 'CHAIN_PERIOD_MISSING', meta: { chain: CLIENT } });
    expect(error.message).toContain('finalized in period 40');
    // Another node may have it.
    expect(asked).toEqual(['0+32', '32+32', '40+32', 'passed over']);
    expect(commands).toEqual([32, 8]);
    expect(store()).toMatchObject({ period: 39, knowsNext: true });
  });

  it('stops with an error at a node that has dropped the old updates, or has one without finality', async () => {
    const { line, commands } = enclaveAt(start);
    const pruned = bridgeTo(periods.slice(20).map(whole), finality);
    expect((await asyncRefusal(advanceEthereum(pruned, line))).code).toBe('CHAIN_PERIOD_MISSING');
    const lagging = update(SLOTS_PER_PERIOD - 8, SLOTS_PER_PERIOD + 4, true);
    const unfinal = bridgeTo([whole(0), lagging, ...periods.slice(2).map(whole)], finality);
    expect((await asyncRefusal(advanceEthereum(unfinal, line))).code).toBe('CHAIN_PERIOD_MISSING');
    expect(commands).toEqual([1]);
  });

  it('does not loop where the enclave takes updates and stands still', async () => {
    const asked: string[] = [];
    const { line } = enclaveAt(start);
    const status = await line.client.ask('status', {});
    line.client.ask = (async () => status) as unknown as typeof line.client.ask;
    await advanceEthereum(bridgeTo([whole(0)], undefined, asked), line);
    expect(asked).toEqual(['0+32']);
  });
});

describe('an Ethereum light client that another relayer takes forward too', () => {
  it('goes on from where the enclave stands by then', async () => {
    const { line, store } = enclaveAt({ finalizedSlot: 5, period: 0, knowsNext: false });
    const bridge = bridgeTo([0, 1, 2, 3].map(whole), undefined);
    const { ask } = line.client;
    line.client.ask = (async (command: 'status', params: never) => {
      line.client.ask = ask;
      const before = await ask(command, params);
      await advanceEthereum(bridgeTo([0, 1].map(whole), undefined), line);
      return before;
    }) as typeof ask;
    await advanceEthereum(bridge, line);
    expect(store()).toEqual({ finalizedSlot: 200, period: 3, knowsNext: true });
  });

  it.each([
    ['ETHEREUM_SIGNATURE_PERIOD', 'reject', true],
    ['ETHEREUM_BRANCH_INVALID', 'reject', true],
    ['ENCLAVE_INTERNAL', 'retry', true],
    ['ETHEREUM_FORK_UNSUPPORTED', 'reject', false],
    ['ENCLAVE_HOST_BUSY', 'retry', false],
  ] as const)(
    'reports a refusal of updates with %s, and believes their node no more where it is its fault',
    async (code, disposition, isBlamed) => {
      const asked: string[] = [];
      const { line } = enclaveAt({ finalizedSlot: 5, period: 0, knowsNext: false });
      const { ask } = line.client;
      line.client.ask = (async (command: 'status', params: never) => {
        if (command === 'status') return await ask(command, params);
        throw new RemoteRefusal('advance', {
          code,
          disposition,
          message: 'refused',
          meta: {},
        });
      }) as typeof ask;
      const error = await asyncRefusal(
        advanceEthereum(bridgeTo([whole(0)], undefined, asked), line),
      );
      expect(error.code).toBe(code);
      const blamed = isBlamed ? ['an enclave has refused what it told of'] : [];
      expect(asked.slice(1)).toEqual(blamed);
    },
  );
});

describe('a light client', () => {
  const bridge = bridgeTo([], undefined);

  it('that the enclave does not have is not taken forward', async () => {
    const { line } = enclaveAt(undefined);
    const source = bridge.finality.get(CLIENT);
    if (source === undefined) throw new Error('the bridge has its source');
    const other = { ...bridge, finality: new Map([['kusama', source]]) };
    expect((await asyncRefusal(advance(other, line, 'kusama'))).code).toBe(
      'RELAYER_CLIENT_UNKNOWN',
    );
  });

  it('that nobody has a node for is not taken forward', async () => {
    const { line } = enclaveAt(undefined);
    expect((await asyncRefusal(advance(bridge, line, 'kusama'))).code).toBe(
      'RELAYER_CLIENT_UNKNOWN',
    );
  });

  it('of another kind than the source is refused by the source', async () => {
    const { line } = enclaveAt(undefined);
    const status = { client: CLIENT, kind: 'substrate', held: HELD, committee: 0n };
    line.client.ask = (async () => ({
      lightClients: [status],
    })) as unknown as typeof line.client.ask;
    expect(await asyncRefusal(advance(bridge, line, CLIENT))).toMatchObject({
      code: 'CHAIN_CLIENT_MISMATCH',
      meta: { chain: CLIENT },
    });
  });
});
