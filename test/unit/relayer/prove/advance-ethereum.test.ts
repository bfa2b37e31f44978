import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { EnclaveStatus } from '../../../../src/protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine } from '../../../../src/relayer/bridge.ts';
import type { BeaconUpdate } from '../../../../src/relayer/chains/beacon-api.ts';
import { RemoteRefusal } from '../../../../src/relayer/enclave-client/enclave-client.ts';
import { advanceEthereum } from '../../../../src/relayer/prove/advance-ethereum.ts';
import { Serial } from '../../../../src/relayer/serial.ts';

// Hand-overs of real committees are in the integration tests; here are the gaps that no devnet shows at will.

const SLOTS_PER_PERIOD = 64;
const CHECKPOINT = `0x${'c0'.repeat(32)}` as const;

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
  finalizedBlock: { number: finalizedSlot, hash: '0x' },
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
      ethereum: store
        ? {
            finalizedSlot: BigInt(store.finalizedSlot),
            period: BigInt(store.period),
            knowsNextSyncCommittee: store.knowsNext,
          }
        : null,
    }) as Partial<EnclaveStatus> as EnclaveStatus;
  const refuse = (code: string, meta = {}) => {
    throw new RemoteRefusal('advanceEthereum', {
      code,
      disposition: 'reject',
      message: code,
      meta,
    });
  };
  const apply = (json: { finalizedSlot: number; attestedSlot: number; hasCommittee: boolean }) => {
    if (!store) return refuse('ENCLAVE_NOT_BOOTSTRAPPED', { checkpointRoot: CHECKPOINT });
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
  const ask = async (command: string, params: { updates?: never[] }) => {
    if (command === 'bootstrapEthereum') store = { finalizedSlot: 0, period: 0, knowsNext: false };
    for (const json of params.updates ?? []) {
      apply(json);
      sent.push(`${(json as Store).finalizedSlot}`);
    }
    return status();
  };
  const client = { address: 'fake', ask } as unknown as EnclaveLine['client'];
  return { line: { client, commanding: new Serial() }, sent, store: () => store };
}

function bridgeTo(updates: readonly BeaconUpdate[], finality: BeaconUpdate | undefined): Bridge {
  const beacon = {
    slotsPerPeriod: async () => SLOTS_PER_PERIOD,
    lightClientUpdates: async (start: number) =>
      updates.filter((one) => Math.floor(one.attestedSlot / SLOTS_PER_PERIOD) === start),
    finalityUpdate: async () => finality,
    bootstrap: async (root: string) => ({ root }),
  };
  return {
    ethereum: { chain: { beacon } },
    log: pino({ level: 'silent' }),
  } as unknown as Bridge;
}

describe('an Ethereum light client that is taken forward', () => {
  it('starts from the checkpoint that the enclave itself names', async () => {
    const { line, store } = enclaveAt(undefined);
    await advanceEthereum(bridgeTo([], undefined), line);
    expect(store()).toEqual({ finalizedSlot: 0, period: 0, knowsNext: false });
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
    const finality = update(SLOTS_PER_PERIOD - 8, SLOTS_PER_PERIOD + 4, false);
    await advanceEthereum(bridgeTo([], finality), line);
    expect(sent).toEqual([]);
  });

  it('sends nothing that the enclave knows already', async () => {
    const { line, sent } = enclaveAt({ finalizedSlot: 40, period: 0, knowsNext: true });
    await advanceEthereum(bridgeTo([whole(0)], update(40, 56, false)), line);
    expect(sent).toEqual([]);
  });
});
