import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { GATEWAY_SLOTS } from '../../../../src/protocol/contracts.ts';
import type { Bridge, EnclaveLine, Side } from '../../../../src/relayer/bridge.ts';
import { revealBatches } from '../../../../src/relayer/commit/reveal-batches.ts';
import { recordBatches } from '../../../../src/relayer/journal/batches.ts';
import { Serial } from '../../../../src/relayer/serial.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

vi.mock('../../../../src/relayer/journal/batches.ts', () => ({ recordBatches: vi.fn() }));

const CHAIN_ID = 7n;
const OWN: Hex = `0x${'5b'.repeat(20)}`;
const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`;
const address = (byte: string): Hex => `0x${byte.repeat(20)}`;

/** An enclave that has produced so many releases for the chain. */
function enclave(signer: Hex, produced: bigint | Error) {
  const asked: unknown[] = [];
  const ask = async (command: string, params: unknown) => {
    if (produced instanceof Error) throw produced;
    if (command === 'status') {
      const released = [{ chainId: CHAIN_ID, position: { count: produced, head: word(0n) } }];
      return { signer, ledger: { released } };
    }
    asked.push(params);
    const batch = { chainId: CHAIN_ID, firstIndex: 3n, prevHead: word(1n) };
    return { batches: [{ batch, epoch: 1n, submitter: OWN, signature: `${signer} signs` }] };
  };
  const line = { client: { ask }, commanding: new Serial() } as unknown as EnclaveLine;
  return { line, asked };
}

/** A gateway that has paid three releases. */
const side = {
  chain: {
    chainId: CHAIN_ID,
    name: 'seven',
    word: async (_: Hex, slot: Hex) => (slot === GATEWAY_SLOTS.releasedCount ? word(3n) : word(1n)),
  },
  gateway: address('0a'),
  signer: { address: OWN },
} as unknown as Side;

function bridgeOf(...enclaves: ReturnType<typeof enclave>[]): Bridge {
  const lines = enclaves.map(({ line }) => line);
  return { enclaves: lines, database: {}, log: pino({ level: 'silent' }) } as unknown as Bridge;
}

const recorded = () => vi.mocked(recordBatches).mock.calls.flatMap(([, batches]) => batches);

describe('what a gateway has not paid', () => {
  beforeEach(() => {
    vi.mocked(recordBatches).mockReset();
  });

  it('is asked for from where the gateway stands, for this relayer’s own account', async () => {
    const one = enclave(address('11'), 5n);
    await revealBatches(bridgeOf(one), side);
    expect(one.asked).toEqual([{ chainId: CHAIN_ID, firstIndex: 3n, submitter: OWN }]);
  });

  it('is journaled with the signatures of all that know it, by ascending signer', async () => {
    await revealBatches(bridgeOf(enclave(address('22'), 5n), enclave(address('11'), 5n)), side);
    expect(recorded().map(({ signatures }) => signatures)).toEqual([
      [`${address('11')} signs`, `${address('22')} signs`],
    ]);
  });

  it('is not asked of an enclave that is behind the others, nor of one that does not answer', async () => {
    const behind = enclave(address('33'), 4n);
    const gone = enclave(address('44'), new Error('gone'));
    await revealBatches(bridgeOf(behind, gone, enclave(address('11'), 5n)), side);
    expect(behind.asked).toEqual([]);
    expect(recorded().map(({ signatures }) => signatures)).toEqual([[`${address('11')} signs`]]);
  });

  it('is nothing where the gateway has paid all that the enclaves know', async () => {
    const one = enclave(address('11'), 3n);
    await revealBatches(bridgeOf(one), side);
    expect(one.asked).toEqual([]);
    expect(recordBatches).not.toHaveBeenCalled();
  });
});
