import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ChainError, type SentCall } from '../../../../src/chains/shared/bridged-chain.ts';
import type { Bridge } from '../../../../src/relayer/bridge.ts';
import type { Database } from '../../../../src/relayer/journal/database.ts';
import { claimLease, leaseOf } from '../../../../src/relayer/journal/leases.ts';
import {
  finalNonces,
  includedUpTo,
  markSubmissions,
  noncesIn,
  recordIntents,
  type SubmissionRow,
  submissionsIn,
} from '../../../../src/relayer/journal/submissions.ts';
import { answerDesk } from '../../../../src/relayer/operate/desk.ts';
import { readStanding } from '../../../../src/relayer/operate/journal-standing.ts';
import { createNonceKeeper } from '../../../../src/relayer/operate/nonces.ts';
import { Serial } from '../../../../src/relayer/serial.ts';
import { Vitals } from '../../../../src/relayer/vitals.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

vi.mock('../../../../src/relayer/journal/submissions.ts', async (original) => ({
  ...(await original<typeof import('../../../../src/relayer/journal/submissions.ts')>()),
  submissionsIn: vi.fn(),
  finalNonces: vi.fn(),
  includedUpTo: vi.fn(),
  noncesIn: vi.fn(),
  recordIntents: vi.fn(),
  markSubmissions: vi.fn(),
  signedBy: async (_database: unknown, hashes: readonly Hex[]) =>
    new Map(hashes.map((hash) => [hash, { raw: hash }])),
  spentInDay: async () => 0n,
}));
vi.mock('../../../../src/relayer/journal/leases.ts', async (original) => ({
  ...(await original<typeof import('../../../../src/relayer/journal/leases.ts')>()),
  claimLease: vi.fn(),
  leaseOf: vi.fn(),
}));
vi.mock('../../../../src/relayer/operate/journal-standing.ts', () => ({ readStanding: vi.fn() }));

const SIGNER: Hex = `0x${'51'.repeat(20)}`;
const HEAD = 100;
const hashOf = (byte: number): Hex => `0x${byte.toString(16).padStart(64, '0')}`;

/** A transaction with this nonce that was signed so many blocks ago, and handed over then. */
function row(nonce: number, ageBlocks: number, more: Partial<SubmissionRow> = {}): SubmissionRow {
  const at = HEAD - ageBlocks;
  const own = { hash: hashOf(nonce), nonce, signedAt: at, sentAt: at, subject: `commit ${nonce}` };
  return { state: 'broadcast', ...own, ...more } as SubmissionRow;
}

/** An account whose chain has taken `chainNonce` transactions, and the journal these. */
function kept(chainNonce: number, rows: readonly SubmissionRow[], journalNonce = chainNonce) {
  vi.mocked(submissionsIn).mockImplementation(async (_database, _key, states) =>
    rows.filter(({ state }) => states.includes(state)),
  );
  vi.mocked(noncesIn).mockImplementation(async (_database, _key, states) =>
    rows.filter(({ state }) => states.includes(state)),
  );
  vi.mocked(includedUpTo).mockResolvedValue([]);
  const accounts = [{ chainId: '7', account: SIGNER, nextNonce: journalNonce }];
  vi.mocked(readStanding).mockResolvedValue({ cursors: [], lastCommit: null, accounts });
  const chain = {
    chainId: 7n,
    name: 'seven',
    head: vi.fn(async () => ({ number: HEAD, hash: hashOf(0) })),
    finalizedHead: vi.fn(async () => ({ number: HEAD - 9, hash: hashOf(0) })),
    nonceOf: vi.fn(async () => chainNonce),
    receiptOf: vi.fn(async () => undefined),
    sign: vi.fn(async (_signer, _call, { nonce }: { nonce: number }) => ({
      hash: hashOf(200 + nonce),
      nonce,
      raw: '0x',
      signedAt: HEAD,
      costWei: 1n,
    })),
    broadcast: vi.fn(async (_signed: SentCall, _reach?: string): Promise<void> => undefined),
    renew: vi.fn(async () => undefined),
  };
  const limits = { dayWei: 10n, ceilings: {}, leastBalanceWei: 0n, inFlight: 8 };
  const side = { chain, signer: { address: SIGNER }, submitting: new Serial(), limits };
  const log = pino({ level: 'silent' });
  const bridge = { sides: [side], anchor: { side }, log, holder: 'here', vitals: new Vitals() };
  return { chain, keeper: createNonceKeeper(bridge as unknown as Bridge, 5000) };
}

beforeEach(() => {
  vi.clearAllMocks();
  vi.mocked(claimLease).mockResolvedValue({ lease: 'nonces', token: 1n });
  vi.mocked(finalNonces).mockResolvedValue(new Set());
  vi.mocked(leaseOf).mockResolvedValue({ holder: 'there', isHeld: true });
});

describe('the nonces of an account', () => {
  it('are shown with what is open of them, how old that is, and what it is due for', async () => {
    const rows = [
      row(4, 30, { state: 'included' }),
      row(5, 20),
      row(6, 9, { hash: hashOf(0x66) }),
      row(6, 8),
      row(7, 3),
      row(8, 2),
      row(9, 1, { state: 'intent', sentAt: null }),
    ];
    const [shown] = await kept(6, rows, 5).keeper.read();
    expect(
      shown?.open.map(({ nonce, state, ageBlocks, due }) => [nonce, state, ageBlocks, due]),
    ).toEqual([
      [5, 'broadcast', 20, 'note'],
      [6, 'broadcast', 9, 'replaced'],
      [6, 'broadcast', 8, 'renew'],
      [7, 'broadcast', 3, 'repeat'],
      [8, 'broadcast', 2, 'wait'],
      [9, 'intent', 1, 'repeat'],
    ]);
    expect(shown).toMatchObject({
      chain: 'seven',
      account: SIGNER,
      journalNonce: 5,
      includedCount: 1,
      lease: { holder: 'there', isHeld: true },
      onChain: { head: HEAD, chainNonce: 6, nextNonce: 10, drift: 1, foreign: 0, holes: [] },
    });
  });

  it('have holes where nothing stands before what is open', async () => {
    const rows = [row(5, 1, { state: 'included' }), row(8, 1), row(10, 1)];
    const [shown] = await kept(4, rows).keeper.read();
    expect(shown?.onChain?.holes).toEqual([
      { from: 4, to: 4 },
      { from: 6, to: 7 },
      { from: 9, to: 9 },
    ]);
    expect(shown?.onChain?.nextNonce).toBe(11);
  });

  it('have no hole where a node that is behind does not know what is final', async () => {
    vi.mocked(finalNonces).mockResolvedValue(new Set([4, 5]));
    const { chain, keeper } = kept(4, [row(7, 1)], 6);
    expect((await keeper.read())[0]?.onChain?.holes).toEqual([{ from: 6, to: 6 }]);
    await keeper.repair('seven');
    expect(chain.sign.mock.calls).toMatchObject([[{}, {}, { nonce: 6 }]]);
  });

  it.each([
    ['behind the journal', 3, 5, { drift: -2, foreign: 0 }],
    ['ahead by what is to be noted', 7, 5, { drift: 2, foreign: 0 }],
    ['ahead by what the journal does not know', 9, 5, { drift: 4, foreign: 2 }],
  ])('drift where the chain is %s', async (_what, chainNonce, journalNonce, expected) => {
    const { keeper } = kept(chainNonce, [row(5, 1), row(6, 1)], journalNonce);
    expect((await keeper.read())[0]?.onChain).toMatchObject(expected);
  });

  it('are shown by the journal alone where the chain does not answer', async () => {
    const { chain, keeper } = kept(4, [row(4, 3)]);
    chain.nonceOf.mockRejectedValue(new TypeError('away'));
    expect(await keeper.read()).toMatchObject([
      { onChain: null, failure: 'TypeError', open: [{ nonce: 4, ageBlocks: null, due: null }] },
    ]);
  });

  it('are not known to a desk that has no chains, which repairs nothing', async () => {
    const sources = { database: {} as Database, chains: [], nowMs: () => 0 };
    expect(await answerDesk(sources, 'nonces', {})).toBeNull();
    expect(await answerDesk(sources, 'repair', { chain: 'seven' })).toEqual({ repaired: false });
  });
});

describe('a repair', () => {
  it('fills the holes and hands over again what is due, as it was shown', async () => {
    const { chain, keeper } = kept(4, [row(4, 1), row(6, 5)]);
    const [shown] = await keeper.read();
    expect(shown?.onChain?.holes).toEqual([{ from: 5, to: 5 }]);
    expect(shown?.open.map(({ due }) => due)).toEqual(['wait', 'repeat']);
    await keeper.repair('seven');
    const call = { to: SIGNER, data: '0x', valueWei: 0n };
    expect(chain.sign.mock.calls).toMatchObject([[{ address: SIGNER }, call, { nonce: 5 }]]);
    expect(vi.mocked(recordIntents).mock.calls[0]?.[2]).toMatchObject([{ subject: 'hole 5' }]);
    expect(chain.broadcast.mock.calls).toMatchObject([
      [{ nonce: 5 }, 'one node'],
      [{ nonce: 6 }, 'every node'],
    ]);
  });

  it('hands over all that is due together, and notes it once, also what a node refuses for good', async () => {
    const { chain, keeper } = kept(4, [row(4, 5), row(5, 5), row(6, 1), row(7, 5)]);
    chain.broadcast.mockImplementation(async ({ nonce }) => {
      const meta = { chain: 'seven', what: 'no', refusal: 'impossible' } as const;
      if (nonce === 4) throw new ChainError('CHAIN_TRANSACTION_REFUSED', meta);
    });
    await keeper.repair('seven');
    expect(chain.broadcast.mock.calls).toMatchObject([
      [{ nonce: 4, raw: hashOf(4) }, 'every node'],
      [{ nonce: 5 }, 'every node'],
      [{ nonce: 7 }, 'every node'],
    ]);
    const noted = vi.mocked(markSubmissions).mock.calls.map(([, , marks]) => marks);
    expect(noted.filter(({ length }) => length > 0)).toEqual([
      [
        { hash: hashOf(4), sentAt: HEAD, state: 'lost', costWei: 0n },
        { hash: hashOf(5), sentAt: HEAD, state: 'broadcast' },
        { hash: hashOf(7), sentAt: HEAD, state: 'broadcast' },
      ],
    ]);
  });

  it('leaves for the next block what a node can say nothing of now', async () => {
    const { chain, keeper } = kept(4, [row(4, 20)]);
    const meta = { chain: 'seven', what: 'the node has no events of a block' };
    chain.broadcast.mockRejectedValue(new ChainError('CHAIN_ANSWER_INCOMPLETE', meta));
    await keeper.repair('seven');
    expect(chain.broadcast).toHaveBeenCalledOnce();
    expect(chain.renew).not.toHaveBeenCalled();
  });

  it('needs nobody who tells what is final', async () => {
    const { chain, keeper } = kept(4, [row(6, 1)]);
    const away = new ChainError('CHAIN_UNAVAILABLE', { chain: 'seven', what: 'no beacon node' });
    chain.finalizedHead.mockRejectedValue(away);
    await keeper.repair('seven');
    expect(chain.sign.mock.calls.map(([, , { nonce }]) => nonce)).toEqual([4, 5]);
  });

  it('notes as lost what another transaction has taken the nonce of, once three blocks more show nothing else', async () => {
    const { chain, keeper } = kept(5, [row(4, 1)], 4);
    await keeper.repair('seven');
    expect(vi.mocked(markSubmissions).mock.calls[0]?.[2]).toEqual([]);
    chain.head.mockResolvedValue({ number: HEAD + 3, hash: hashOf(1) });
    vi.mocked(markSubmissions).mockClear();
    await keeper.repair('seven');
    expect(chain.broadcast).not.toHaveBeenCalled();
    expect(vi.mocked(markSubmissions).mock.calls[0]?.[2]).toEqual([
      { hash: hashOf(4), state: 'lost', costWei: 0n },
    ]);
  });

  it('touches nothing while another process has the lease', async () => {
    vi.mocked(claimLease).mockResolvedValue(undefined);
    const { chain, keeper } = kept(4, [row(6, 5)]);
    await expect(keeper.repair('seven')).rejects.toMatchObject({ code: 'RELAYER_NOT_LEADING' });
    expect(chain.broadcast).not.toHaveBeenCalled();
    expect(recordIntents).not.toHaveBeenCalled();
    expect(markSubmissions).not.toHaveBeenCalled();
  });

  it('is refused on a chain that is not configured', async () => {
    const refused = kept(4, []).keeper.repair('eight');
    await expect(refused).rejects.toMatchObject({ code: 'RELAYER_CHAIN_UNKNOWN' });
  });
});
