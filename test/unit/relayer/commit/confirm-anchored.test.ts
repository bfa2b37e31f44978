import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RemoteRefusal } from '../../../../src/enclave-client/enclave-client.ts';
import type { EnclaveStatus } from '../../../../src/protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine, Side } from '../../../../src/relayer/bridge.ts';
import { confirmAnchored } from '../../../../src/relayer/commit/confirm-anchored.ts';
import { recordBatches } from '../../../../src/relayer/journal/batches.ts';
import {
  type CommitRow,
  commitsBetween,
  markRevealed,
  unrevealedCommits,
} from '../../../../src/relayer/journal/commits.ts';
import { advance } from '../../../../src/relayer/prove/advance.ts';
import { Serial } from '../../../../src/relayer/serial.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';

vi.mock('../../../../src/relayer/journal/batches.ts', () => ({ recordBatches: vi.fn() }));
vi.mock('../../../../src/relayer/journal/commits.ts', () => ({
  commitsBetween: vi.fn(),
  markRevealed: vi.fn(),
  unrevealedCommits: vi.fn(),
}));
vi.mock(import('../../../../src/relayer/prove/advance.ts'), async (original) => ({
  ...(await original()),
  advance: vi.fn(),
}));

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const [EARLY, LATE] = [word('11'), word('22')];
const FINAL_BLOCK = 50;

/** An enclave that signs as `signer`, and what it is asked. */
function enclave(signer: Hex, ledger: { readonly number: bigint }) {
  const asked: string[] = [];
  let { number } = ledger;
  const status = { signer, ledger, lightClients: [{ client: 'grandpa', held: word('aa') }] };
  const answers: Record<string, () => unknown> = {
    status: () => status,
    propose: () => ({ commit: { postState: LATE } }),
    confirmAnchored: () => ({ number }),
    reveal: () => {
      const batch = { chainId: 1n, prevHead: word('00') };
      const signature = `${signer}of a batch`;
      return { batches: [{ batch, epoch: 1n, submitter: '0x5a', signature }] };
    },
  };
  const ask = async (command: string) => {
    asked.push(command);
    if (command === 'propose') number += 1n;
    return answers[command]?.();
  };
  const client = { address: signer, ask };
  const line = { client, commanding: new Serial() } as unknown as EnclaveLine;
  return { line, asked, answers, status: status as unknown as EnclaveStatus };
}
type Fake = ReturnType<typeof enclave>;

function bridgeOf(...enclaves: readonly Fake[]): Bridge {
  const chain = {
    chainId: 1n,
    blockShownBy: async () => ({ number: FINAL_BLOCK, hash: word('aa') }),
    stateProof: async () => ({}),
  };
  const side = { chain, lightClient: 'grandpa', signer: { address: '0x5a' }, fromBlock: 3 };
  vi.mocked(advance).mockImplementation(async (_, line) => {
    const of = enclaves.find((each) => each.line === line);
    if (of === undefined) throw new Error('no such enclave');
    return of.status;
  });
  return {
    sides: [side as unknown as Side],
    anchor: { side: side as unknown as Side, address: '0x0b' },
    enclaves: enclaves.map(({ line }) => line),
    database: { transaction: (work: (tx: object) => unknown) => work({}) },
    log: pino({ level: 'silent' }),
  } as unknown as Bridge;
}

function commitRow(number: bigint, change: Partial<CommitRow> = {}): CommitRow {
  const row = { number, inputs: [], postState: LATE, isFinal: true, blockNumber: 40, ...change };
  return row as Partial<CommitRow> as CommitRow;
}

beforeEach(() => {
  vi.resetAllMocks();
  vi.mocked(commitsBetween).mockResolvedValue([]);
  vi.mocked(unrevealedCommits).mockResolvedValue([]);
});

describe('an enclave that is behind', () => {
  it('computes every final commit that it lacks, and is shown the last', async () => {
    const one = enclave(EARLY, { number: 4n });
    vi.mocked(commitsBetween).mockResolvedValue([commitRow(5n), commitRow(6n)]);
    await confirmAnchored(bridgeOf(one));
    expect(one.asked).toEqual(['propose', 'propose', 'status', 'confirmAnchored']);
    expect(vi.mocked(commitsBetween).mock.calls[0]?.[1]).toEqual({ after: 4n, upTo: 260n });
  });

  it.each([
    ['is not final', { isFinal: false }],
    ['is in a later block than it knows', { blockNumber: FINAL_BLOCK + 1 }],
  ])('is not asked for a commit that %s', async (_, change) => {
    const one = enclave(EARLY, { number: 4n });
    vi.mocked(commitsBetween).mockResolvedValue([commitRow(5n, change)]);
    await confirmAnchored(bridgeOf(one));
    expect(one.asked).toEqual([]);
  });

  it('waits for a commit that the journal does not have', async () => {
    vi.mocked(commitsBetween).mockResolvedValue([commitRow(6n)]);
    const refused = await asyncRefusal(confirmAnchored(bridgeOf(enclave(EARLY, { number: 4n }))));
    expect(refused.code).toBe('RELAYER_COMMIT_UNSEEN');
  });

  it('halts the relayer if it computes another state than the anchor holds', async () => {
    const one = enclave(EARLY, { number: 4n });
    vi.mocked(commitsBetween).mockResolvedValue([commitRow(5n, { postState: word('33') })]);
    const refused = await asyncRefusal(confirmAnchored(bridgeOf(one)));
    expect([refused.code, refused.disposition]).toEqual(['RELAYER_STATE_DIVERGED', 'halt']);
    expect(one.asked).toEqual(['propose']);
  });
});

describe('the batches of a commit', () => {
  it('are asked for up to the number that every enclave has reached', async () => {
    const enclaves = [enclave(EARLY, { number: 12n }), enclave(LATE, { number: 9n })];
    await confirmAnchored(bridgeOf(...enclaves));
    expect(vi.mocked(unrevealedCommits).mock.lastCall?.[1]).toBe(9n);
  });

  it('are journaled with all signatures, by ascending signer', async () => {
    vi.mocked(unrevealedCommits).mockResolvedValue([4n]);
    const enclaves = [enclave(LATE, { number: 4n }), enclave(EARLY, { number: 4n })];
    await confirmAnchored(bridgeOf(...enclaves));
    const [signed] = vi.mocked(recordBatches).mock.calls[0]?.[1] ?? [];
    expect(signed?.commitNumber).toBe(4n);
    expect(signed?.signatures).toEqual([`${EARLY}of a batch`, `${LATE}of a batch`]);
    expect(vi.mocked(markRevealed).mock.calls[0]?.[1]).toBe(4n);
  });

  it('are given up where the enclaves have forgotten them', async () => {
    vi.mocked(unrevealedCommits).mockResolvedValue([4n]);
    const one = enclave(EARLY, { number: 4n });
    one.answers['reveal'] = () => {
      throw refusal('ENCLAVE_TRANSITION_FORGOTTEN');
    };
    await confirmAnchored(bridgeOf(one));
    expect(recordBatches).not.toHaveBeenCalled();
    expect(vi.mocked(markRevealed).mock.calls[0]?.[1]).toBe(4n);
  });

  it('are asked for again after any other refusal', async () => {
    vi.mocked(unrevealedCommits).mockResolvedValue([4n]);
    const one = enclave(EARLY, { number: 4n });
    one.answers['reveal'] = () => {
      throw refusal('ENCLAVE_NOT_ANCHORED');
    };
    const refused = await asyncRefusal(confirmAnchored(bridgeOf(one)));
    expect(refused.code).toBe('ENCLAVE_NOT_ANCHORED');
    expect(markRevealed).not.toHaveBeenCalled();
  });
});

function refusal(code: string): RemoteRefusal {
  return new RemoteRefusal('reveal', { code, disposition: 'retry', message: code, meta: {} });
}
