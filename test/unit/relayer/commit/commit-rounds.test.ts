import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ANCHOR_ABI, REFUSALS_ABI } from '../../../../src/chains/shared/abi.ts';
import { ChainCallReverted } from '../../../../src/chains/shared/bridged-chain.ts';
import { RemoteRefusal } from '../../../../src/enclave-client/enclave-client.ts';
import type { EnclaveStatus } from '../../../../src/protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine } from '../../../../src/relayer/bridge.ts';
import { commitRounds } from '../../../../src/relayer/commit/commit-rounds.ts';
import { fetchAnchoredState } from '../../../../src/relayer/commit/fetch-anchored.ts';
import { messagesUpTo, proposalFor } from '../../../../src/relayer/commit/proposal.ts';
import { journalChanges } from '../../../../src/relayer/journal/journal-changes.ts';
import { bringUpToDate } from '../../../../src/relayer/prove/bring-up-to-date.ts';
import { Serial } from '../../../../src/relayer/serial.ts';
import { submitJournaled } from '../../../../src/relayer/submit/submit-journaled.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';

vi.mock('../../../../src/relayer/commit/fetch-anchored.ts', () => ({
  fetchAnchoredState: vi.fn(),
}));
vi.mock('../../../../src/relayer/commit/proposal.ts', () => ({
  messagesUpTo: vi.fn(),
  proposalFor: vi.fn(),
}));
vi.mock('../../../../src/relayer/journal/journal-changes.ts', () => ({ journalChanges: vi.fn() }));
vi.mock('../../../../src/relayer/prove/bring-up-to-date.ts', () => ({ bringUpToDate: vi.fn() }));
vi.mock('../../../../src/relayer/submit/submit-journaled.ts', () => ({ submitJournaled: vi.fn() }));

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const ANCHOR: Hex = `0x${'a1'.repeat(20)}`;
const PROPOSAL = {
  prevState: word('50'),
  round: 10n,
  asOf: 7n,
  control: 1n,
  paid: [],
  beneficiary: word('be'),
};
const COMMIT = { ...PROPOSAL, number: 5n, postState: word('51'), inputs: [] };

/** An enclave whose ledger stands at a state, and what it is asked. */
function enclave(signer: Hex, stateId = word('50'), failure?: string) {
  const asked: string[] = [];
  const status = { signer, ledger: { stateId } } as unknown as EnclaveStatus;
  const ask = async (command: string) => {
    asked.push(command);
    if (command === 'status') return status;
    if (failure !== undefined) {
      const error = { code: failure, disposition: 'halt' as const, message: failure, meta: {} };
      throw new RemoteRefusal('propose', error);
    }
    const signature: Hex = `0x${signer.slice(2, 4).repeat(65)}`;
    return command === 'propose' ? { commit: COMMIT } : { commit: COMMIT, epoch: 1n, signature };
  };
  const line = { client: { ask }, commanding: new Serial() } as unknown as EnclaveLine;
  return { line, asked, status };
}
type Fake = ReturnType<typeof enclave>;

function bridgeOf(...enclaves: Fake[]): Bridge {
  vi.mocked(bringUpToDate).mockImplementation(async (_, line) => {
    const of = enclaves.find((one) => one.line === line);
    if (of === undefined) throw new Error('no such enclave');
    return of.status;
  });
  vi.mocked(proposalFor).mockImplementation(async (_, signers) => ({
    signers,
    proposal: PROPOSAL,
  }));
  return {
    enclaves: enclaves.map(({ line }) => line),
    anchor: { side: {}, address: ANCHOR },
    log: pino({ level: 'silent' }),
    clock: { nowMs: () => 1 },
  } as unknown as Bridge;
}

const [one, two] = [`0x${'11'.repeat(20)}`, `0x${'22'.repeat(20)}`] as const;

beforeEach(() => {
  vi.resetAllMocks();
  vi.mocked(fetchAnchoredState).mockResolvedValue(word('50'));
});

describe('the rounds that are due', () => {
  it('are proposed to every enclave that was brought up to date, and submitted with all signatures', async () => {
    const enclaves = [enclave(two), enclave(one)];
    await commitRounds(bridgeOf(...enclaves));
    expect(enclaves.map(({ asked }) => asked)).toEqual([
      ['status', 'propose', 'signCommit'],
      ['status', 'propose', 'signCommit'],
    ]);
    const [, , submission] = vi.mocked(submitJournaled).mock.calls[0] ?? [];
    expect(submission).toMatchObject({ subject: 'commit 5', call: { to: ANCHOR } });
    const data = submission?.call.data ?? '0x';
    const [commit, signatures] = ANCHOR_ABI.decodeFunctionData('commit', data);
    expect([commit.number, commit.round, commit.asOf, commit.control]).toEqual([5n, 10n, 7n, 1n]);
    expect([...signatures]).toEqual([`0x${'11'.repeat(65)}`, `0x${'22'.repeat(65)}`]);
  });

  it('are not asked of an enclave that stands elsewhere than the anchor', async () => {
    const behind = enclave(two, word('49'));
    await commitRounds(bridgeOf(enclave(one), behind));
    expect(behind.asked).toEqual(['status']);
    expect(submitJournaled).toHaveBeenCalledTimes(1);
  });

  it('are left alone where none is complete', async () => {
    const bridge = bridgeOf(enclave(one));
    vi.mocked(proposalFor).mockResolvedValue(undefined);
    await commitRounds(bridge);
    expect(submitJournaled).not.toHaveBeenCalled();
  });

  it('are somebody else’s work if the anchor has moved on, whether or not it says so', async () => {
    const silent = new ChainCallReverted({ chain: 'polkadot', data: '0x', reason: 'none given' });
    for (const refusal of [reverted('AnchorStaleState', [word('50'), word('51')]), silent]) {
      vi.mocked(fetchAnchoredState).mockResolvedValueOnce(word('50'));
      vi.mocked(fetchAnchoredState).mockResolvedValueOnce(word('51'));
      vi.mocked(submitJournaled).mockRejectedValueOnce(refusal);
      await commitRounds(bridgeOf(enclave(one)));
    }
    expect(submitJournaled).toHaveBeenCalledTimes(2);
  });

  it('need another look if the anchor was told of a suspension meanwhile', async () => {
    vi.mocked(submitJournaled).mockRejectedValue(reverted('AnchorControlOutOfRange', [1n, 2n, 2n]));
    await commitRounds(bridgeOf(enclave(one)));
    expect(submitJournaled).toHaveBeenCalledTimes(1);
  });

  it('are tried again after any other refusal of the anchor', async () => {
    const refusal = reverted('RegistryTooFewSignatures', [1n, 2n]);
    vi.mocked(submitJournaled).mockRejectedValue(refusal);
    await expect(commitRounds(bridgeOf(enclave(one)))).rejects.toBe(refusal);
  });

  it('quarantine their messages if the ledger refuses them', async () => {
    const bridge = bridgeOf(enclave(one, word('50'), 'ENCLAVE_TRANSITION_FAILED'));
    const row = { chainId: 1n, index: 4n, blockNumber: 8 };
    vi.mocked(messagesUpTo).mockResolvedValue([row as never]);
    expect((await asyncRefusal(commitRounds(bridge))).code).toBe('ENCLAVE_TRANSITION_FAILED');
    const [, changes] = vi.mocked(journalChanges).mock.calls[0] ?? [];
    expect(changes).toMatchObject([{ subject: 'message 1/4', reason: 'ledger-refused' }]);
  });
});

function reverted(name: string, args: readonly unknown[]): ChainCallReverted {
  const data = REFUSALS_ABI.encodeErrorResult(name, [...args]) as Hex;
  return new ChainCallReverted({ chain: 'polkadot', data, reason: name });
}
