import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CommitSeen } from '../../../../src/chains/shared/decode-logs.ts';
import { RemoteRefusal } from '../../../../src/enclave-client/enclave-client.ts';
import { anchorIdSlot } from '../../../../src/protocol/contracts.ts';
import type { EnclaveStatus } from '../../../../src/protocol/enclave-commands.ts';
import type { Bridge, EnclaveLine, Side } from '../../../../src/relayer/bridge.ts';
import { confirmAnchored } from '../../../../src/relayer/commit/confirm-anchored.ts';
import { commitsBetween } from '../../../../src/relayer/journal/commits.ts';
import { advance } from '../../../../src/relayer/prove/advance.ts';
import { bringUpToDate } from '../../../../src/relayer/prove/bring-up-to-date.ts';
import { Serial } from '../../../../src/relayer/serial.ts';
import { restoreIfFarBehind } from '../../../../src/relayer/snapshot/restore-snapshot.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';

vi.mock('../../../../src/relayer/journal/commits.ts', () => ({ commitsBetween: vi.fn() }));
vi.mock('../../../../src/relayer/prove/bring-up-to-date.ts', () => ({ bringUpToDate: vi.fn() }));
vi.mock('../../../../src/relayer/snapshot/restore-snapshot.ts', () => ({
  restoreIfFarBehind: vi.fn(),
}));
vi.mock(import('../../../../src/relayer/prove/advance.ts'), async (original) => ({
  ...(await original()),
  advance: vi.fn(),
}));

const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`;
const FINAL_BLOCK = 50;
const HELD = word(0xaan);
const ANCHOR: Hex = `0x${'a1'.repeat(20)}`;

/** An enclave whose ledger is at `number`, which has proposed the transitions of `own`. */
function enclave(number: bigint, own: readonly bigint[] = []) {
  const asked: string[] = [];
  const refusals: (string | undefined)[] = [];
  const proposed = new Set(own.map(word));
  const ledger = { number };
  const status = {
    ledger,
    lightClients: [{ client: 'grandpa', held: HELD }],
  } as unknown as EnclaveStatus;
  const refuse = (code: string) => {
    const error = { code, disposition: 'retry' as const, message: code, meta: {} };
    return new RemoteRefusal('propose', error);
  };
  const ask = async (command: string, params: { number: bigint; prevState: Hex }) => {
    if (command === 'status') return status;
    asked.push(`${command} ${params.number ?? BigInt(params.prevState)}`);
    if (command === 'propose') {
      const code = refusals.shift();
      if (code !== undefined) throw refuse(code);
      const postState = word(BigInt(params.prevState) + 1n);
      proposed.add(postState);
      return { commit: { postState } };
    }
    if (!proposed.has(word(params.number))) throw refuse('ENCLAVE_ANCHOR_UNKNOWN');
    ledger.number = params.number;
    return { number: params.number };
  };
  const line = {
    name: `at ${number}`,
    client: { ask },
    commanding: new Serial(),
  } as unknown as EnclaveLine;
  return { line, asked, ledger, refusals, status };
}
type Fake = ReturnType<typeof enclave>;

let proofs: unknown[][];

function bridgeOf(...enclaves: readonly Fake[]): Bridge {
  const chain = {
    chainId: 1n,
    blockShownBy: async () => ({ number: FINAL_BLOCK, hash: HELD }),
    blockTimeSec: async () => 1n,
    stateProof: async (...of: unknown[]) => void proofs.push(of),
  };
  const side = { chain, lightClient: 'grandpa', fromBlock: 3 } as unknown as Side;
  vi.mocked(advance).mockImplementation(async (_, line) => {
    const of = enclaves.find((each) => each.line === line);
    if (of === undefined) throw new Error('no such enclave');
    return of.status;
  });
  return {
    sides: [side],
    anchor: { side, address: ANCHOR },
    enclaves: enclaves.map(({ line }) => line),
    log: pino({ level: 'silent' }),
  } as unknown as Bridge;
}

function commitAt(number: bigint, change: Partial<CommitSeen> = {}): CommitSeen {
  return {
    number,
    round: 10n * number,
    asOf: 7n,
    prevState: word(number - 1n),
    postState: word(number),
    inputs: [],
    control: 2n,
    paid: [{ chainId: 1n, count: 3n }],
    beneficiary: word(9n),
    isFinal: true,
    blockNumber: 40,
    transactionHash: null,
    ...change,
  };
}

function logged(...commits: readonly CommitSeen[]): void {
  vi.mocked(commitsBetween).mockImplementation(async (_, { after, upTo }) =>
    commits.filter(({ number }) => number > after && number <= upTo),
  );
}

beforeEach(() => {
  vi.resetAllMocks();
  proofs = [];
  logged();
  vi.mocked(restoreIfFarBehind).mockImplementation(async (_, __, { ledger }) => ledger.number);
});

describe('an enclave that is behind', () => {
  it('is only shown the commit that it has proposed itself', async () => {
    const one = enclave(4n, [5n]);
    logged(commitAt(5n));
    await confirmAnchored(bridgeOf(one), one.line);
    expect(one.asked).toEqual(['confirmAnchored 5']);
    expect(proofs).toEqual([[{ address: ANCHOR }, anchorIdSlot(5n), HELD]]);
    expect(bringUpToDate).not.toHaveBeenCalled();
  });

  it('computes every final commit that it lacks from what the anchor logged, each on the one before', async () => {
    const one = enclave(4n);
    logged(commitAt(5n), commitAt(6n));
    const ask = vi.spyOn(one.line.client, 'ask');
    await confirmAnchored(bridgeOf(one), one.line);
    expect(one.asked).toEqual([
      'confirmAnchored 5',
      'propose 4',
      'confirmAnchored 5',
      'confirmAnchored 6',
      'propose 5',
      'confirmAnchored 6',
    ]);
    expect(ask.mock.calls.find(([command]) => command === 'propose')?.[1]).toEqual({
      prevState: word(4n),
      round: 50n,
      asOf: 7n,
      control: 2n,
      paid: [{ chainId: 1n, count: 3n }],
      beneficiary: word(9n),
    });
  });

  it.each(['ENCLAVE_ROUND_INCOMPLETE', 'ENCLAVE_PROPOSAL_INVALID'])(
    'is shown what it lacks where it says %s, and asked again once',
    async (code) => {
      const one = enclave(4n);
      logged(commitAt(5n));
      one.refusals.push(code);
      await confirmAnchored(bridgeOf(one), one.line);
      expect(bringUpToDate).toHaveBeenCalledTimes(1);
      expect(one.ledger.number).toBe(5n);

      const other = enclave(4n);
      other.refusals.push(code, code);
      expect((await asyncRefusal(confirmAnchored(bridgeOf(other), other.line))).code).toBe(code);
    },
  );

  it('goes on from the snapshot that it was given', async () => {
    const one = enclave(0n);
    logged(commitAt(80n), commitAt(81n));
    vi.mocked(restoreIfFarBehind).mockImplementation(async () => {
      one.ledger.number = 80n;
      return 80n;
    });
    await confirmAnchored(bridgeOf(one), one.line);
    expect(one.ledger.number).toBe(81n);
    expect(one.asked).toContain('propose 80');
  });

  it('reads as many commits as there are, some at a time', async () => {
    const one = enclave(0n);
    logged(...Array.from({ length: 300 }, (_, i) => commitAt(BigInt(i + 1))));
    await confirmAnchored(bridgeOf(one), one.line);
    expect(one.ledger.number).toBe(300n);
  });

  it.each([
    ['is not final', { isFinal: false }],
    ['is in a later block than it knows', { blockNumber: FINAL_BLOCK + 1 }],
  ])('is not asked for a commit that %s', async (_, change) => {
    const one = enclave(4n);
    logged(commitAt(5n, change));
    await confirmAnchored(bridgeOf(one), one.line);
    expect(one.asked).toEqual([]);
  });

  it('waits for a commit that the journal does not have', async () => {
    logged(commitAt(6n));
    const one = enclave(4n);
    const refused = await asyncRefusal(confirmAnchored(bridgeOf(one), one.line));
    expect(refused.code).toBe('RELAYER_COMMIT_UNSEEN');
  });

  it('halts its lane if it computes another state than the anchor holds', async () => {
    const one = enclave(4n);
    logged(commitAt(5n, { postState: word(33n) }));
    const refused = await asyncRefusal(confirmAnchored(bridgeOf(one), one.line));
    expect([refused.code, refused.disposition]).toEqual(['RELAYER_STATE_DIVERGED', 'halt']);
    expect(one.ledger.number).toBe(4n);
  });
});
