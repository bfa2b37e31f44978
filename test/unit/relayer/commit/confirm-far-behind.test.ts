import { pino } from 'pino';
import { beforeEach, expect, it, vi } from 'vitest';
import { RemoteRefusal } from '../../../../src/enclave-client/enclave-client.ts';
import { anchorIdSlot } from '../../../../src/protocol/contracts.ts';
import { MAX_REVEALABLE } from '../../../../src/protocol/limits.ts';
import type { Bridge, EnclaveLine } from '../../../../src/relayer/bridge.ts';
import { confirmAnchored } from '../../../../src/relayer/commit/confirm-anchored.ts';
import {
  type CommitRow,
  commitsBetween,
  unrevealedCommits,
} from '../../../../src/relayer/journal/commits.ts';
import { Serial } from '../../../../src/relayer/serial.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

// An enclave that answers as it is told. The real one, far behind, is in test/integration/relayer-backlog.test.ts.
vi.mock('../../../../src/relayer/journal/commits.ts', () => ({
  commitsBetween: vi.fn(),
  unrevealedCommits: vi.fn(),
}));

const ANCHOR: Hex = `0x${'a1'.repeat(20)}`;
const CHAIN_ID = 7n;
const CLIENT = 'grandpa';

const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`;
const rows = (last: number): CommitRow[] =>
  Array.from({ length: last }, (_, i) => ({
    number: BigInt(i + 1),
    prevState: word(BigInt(i)),
    postState: word(BigInt(i + 1)),
    inputs: [{ chainId: CHAIN_ID, count: BigInt(i + 1) }],
    beneficiary: word(9n),
    blockNumber: 1,
    blockHash: word(1n),
    transactionHash: word(1n),
    isFinal: true,
    isRevealed: false,
  }));

function logged(last: number): void {
  vi.mocked(commitsBetween).mockImplementation(async (_, { after }) =>
    rows(last).slice(Number(after)),
  );
}

/** Code with which the next proposal on top of this many unconfirmed ones is refused. */
let refuse: (unconfirmed: bigint) => string | undefined;
let ledger: bigint;
let proposed: bigint;
let blocks: bigint;
let shown: { number: bigint; proof: unknown }[];

beforeEach(() => {
  refuse = () => undefined;
  vi.mocked(unrevealedCommits).mockResolvedValue([]);
  [ledger, proposed, blocks, shown] = [0n, 0n, 0n, []];
});

function ask(command: string, params: { prevState: Hex; number: bigint; proof: unknown }): unknown {
  if (command === 'status') {
    const lightClients = [{ client: CLIENT, kind: 'substrate', held: word(++blocks) }];
    const ingested = [{ chainId: CHAIN_ID, position: { count: 1000n, head: word(0n) } }];
    return { signer: ANCHOR, ledger: { number: ledger }, lightClients, ingested };
  }
  if (command === 'propose') {
    const code = refuse(proposed - ledger);
    if (code !== undefined) {
      const error = { code, disposition: 'retry' as const, message: code, meta: {} };
      throw new RemoteRefusal('propose', error);
    }
    proposed = BigInt(params.prevState) + 1n;
    return { commit: { postState: word(proposed) } };
  }
  shown.push(params);
  ledger = params.number;
  return { number: ledger };
}

function bridge(): Bridge {
  const side = {
    chain: {
      blockShownBy: async () => ({ number: 5, hash: word(1n) }),
      stateProof: async (...asked: unknown[]) => asked,
    },
    lightClient: CLIENT,
  };
  const client = { ask: async (...args: Parameters<typeof ask>) => ask(...args), address: '' };
  const enclaves = [{ client, commanding: new Serial() } as unknown as EnclaveLine];
  const source = { follow: async function* () {}, overtaken: new Set() };
  const anchor = { side, address: ANCHOR };
  const finality = new Map([[CLIENT, source]]);
  const log = pino({ level: 'silent' });
  return { anchor, sides: [side], enclaves, finality, log } as unknown as Bridge;
}

const confirmed = () => shown.map(({ number }) => number);

it('commits that the enclave has room for are confirmed by one proof, of the last', async () => {
  logged(5);
  await confirmAnchored(bridge());
  expect(confirmed()).toEqual([5n]);
  const [params] = shown;
  // Under the block that it held last, not under the one it began at.
  expect(params?.proof).toEqual([{ address: ANCHOR }, anchorIdSlot(5n), word(blocks)]);
});

it.each(['ENCLAVE_CURSORS_INVALID', 'ENCLAVE_PROPOSALS_FULL'])(
  'where there is no room for more (%s), what is proposed is confirmed first',
  async (code) => {
    logged(5);
    refuse = (unconfirmed) => (unconfirmed >= 2n ? code : undefined);
    await confirmAnchored(bridge());
    expect(confirmed()).toEqual([2n, 4n, 5n]);
  },
);

it('what a confirmation does not mend is thrown, and what was reached is kept', async () => {
  logged(5);
  refuse = () => (proposed >= 3n ? 'ENCLAVE_CURSORS_INVALID' : undefined);
  await expect(confirmAnchored(bridge())).rejects.toMatchObject({
    code: 'ENCLAVE_CURSORS_INVALID',
  });
  expect(confirmed()).toEqual([3n]);
  await expect(confirmAnchored(bridge())).rejects.toThrow(RemoteRefusal);
  expect(confirmed()).toEqual([3n]);
});

it('another refusal is thrown as it is, and confirms nothing', async () => {
  logged(5);
  refuse = (unconfirmed) => (unconfirmed === 2n ? 'ENCLAVE_TRANSITION_FAILED' : undefined);
  await expect(confirmAnchored(bridge())).rejects.toMatchObject({
    code: 'ENCLAVE_TRANSITION_FAILED',
  });
  expect(confirmed()).toEqual([]);
});

it('no more commits are taken at a time than an enclave shows the batches of', async () => {
  vi.mocked(commitsBetween).mockResolvedValue([]);
  ledger = 3n;
  await confirmAnchored(bridge());
  const range = { after: 3n, upTo: 3n + BigInt(MAX_REVEALABLE) };
  expect(commitsBetween).toHaveBeenLastCalledWith(undefined, range);
  expect(confirmed()).toEqual([]);
});

it.each([
  ['goes on to where the oldest batch that is not in the journal is still shown', 3n, 2n, 257n],
  ['stays where one more would make it forget that batch', 257n, 2n, 257n],
  ['goes on where it has forgotten that batch', 258n, 1n, 514n],
])('an enclave %s', async (_, at, oldest, upTo) => {
  vi.mocked(commitsBetween).mockResolvedValue([]);
  vi.mocked(unrevealedCommits).mockResolvedValueOnce([oldest]);
  ledger = at;
  await confirmAnchored(bridge());
  expect(commitsBetween).toHaveBeenLastCalledWith(undefined, { after: at, upTo });
});
