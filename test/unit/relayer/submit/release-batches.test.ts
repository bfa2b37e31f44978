import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { GATEWAY_ABI, REFUSALS_ABI } from '../../../../src/chains/shared/abi.ts';
import { ChainCallReverted, ChainError } from '../../../../src/chains/shared/bridged-chain.ts';
import { EMPTY_HEAD } from '../../../../src/protocol/message.ts';
import { positionAfterBatch } from '../../../../src/protocol/release.ts';
import { type Bridge, RelayerError, type Side } from '../../../../src/relayer/bridge.ts';
import {
  batchesAfter,
  batchesFrom,
  forgetBatches,
  type SignedReleaseBatch,
} from '../../../../src/relayer/journal/batches.ts';
import { holdsOn } from '../../../../src/relayer/journal/holds.ts';
import { journalChanges } from '../../../../src/relayer/journal/journal-changes.ts';
import { openFor, type SubmissionRow } from '../../../../src/relayer/journal/submissions.ts';
import {
  type Handed,
  handOverLine,
  type Submission,
} from '../../../../src/relayer/submit/hand-over.ts';
import { releaseBatches } from '../../../../src/relayer/submit/release-batches.ts';
import { awaitEnd } from '../../../../src/relayer/submit/submit-journaled.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';

vi.mock('../../../../src/relayer/journal/batches.ts', () => ({
  batchesAfter: vi.fn(),
  batchesFrom: vi.fn(),
  forgetBatches: vi.fn(),
}));
vi.mock('../../../../src/relayer/journal/holds.ts', async (original) => ({
  ...(await original<typeof import('../../../../src/relayer/journal/holds.ts')>()),
  holdsOn: vi.fn(),
}));
vi.mock('../../../../src/relayer/journal/journal-changes.ts', () => ({ journalChanges: vi.fn() }));
vi.mock('../../../../src/relayer/journal/submissions.ts', () => ({ openFor: vi.fn() }));
vi.mock('../../../../src/relayer/submit/hand-over.ts', () => ({ handOverLine: vi.fn() }));
vi.mock('../../../../src/relayer/submit/submit-journaled.ts', () => ({
  awaitEnd: vi.fn(),
  prepareAccount: vi.fn(),
}));

const address = (byte: string): Hex => `0x${byte.repeat(20)}`;
const OWN = address('5b');
const ASSET: Hex = `0x${'a5'.repeat(32)}`;
const SIGNED: SignedReleaseBatch = {
  epoch: 2n,
  batch: {
    chainId: 31337n,
    gateway: address('0a'),
    firstIndex: 8n,
    prevHead: EMPTY_HEAD,
    releases: [],
    fees: [{ asset: ASSET, amount: 10n ** 18n }],
    consumedCount: 7n,
  },
  submitter: OWN,
  signatures: [`0x${'55'.repeat(65)}`],
};

/** So many batches, one after the other, the first at the gateway's head, each of one payout in `ASSET` unless others are given. */
function lineOf(length: number, paying: readonly (readonly Hex[])[] = []): SignedReleaseBatch[] {
  const release = { tag: EMPTY_HEAD, asset: ASSET, recipient: OWN, amount: 1n, refundOf: 0n };
  let at = { count: 8n, head: EMPTY_HEAD };
  return Array.from({ length }, (_, i) => {
    const releases = (paying[i] ?? [ASSET]).map((asset) => ({ ...release, asset }));
    const fees = releases.slice(0, 1).map(({ asset }) => ({ asset, amount: 10n ** 18n }));
    const batch = { ...SIGNED.batch, firstIndex: at.count, prevHead: at.head, releases, fees };
    at = positionAfterBatch(batch);
    return { ...SIGNED, batch };
  });
}

const chain = {
  chainId: 31337n,
  name: 'ethereum',
  word: async () => EMPTY_HEAD,
  head: async () => ({ number: 40, hash: EMPTY_HEAD }),
  budget: vi.fn(),
  sign: vi.fn(),
};
const side = {
  chain,
  gateway: address('0a'),
  signer: { address: OWN },
  limits: { inFlight: 3, ceilings: {} },
} as unknown as Side;
const bridge = {
  database: {},
  log: pino({ level: 'silent' }),
  clock: { nowMs: () => 1 },
} as Partial<Bridge> as Bridge;

/** The gateway's refusal, as the adapter throws it. */
function reverted(name: string, args: readonly unknown[]): ChainCallReverted {
  const data = REFUSALS_ABI.encodeErrorResult(name, [...args]) as Hex;
  return new ChainCallReverted({ chain: 'ethereum', data, reason: name });
}

/** The journal has these batches, and no other. */
function journalHas(line: readonly SignedReleaseBatch[]): void {
  vi.mocked(batchesAfter).mockImplementation(async (_, __, { prevHead, limit }) => {
    const from = line.findIndex(({ batch }) => batch.prevHead === prevHead);
    return from === -1 ? [] : line.slice(from, from + limit);
  });
  vi.mocked(batchesFrom).mockResolvedValue(line.map(({ batch }) => batch));
}

const sent = () => vi.mocked(handOverLine).mock.calls.flatMap(([, , line]) => line);
const held = () => vi.mocked(journalChanges).mock.calls.flatMap(([, changes]) => [...changes]);

beforeEach(() => {
  vi.resetAllMocks();
  chain.budget.mockResolvedValue({ measure: 'gas', gas: 100_000n });
  vi.mocked(handOverLine).mockImplementation(async (_, __, [first, ...behind]) => {
    const handed = ({ subject }: Submission) => ({ subject, nonce: 7 });
    return [handed(first), ...behind.map(handed)];
  });
  vi.mocked(awaitEnd).mockResolvedValue({ hash: '0x', blockNumber: 41 });
  vi.mocked(holdsOn).mockResolvedValue([]);
  journalHas([SIGNED]);
});

describe('the batch that a gateway waits for', () => {
  it('is submitted with the submitter and the cursor that were signed', async () => {
    await releaseBatches(bridge, side);
    const [submission] = sent();
    expect(submission).toMatchObject({ subject: 'batch 31337/8', call: { to: address('0a') } });
    const data = submission?.call.data ?? '0x';
    const [batch] = GATEWAY_ABI.decodeFunctionData('release', data);
    expect([batch.submitter.toLowerCase(), batch.consumedCount, batch.epoch]).toEqual([
      OWN,
      7n,
      2n,
    ]);
  });

  it('is signed anew if it was signed for an account that the relayer had before', async () => {
    journalHas([{ ...SIGNED, submitter: address('5c') }]);
    const refused = await asyncRefusal(releaseBatches(bridge, side));
    expect(refused).toMatchObject({ code: 'RELAYER_SUBMITTER_CHANGED', disposition: 'retry' });
    expect(vi.mocked(forgetBatches).mock.calls.map(([, ...of]) => of)).toEqual([[31337n, 8n]]);
    expect(handOverLine).not.toHaveBeenCalled();
  });

  it('is somebody else’s work if the gateway has moved on, whether or not it says so', async () => {
    const silent = new ChainCallReverted({ chain: 'ethereum', data: '0x', reason: 'none given' });
    const word = vi.spyOn(chain, 'word');
    for (const refusal of [reverted('GatewayWrongIndex', [8n, 9n]), silent]) {
      vi.mocked(awaitEnd).mockRejectedValueOnce(refusal);
      word.mockResolvedValueOnce(EMPTY_HEAD).mockResolvedValueOnce(`0x${'77'.repeat(32)}`);
      await releaseBatches(bridge, side);
    }
    word.mockRestore();
    expect(handOverLine).toHaveBeenCalledTimes(2);
    expect(journalChanges).not.toHaveBeenCalled();
  });

  it('stays where it is while the operator holds it, and is said to be held', async () => {
    vi.mocked(holdsOn).mockResolvedValue([{ subject: 'batch 31337/8', reason: 'a test', atMs: 1 }]);
    await releaseBatches(bridge, side);
    expect(handOverLine).not.toHaveBeenCalled();
    expect(held()).toMatchObject([{ subject: 'batch 31337/8', reason: 'held-by-operator' }]);
  });

  it.each([
    ['GatewayPaused', [EMPTY_HEAD], 'gateway-paused'],
    ['GatewayConsumedAboveSent', [7n, 6n], 'gateway-refused'],
    ['RegistrySignerUnknown', [OWN, 2n], 'gateway-refused'],
  ])('is held by %s when it is tried, and said to be', async (name, args, reason) => {
    const refusal = reverted(name, args);
    chain.budget.mockRejectedValue(refusal);
    await expect(releaseBatches(bridge, side)).rejects.toBe(refusal);
    expect(held()).toMatchObject([{ subject: 'batch 31337/8', state: 'held', reason }]);
    const isSignedAnew = vi.mocked(forgetBatches).mock.calls.length === 1;
    expect(isSignedAnew).toBe(name.startsWith('Registry'));
    expect(handOverLine).not.toHaveBeenCalled();
  });

  const chainSays = (code: 'CHAIN_FEE_ABOVE_CEILING' | 'CHAIN_TRANSACTION_REFUSED') =>
    new ChainError(code, { chain: 'ethereum', what: 'a test', refusal: 'unfunded' });
  it.each([
    [chainSays('CHAIN_FEE_ABOVE_CEILING'), 'fees-too-high'],
    [new RelayerError('RELAYER_SPENDING_EXHAUSTED', 'a test'), 'spending-exhausted'],
  ])('is held by %s, and said to be %s', async (failure, reason) => {
    vi.mocked(handOverLine).mockRejectedValue(failure);
    await expect(releaseBatches(bridge, side)).rejects.toBe(failure);
    expect(held()).toMatchObject([{ subject: 'batch 31337/8', state: 'held', reason }]);
  });

  it('is held where a node does not try it for an account without coins, and said to be', async () => {
    const refusal = chainSays('CHAIN_TRANSACTION_REFUSED');
    chain.budget.mockRejectedValue(refusal);
    await expect(releaseBatches(bridge, side)).rejects.toBe(refusal);
    expect(held()).toMatchObject([{ subject: 'batch 31337/8', reason: 'account-empty' }]);
  });
});

describe('the line behind it', () => {
  it('is sent at once as far as there is room, and the rest, some together, as blocks make room', async () => {
    journalHas(lineOf(9));
    const sentAtEnd: number[] = [];
    vi.mocked(awaitEnd).mockImplementation(async () => {
      sentAtEnd.push(sent().length);
      return { hash: '0x', blockNumber: 41 };
    });
    await releaseBatches(bridge, { ...side, limits: { ...side.limits, inFlight: 6 } });
    expect(sent().map(({ subject }) => subject)).toEqual(
      Array.from({ length: 9 }, (_, i) => `batch 31337/${8 + i}`),
    );
    expect(sentAtEnd).toEqual([6, 6, 8, 8, 9, 9, 9, 9, 9]);
    // Only the first can be tried; the others have a budget that needs no trial.
    expect(chain.budget).toHaveBeenCalledTimes(1);
    expect(sent().every(({ budget }) => budget !== undefined)).toBe(true);
  });

  it('is given more for an hour after one failed in its block that is found good whenever it is tried', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const wary = { ...side };
    const gasOfNext = async () => {
      vi.mocked(handOverLine).mockClear();
      await releaseBatches(bridge, wary).catch(() => undefined);
      const gas = sent().map(({ budget }) => budget?.measure === 'gas' && budget.gas);
      return new Set(gas).size === 1 ? gas[0] : gas;
    };
    journalHas(lineOf(3));
    const usual = await gasOfNext();
    const ranOut = new ChainCallReverted({ chain: 'ethereum', data: '0x', reason: 'none given' });
    vi.mocked(awaitEnd).mockRejectedValueOnce(ranOut);
    expect(await gasOfNext()).toBe(usual);
    expect(await gasOfNext()).toBeGreaterThan(Number(usual));
    expect(await gasOfNext()).toBeGreaterThan(Number(usual));
    vi.advanceTimersByTime(3_600_000);
    expect(await gasOfNext()).toBe(usual);
    vi.useRealTimers();
  });

  /** What batches take by what they pay, as a dry run would say; `weights` are of one payout. */
  const takes = (weights: Readonly<Record<Hex, bigint>>) => {
    chain.budget.mockImplementation(async (_, { data }) => {
      const [batch] = GATEWAY_ABI.decodeFunctionData('release', data);
      const { releases, fees }: { releases: { asset: Hex }[]; fees: { asset: Hex }[] } = batch;
      const taken = [...releases, ...fees].map(({ asset }) => weights[asset] ?? 0n);
      const refTime = taken.reduce((sum, one) => sum + one, 100n);
      return { measure: 'weight', weight: { refTime, proofSize: 1n }, storageDepositPlanck: 0n };
    });
  };
  const DEAR: Hex = `0x${'de'.repeat(32)}`;
  const given = () => {
    return sent().map(({ budget }) => budget?.measure === 'weight' && budget.weight.refTime);
  };
  const times = (count: number, asset: Hex) => Array<Hex>(count).fill(asset);

  it('is given what batches take that pay the same, and waits where none was tried', async () => {
    const heavy = { ...side };
    takes({ [ASSET]: 10n, [DEAR]: 1000n });
    journalHas(lineOf(3, [times(15, ASSET), times(15, ASSET), times(15, DEAR)]));
    let landed = 0;
    vi.mocked(awaitEnd).mockImplementation(async () => {
      // The third pays what none before it has.
      if (landed++ < 2) expect(sent()).toHaveLength(2);
      return { hash: '0x', blockNumber: 41 };
    });
    await releaseBatches(bridge, heavy);
    expect(given()).toEqual([260n, 260n, 16_100n]);
    expect(chain.budget).toHaveBeenCalledTimes(2);
    vi.mocked(handOverLine).mockClear();
    journalHas(lineOf(3, [[ASSET], times(15, DEAR), [...times(14, ASSET), DEAR]]));
    await releaseBatches(bridge, heavy);
    // One payout tells little of fifteen, and one in the dear asset is enough to be given as much as that.
    expect(given()).toEqual([260n, 16_100n, 16_100n]);
  });

  it('is given no more than what its batches take if one shows it only once it was too dear, the first time in an hour', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const dearer = { ...side };
    const ranOut = new ChainCallReverted({ chain: 'polkadot', data: '0x', reason: 'none given' });
    const rise = async (weight: bigint) => {
      takes({ [ASSET]: weight });
      journalHas(lineOf(2));
      vi.mocked(handOverLine).mockClear();
      await releaseBatches(bridge, dearer).catch(() => undefined);
      return given();
    };
    expect(await rise(10n)).toEqual([120n, 120n]);
    vi.mocked(awaitEnd).mockRejectedValueOnce(ranOut);
    expect(await rise(10n)).toEqual([120n, 120n]);
    expect(await rise(20n)).toEqual([140n, 140n]);
    vi.mocked(awaitEnd).mockRejectedValueOnce(ranOut);
    expect(await rise(20n)).toEqual([140n, 140n]);
    expect(await rise(30n)).toEqual([640n, 640n]);
    vi.advanceTimersByTime(3_600_000);
    expect(await rise(10n)).toEqual([120n, 120n]);
    vi.useRealTimers();
  });

  describe('is as long as three blocks have room for, once a block was full', () => {
    const limits = { inFlight: 32, ceilings: {} };
    /** Sends a line of which each block takes as many as `perBlock` says in turn. @returns how many were under way whenever some were sent */
    const carry = async (wide: Side, perBlock: readonly number[]) => {
      let [head, landed] = [40, 0];
      let sentCount = 0;
      const underWay: number[] = [];
      const ends = perBlock.flatMap((count, i) => Array<number>(count).fill(42 + i));
      journalHas(lineOf(ends.length));
      vi.mocked(handOverLine).mockImplementation(async (_, __, line) => {
        const handed = line.map(({ subject }) => ({ subject, nonce: 7 }));
        sentCount += handed.length;
        underWay.push(sentCount - landed);
        return handed as [Handed, ...Handed[]];
      });
      vi.mocked(awaitEnd).mockImplementation(async () => {
        const blockNumber = ends[landed] ?? 0;
        [head, landed] = [Math.max(head, blockNumber), landed + 1];
        return { hash: '0x', blockNumber };
      });
      const atHead = { ...chain, head: async () => ({ number: head, hash: EMPTY_HEAD }) };
      await releaseBatches(bridge, Object.assign(wide, { chain: atHead }));
      return underWay;
    };

    it('and longer again when one takes more', async () => {
      const wide = { ...side, limits } as Side;
      const underWay = await carry(wide, [...Array<number>(9).fill(5), 8, 8, 8, 8, 8, 8]);
      expect(underWay.slice(0, 4)).toEqual([16, 32, 15, 15]);
      expect(Math.max(...underWay.slice(4))).toBe(24);
    });

    it('and as long as it may be while each block takes all there is', async () => {
      const wide = { ...side, limits } as Side;
      const underWay = await carry(wide, [32, 32]);
      expect(Math.max(...underWay.slice(-2))).toBe(32);
    });
  });

  it('waits behind what is under way since before a restart, which is not sent again', async () => {
    const [first, second] = lineOf(2);
    if (!first || !second) throw new Error('two are made');
    journalHas([first, second]);
    vi.mocked(openFor).mockImplementation(async (_, __, subject) =>
      subject === 'batch 31337/8' ? ({ nonce: 3 } as SubmissionRow) : undefined,
    );
    vi.mocked(awaitEnd).mockImplementation(async (_, __, { subject }) => {
      if (subject === 'batch 31337/8') expect(chain.budget).not.toHaveBeenCalled();
      return { hash: '0x', blockNumber: 41 };
    });
    await releaseBatches(bridge, side);
    expect(sent().map(({ subject }) => subject)).toEqual(['batch 31337/8', 'batch 31337/9']);
    expect(chain.budget).toHaveBeenCalledTimes(1);
  });

  const rule = (minimumWei: bigint, priceWei = 100n) => ({
    ...side,
    profit: { minimumWei, prices: new Map([[ASSET, priceWei]]) },
  });

  it('is weighed as a whole: what one batch alone would not pay for goes with the others', async () => {
    // A batch brings 100 wei and costs 90, but for the first, which is dearer by itself.
    journalHas(lineOf(4));
    chain.sign.mockResolvedValue({ costWei: 90n });
    await releaseBatches(bridge, rule(40n));
    expect(sent()).toHaveLength(4);
    journalHas(lineOf(3));
    vi.mocked(handOverLine).mockClear();
    const refused = await asyncRefusal(releaseBatches(bridge, rule(40n)));
    expect(refused).toMatchObject({ code: 'RELAYER_NOT_WORTH_SENDING', disposition: 'retry' });
    expect(sent()).toHaveLength(0);
    expect(held()).toMatchObject([{ subject: 'batch 31337/8', reason: 'not-worth-sending' }]);
  });

  it('has fees worth nothing in what has no price', async () => {
    journalHas(lineOf(4));
    chain.sign.mockResolvedValue({ costWei: 90n });
    const unpriced = { ...side, profit: { minimumWei: 0n, prices: new Map() } };
    const refused = await asyncRefusal(releaseBatches(bridge, unpriced));
    expect(refused).toMatchObject({ code: 'RELAYER_NOT_WORTH_SENDING' });
  });
});
