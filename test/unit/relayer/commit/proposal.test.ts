import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CONTROL_KINDS } from '../../../../src/protocol/control.ts';
import type { EnclaveStatus } from '../../../../src/protocol/enclave-commands.ts';
import type { EnclaveLine, Side } from '../../../../src/relayer/bridge.ts';
import {
  messagesUpTo,
  type ProposingBridge,
  proposalFor,
} from '../../../../src/relayer/commit/proposal.ts';
import { finalControl, suspensions } from '../../../../src/relayer/journal/control-messages.ts';
import { finalMessages, type MessageRow } from '../../../../src/relayer/journal/messages.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';

vi.mock('../../../../src/relayer/journal/control-messages.ts', () => ({
  finalControl: vi.fn(),
  suspensions: vi.fn(),
}));
vi.mock('../../../../src/relayer/journal/messages.ts', () => ({
  ANY_BLOCK: 9,
  finalMessages: vi.fn(),
}));

const T0 = 1_000_000n;
const STATE: Hex = `0x${'50'.repeat(32)}`;
const BENEFICIARY: Hex = `0x${'be'.repeat(32)}`;
const side = (chainId: bigint, lagSec: bigint) => ({ chain: { chainId }, lagSec });
const bridge = {
  schedule: { startSec: T0, roundSec: 4n },
  sides: [side(1n, 26n), side(2n, 6n)] as unknown as Side[],
  anchor: { side: side(2n, 6n) as unknown as Side, address: '0xaa' },
  beneficiary: BENEFICIARY,
} as unknown as ProposingBridge;

/** An enclave at round 9 that has both chains proven at so many seconds after T0. */
function signer({
  ethereum = 15n,
  polkadot = 35n,
  controls = 0n,
  consumed = 0n,
  paid = [0n, 0n] as readonly [bigint, bigint],
  asOf = 0n,
}) {
  const status = {
    ledger: {
      stateId: STATE,
      round: 9n,
      asOf: T0 + asOf,
      control: consumed,
      inputs: [
        { chainId: 1n, count: 4n },
        { chainId: 2n, count: 0n },
      ],
      paid: [
        { chainId: 1n, count: 2n },
        { chainId: 2n, count: 2n },
      ],
    },
    ingested: [
      { chainId: 1n, provenAtSec: T0 + ethereum, paid: paid[0] },
      { chainId: 2n, provenAtSec: T0 + polkadot, paid: paid[1] },
    ],
    control: { position: { count: controls, head: STATE }, provenAtSec: T0 + polkadot },
  } as unknown as EnclaveStatus;
  return { line: {} as EnclaveLine, status };
}

const controlAt = (...times: bigint[]) =>
  vi.mocked(finalControl).mockImplementation(async (_, { limit }) =>
    times.slice(0, limit).map((sentAtSec, i) => ({
      index: BigInt(i),
      sentAtSec: T0 + sentAtSec,
      round: 0n,
      kind: CONTROL_KINDS.setRate,
      payload: '0x',
      blockNumber: 1,
      isFinal: true,
    })),
  );

describe('the next commit', () => {
  beforeEach(() => {
    vi.mocked(suspensions).mockReset().mockResolvedValue([]);
    controlAt();
  });

  it('is over the rounds that are complete, as of the newest time that is proven', async () => {
    const due = await proposalFor(bridge, [signer({ ethereum: 23n, polkadot: 50n })], 1);
    expect(due?.proposal).toEqual({
      prevState: STATE,
      round: 12n,
      asOf: T0 + 50n,
      control: 0n,
      paid: [],
      beneficiary: BENEFICIARY,
    });
  });

  it('is not there while no round is', async () => {
    expect(await proposalFor(bridge, [signer({ ethereum: 14n })], 1)).toBeUndefined();
    expect(await proposalFor(bridge, [], 1)).toBeUndefined();
  });

  it('is what all its signers know; one that no round is complete for is left out', async () => {
    const signers = [
      signer({ ethereum: 23n, polkadot: 50n, paid: [9n, 5n], controls: 2n }),
      signer({ ethereum: 19n, polkadot: 60n, paid: [7n, 6n], controls: 3n }),
      signer({ ethereum: 14n, polkadot: 10n }),
    ];
    controlAt(1n, 2n, 3n);
    const due = await proposalFor(bridge, signers, 1);
    expect(due?.signers).toHaveLength(2);
    expect(due?.proposal).toMatchObject({ round: 11n, asOf: T0 + 50n, control: 2n });
    expect(due?.proposal.paid).toEqual([
      { chainId: 1n, count: 7n },
      { chainId: 2n, count: 5n },
    ]);
  });

  it('goes on without one that knows nothing of the latest suspension, or is before the last commit’s time', async () => {
    const suspend = {
      ...{ index: 1n, sentAtSec: T0 + 60n, round: 99n, payload: '0x' as const, blockNumber: 1 },
      ...{ kind: CONTROL_KINDS.suspend, isFinal: true },
    };
    vi.mocked(suspensions).mockResolvedValue([suspend]);
    const knowing = signer({ polkadot: 60n, controls: 2n, asOf: 40n });
    const behind = signer({ polkadot: 50n, controls: 1n, asOf: 40n });
    const early = signer({ polkadot: 39n, controls: 2n, asOf: 40n });
    const due = await proposalFor(bridge, [behind, knowing, early], 1);
    expect(due?.signers.map(({ status }) => status)).toEqual([knowing.status]);
    expect(due?.proposal.asOf).toBe(T0 + 60n);
  });

  it('is what as many know as have to sign, however far another claims to be, or however little it admits', async () => {
    const honest = [
      signer({ ethereum: 23n, polkadot: 50n }),
      signer({ ethereum: 23n, polkadot: 50n }),
    ];
    const boasting = signer({ ethereum: 999n, polkadot: 999n });
    const hiding = signer({ ethereum: 15n, polkadot: 36n });
    for (const liar of [boasting, hiding]) {
      const due = await proposalFor(bridge, [liar, ...honest], 2);
      expect(due?.proposal).toMatchObject({ round: 12n, asOf: T0 + 50n });
      const statuses = due?.signers.map(({ status }) => status);
      expect(statuses).toEqual(expect.arrayContaining(honest.map(({ status }) => status)));
    }
    expect(await proposalFor(bridge, [boasting], 2)).toBeUndefined();
  });

  it('says of payments only what the ledger does not know', async () => {
    const due = await proposalFor(bridge, [signer({ paid: [2n, 3n] })], 1);
    expect(due?.proposal.paid).toEqual([{ chainId: 2n, count: 3n }]);
  });

  it('takes control messages up to the cut of its last round on the anchor’s chain', async () => {
    // Round 10 ends at 40: its cut there is at 34.
    controlAt(33n, 34n, 35n);
    const due = await proposalFor(bridge, [signer({ controls: 3n })], 1);
    expect(due?.proposal).toMatchObject({ round: 10n, control: 2n });
  });

  it('never goes back in time', async () => {
    expect(await proposalFor(bridge, [signer({ asOf: 36n })], 1)).toBeUndefined();
    expect(await proposalFor(bridge, [signer({ asOf: 35n })], 1)).toBeDefined();
  });

  it('consumes the messages behind the cursors up to each chain’s cut', async () => {
    const due = await proposalFor(bridge, [signer({})], 1);
    if (due === undefined) throw new Error('a round is due');
    vi.mocked(finalMessages).mockImplementation(async (_, { chainId, fromIndex }) =>
      [13n, 14n, 15n, 34n].map((sentAtSec, i) => {
        const row = { chainId, index: fromIndex + BigInt(i), sentAtSec: T0 + sentAtSec };
        return row as Partial<MessageRow> as MessageRow;
      }),
    );
    const taken = await messagesUpTo(bridge, due);
    expect(taken.map(({ chainId, index }) => `${chainId}/${index}`)).toEqual([
      '1/4',
      '1/5',
      '2/0',
      '2/1',
      '2/2',
      '2/3',
    ]);
  });
});
