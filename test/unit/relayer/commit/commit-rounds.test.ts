import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ANCHOR_ABI, REFUSALS_ABI } from '../../../../src/chains/shared/abi.ts';
import { ChainCallReverted } from '../../../../src/chains/shared/bridged-chain.ts';
import { recoverAddress } from '../../../../src/crypto/secp256k1.ts';
import { RemoteRefusal } from '../../../../src/enclave-client/enclave-client.ts';
import { type Commit, commitDigest } from '../../../../src/protocol/commit.ts';
import type { EnclaveStatus } from '../../../../src/protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine } from '../../../../src/relayer/bridge.ts';
import { commitRounds } from '../../../../src/relayer/commit/commit-rounds.ts';
import { fetchAnchoredState } from '../../../../src/relayer/commit/fetch-anchored.ts';
import { messagesUpTo, proposalFor } from '../../../../src/relayer/commit/proposal.ts';
import { journalChanges } from '../../../../src/relayer/journal/journal-changes.ts';
import { bringUpToDate } from '../../../../src/relayer/prove/bring-up-to-date.ts';
import { Serial } from '../../../../src/relayer/serial.ts';
import { submitJournaled } from '../../../../src/relayer/submit/submit-journaled.ts';
import { Vitals } from '../../../../src/relayer/vitals.ts';
import { fromHex, type Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { quorumOf, type TestKey, testKey } from '../../../support/quorum.ts';

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

const keys = [testKey(1), testKey(2), testKey(3)] as const;
const [one, two, three] = keys;
const DOMAIN = { chainId: 7n, verifyingContract: ANCHOR };

interface Behaviour {
  readonly stateId?: Hex;
  /** Code that it refuses a proposal with; `hangs` for no answer at all. */
  readonly failure?: string;
  readonly commit?: Commit;
  readonly epoch?: bigint;
}

let names = 0;

/** An enclave whose ledger stands at a state, and what it is asked. */
function enclave(key: TestKey, behaviour: Behaviour = {}) {
  const { stateId = word('50'), failure, commit = COMMIT, epoch = 1n } = behaviour;
  const asked: string[] = [];
  const status = {
    signer: key.address,
    ledger: { stateId, number: 4n },
  } as unknown as EnclaveStatus;
  const ask = async (command: string) => {
    asked.push(command);
    if (command === 'status') return status;
    if (failure === 'hangs') return await new Promise<never>(() => undefined);
    if (failure !== undefined) {
      const error = { code: failure, disposition: 'halt' as const, message: failure, meta: {} };
      throw new RemoteRefusal('propose', error);
    }
    const signature = key.sign(commitDigest(DOMAIN, epoch, commit));
    return command === 'propose' ? { commit } : { commit, epoch, signature };
  };
  names += 1;
  const name = `enclave-${names}`;
  const line = { name, client: { ask }, commanding: new Serial() } as unknown as EnclaveLine;
  return { line, asked, status, key };
}
type Fake = ReturnType<typeof enclave>;

let threshold = 1;
let vitals: Vitals;
let unshown: string[];

function bridgeOf(...enclaves: Fake[]): Bridge {
  vi.mocked(bringUpToDate).mockImplementation(async (_, line) => {
    const of = enclaves.find((one) => one.line === line);
    if (of === undefined) throw new Error('no such enclave');
    return { status: of.status, unshown };
  });
  vi.mocked(proposalFor).mockImplementation(async (_, signers) => ({
    signers,
    proposal: PROPOSAL,
  }));
  return {
    enclaves: enclaves.map(({ line }) => line),
    anchor: { side: { chain: { chainId: DOMAIN.chainId } }, address: ANCHOR },
    vitals,
    quorum: quorumOf({ threshold, admitted: keys.map(({ address }) => address), vitals }),
    log: pino({ level: 'silent' }),
    clock: { nowMs: () => 1 },
  } as unknown as Bridge;
}

beforeEach(() => {
  vi.resetAllMocks();
  threshold = 1;
  unshown = [];
  vitals = new Vitals();
  vi.mocked(fetchAnchoredState).mockResolvedValue(word('50'));
});

describe('the rounds that are due', () => {
  it('are proposed to every enclave that was brought up to date, and submitted with as many signatures as the anchor asks for', async () => {
    threshold = 2;
    const enclaves = [enclave(two), enclave(one)];
    await commitRounds(bridgeOf(...enclaves));
    expect(enclaves.map(({ asked }) => asked)).toEqual([
      ['status', 'propose', 'signCommit'],
      ['status', 'propose', 'signCommit'],
    ]);
    const { commit, signers, subject } = submitted();
    expect(subject).toBe('commit 5');
    expect([commit.number, commit.round, commit.asOf, commit.control]).toEqual([5n, 10n, 7n, 1n]);
    expect(signers).toEqual([one.address, two.address].sort());
  });

  it('are a failure while none is complete and what is final cannot be shown, and none where it can', async () => {
    const bridge = bridgeOf(enclave(one));
    vi.mocked(proposalFor).mockResolvedValue(undefined);
    await commitRounds(bridge);
    unshown = ['the finality of ethereum for enclave-1 (ETHEREUM_FORK_UNSUPPORTED)'];
    expect(await asyncRefusal(commitRounds(bridge))).toMatchObject({
      code: 'RELAYER_QUORUM_MISSING',
      message: expect.stringContaining('ETHEREUM_FORK_UNSUPPORTED'),
    });
    expect(submitJournaled).not.toHaveBeenCalled();
  });

  it('are not asked of an enclave that stands elsewhere than the anchor', async () => {
    const behind = enclave(two, { stateId: word('49') });
    await commitRounds(bridgeOf(enclave(one), behind));
    expect(behind.asked).toEqual(['status']);
    expect(submitJournaled).toHaveBeenCalledTimes(1);
  });

  it('are committed without an enclave that accepts the question and never answers', async () => {
    threshold = 2;
    const hanging = enclave(three, { failure: 'hangs' });
    await commitRounds(bridgeOf(hanging, enclave(one), enclave(two)));
    expect(submitted().signers).toEqual([one.address, two.address].sort());
    expect(hanging.asked).toContain('propose');
  });

  it.each([
    ['signs another commit', { commit: { ...COMMIT, postState: word('66') } }],
    ['signs in an epoch that does not run', { epoch: 2n }],
    ['is not admitted', {}, testKey(9)],
    ['refuses for good', { failure: 'ENCLAVE_TRANSITION_FAILED' }],
  ] satisfies [string, Behaviour, TestKey?][])(
    'are committed by the others, and an alarm names the one that %s',
    async (_, behaviour, key = three) => {
      threshold = 2;
      const liar = enclave(key, behaviour);
      const bridge = bridgeOf(liar, enclave(one), enclave(two));
      await commitRounds(bridge);
      expect(submitted().signers).toEqual([one.address, two.address].sort());
      expect(vitals.alarms()).toMatchObject([
        { name: `dissent of ${liar.line.name}`, code: 'RELAYER_ENCLAVE_DISSENTS' },
      ]);
      // It is not asked again as long as there are enough others.
      await commitRounds(bridge);
      expect(liar.asked.filter((command) => command === 'status')).toHaveLength(1);
    },
  );

  it('are not committed on what one enclave of two says alone', async () => {
    threshold = 1;
    const other = enclave(two, { commit: { ...COMMIT, postState: word('66') } });
    const refused = await asyncRefusal(commitRounds(bridgeOf(enclave(one), other)));
    expect(refused).toMatchObject({ code: 'RELAYER_QUORUM_MISSING', disposition: 'retry' });
    expect(submitJournaled).not.toHaveBeenCalled();
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
    const bridge = bridgeOf(enclave(one, { failure: 'ENCLAVE_TRANSITION_FAILED' }));
    const row = { chainId: 1n, index: 4n, blockNumber: 8 };
    vi.mocked(messagesUpTo).mockResolvedValue([row as never]);
    expect((await asyncRefusal(commitRounds(bridge))).code).toBe('ENCLAVE_TRANSITION_FAILED');
    const [, changes] = vi.mocked(journalChanges).mock.calls[0] ?? [];
    expect(changes).toMatchObject([{ subject: 'message 1/4', reason: 'ledger-refused' }]);
  });
});

/** What was handed over, and whose signatures it bears. */
function submitted() {
  const [, , submission] = vi.mocked(submitJournaled).mock.lastCall ?? [];
  const [commit, signatures] = ANCHOR_ABI.decodeFunctionData(
    'commit',
    submission?.call.data ?? '0x',
  );
  const digest = commitDigest(DOMAIN, 1n, COMMIT);
  const signers = [...signatures].map((each: Hex) => recoverAddress(digest, fromHex(each)));
  return { commit, signers, subject: submission?.subject };
}

function reverted(name: string, args: readonly unknown[]): ChainCallReverted {
  const data = REFUSALS_ABI.encodeErrorResult(name, [...args]) as Hex;
  return new ChainCallReverted({ chain: 'polkadot', data, reason: name });
}
