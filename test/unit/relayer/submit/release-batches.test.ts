import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { GATEWAY_ABI, REFUSALS_ABI } from '../../../../src/chains/shared/abi.ts';
import { ChainCallReverted } from '../../../../src/chains/shared/bridged-chain.ts';
import { EMPTY_HEAD } from '../../../../src/protocol/message.ts';
import type { Bridge, Side } from '../../../../src/relayer/bridge.ts';
import {
  batchAfter,
  forgetBatches,
  type SignedReleaseBatch,
} from '../../../../src/relayer/journal/batches.ts';
import { holdsOn } from '../../../../src/relayer/journal/holds.ts';
import { journalChanges } from '../../../../src/relayer/journal/journal-changes.ts';
import { releaseBatches } from '../../../../src/relayer/submit/release-batches.ts';
import { submitJournaled } from '../../../../src/relayer/submit/submit-journaled.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';

vi.mock('../../../../src/relayer/journal/batches.ts', () => ({
  batchAfter: vi.fn(),
  forgetBatches: vi.fn(),
}));
vi.mock('../../../../src/relayer/journal/holds.ts', async (original) => ({
  ...(await original<typeof import('../../../../src/relayer/journal/holds.ts')>()),
  holdsOn: vi.fn(),
}));
vi.mock('../../../../src/relayer/journal/journal-changes.ts', () => ({ journalChanges: vi.fn() }));
vi.mock('../../../../src/relayer/submit/submit-journaled.ts', () => ({ submitJournaled: vi.fn() }));

const address = (byte: string): Hex => `0x${byte.repeat(20)}`;
const OWN = address('5b');
const SIGNED: SignedReleaseBatch = {
  epoch: 2n,
  batch: {
    chainId: 31337n,
    gateway: address('0a'),
    firstIndex: 8n,
    prevHead: EMPTY_HEAD,
    releases: [],
    fees: [],
    consumedCount: 7n,
  },
  submitter: OWN,
  signatures: [`0x${'55'.repeat(65)}`],
};

const side = {
  chain: {
    chainId: 31337n,
    name: 'ethereum',
    word: async () => EMPTY_HEAD,
    head: async () => ({ number: 40, hash: EMPTY_HEAD }),
  },
  gateway: address('0a'),
  signer: { address: OWN },
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

describe('the batch that a gateway waits for', () => {
  beforeEach(() => {
    vi.mocked(batchAfter).mockReset().mockResolvedValueOnce(SIGNED).mockResolvedValue(undefined);
    vi.mocked(submitJournaled).mockReset();
    vi.mocked(forgetBatches).mockReset();
    vi.mocked(journalChanges).mockReset();
    vi.mocked(holdsOn).mockReset().mockResolvedValue([]);
  });

  it('is submitted with the submitter and the cursor that were signed', async () => {
    await releaseBatches(bridge, side);
    const [, , submission] = vi.mocked(submitJournaled).mock.calls[0] ?? [];
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
    vi.mocked(batchAfter)
      .mockReset()
      .mockResolvedValue({ ...SIGNED, submitter: address('5c') });
    const refused = await asyncRefusal(releaseBatches(bridge, side));
    expect(refused).toMatchObject({ code: 'RELAYER_SUBMITTER_CHANGED', disposition: 'retry' });
    expect(vi.mocked(forgetBatches).mock.calls.map(([, ...of]) => of)).toEqual([[31337n, 8n]]);
    expect(submitJournaled).not.toHaveBeenCalled();
  });

  it('is somebody else’s work if the gateway has moved on, whether or not it says so', async () => {
    const silent = new ChainCallReverted({ chain: 'ethereum', data: '0x', reason: 'none given' });
    const word = vi.spyOn(side.chain, 'word');
    for (const refusal of [reverted('GatewayWrongIndex', [8n, 9n]), silent]) {
      vi.mocked(submitJournaled).mockRejectedValue(refusal);
      vi.mocked(batchAfter).mockResolvedValueOnce(SIGNED);
      word.mockResolvedValueOnce(EMPTY_HEAD).mockResolvedValueOnce(`0x${'77'.repeat(32)}`);
      await releaseBatches(bridge, side);
    }
    word.mockRestore();
    expect(journalChanges).not.toHaveBeenCalled();
  });

  it('stays where it is while the operator holds it, and is said to be held', async () => {
    vi.mocked(holdsOn).mockResolvedValue([{ subject: 'batch 31337/8', reason: 'a test', atMs: 1 }]);
    await releaseBatches(bridge, side);
    expect(submitJournaled).not.toHaveBeenCalled();
    const [, changes] = vi.mocked(journalChanges).mock.calls[0] ?? [];
    expect(changes).toMatchObject([{ subject: 'batch 31337/8', reason: 'held-by-operator' }]);
  });

  it.each([
    ['GatewayPaused', [EMPTY_HEAD], 'gateway-paused'],
    ['GatewayConsumedAboveSent', [7n, 6n], 'gateway-refused'],
    ['RegistrySignerUnknown', [OWN, 2n], 'gateway-refused'],
  ])('is held by %s, and said to be', async (name, args, reason) => {
    const refusal = reverted(name, args);
    vi.mocked(submitJournaled).mockRejectedValue(refusal);
    await expect(releaseBatches(bridge, side)).rejects.toBe(refusal);
    const [, changes] = vi.mocked(journalChanges).mock.calls[0] ?? [];
    expect(changes).toMatchObject([{ subject: 'batch 31337/8', state: 'held', reason }]);
    const isSignedAnew = vi.mocked(forgetBatches).mock.calls.length === 1;
    expect(isSignedAnew).toBe(name.startsWith('Registry'));
  });
});
