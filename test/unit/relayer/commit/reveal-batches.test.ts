import { pino } from 'pino';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { recoverAddress } from '../../../../src/crypto/secp256k1.ts';
import { GATEWAY_SLOTS } from '../../../../src/protocol/contracts.ts';
import type { ChainPosition } from '../../../../src/protocol/message.ts';
import {
  positionAfterBatch,
  type ReleaseBatch,
  releaseBatchDigest,
} from '../../../../src/protocol/release.ts';
import type { Bridge, EnclaveLine, Side } from '../../../../src/relayer/bridge.ts';
import { revealBatches } from '../../../../src/relayer/commit/reveal-batches.ts';
import { recordBatches } from '../../../../src/relayer/journal/batches.ts';
import { StatusBoard } from '../../../../src/relayer/quorum/status-board.ts';
import { Vitals } from '../../../../src/relayer/vitals.ts';
import { fromHex, type Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { quorumOf, type TestKey, testKey } from '../../../support/quorum.ts';

vi.mock('../../../../src/relayer/journal/batches.ts', () => ({ recordBatches: vi.fn() }));

const CHAIN_ID = 7n;
const OWN: Hex = `0x${'5b'.repeat(20)}`;
const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`;
const GATEWAY: Hex = `0x${'0a'.repeat(20)}`;
const [one, two, three] = [testKey(1), testKey(2), testKey(3)] as const;

/** The batch of one release that begins at an index. */
function batchAt({ count, head }: ChainPosition, change: Partial<ReleaseBatch> = {}): ReleaseBatch {
  const release = { tag: word(count), asset: word(2n), recipient: OWN, amount: 9n, refundOf: 0n };
  const of = { chainId: CHAIN_ID, gateway: GATEWAY, firstIndex: count, prevHead: head };
  return { ...of, releases: [release], fees: [], consumedCount: 0n, ...change };
}

const FIRST = batchAt({ count: 3n, head: word(1n) });
const SECOND = batchAt(positionAfterBatch(FIRST));

interface Behaviour {
  readonly batches?: readonly ReleaseBatch[];
  /** Releases that it claims to have produced. */
  readonly produced?: bigint;
  /** Whom it signs for. */
  readonly submitter?: Hex;
  readonly fails?: 'at once' | 'never';
}

let names = 0;

function enclave(key: TestKey, behaviour: Behaviour = {}) {
  const { batches = [FIRST, SECOND], produced = 5n, submitter = OWN, fails } = behaviour;
  const asked: unknown[] = [];
  const ask = async (command: string, params: unknown) => {
    if (fails === 'at once') throw new Error('gone');
    if (command === 'status') {
      const released = [{ chainId: CHAIN_ID, position: { count: produced, head: word(0n) } }];
      return { ledger: { number: 1n, released } };
    }
    asked.push(params);
    if (fails === 'never') return await new Promise<never>(() => undefined);
    const signed = batches.map((batch) => {
      const signature = key.sign(releaseBatchDigest(1n, submitter, batch));
      return { batch, epoch: 1n, submitter: OWN, signature };
    });
    return { batches: signed };
  };
  names += 1;
  const line = { name: `enclave-${names}`, client: { ask } } as unknown as EnclaveLine;
  return { line, asked };
}

/** A gateway that has paid three releases. */
const side = {
  chain: {
    chainId: CHAIN_ID,
    name: 'seven',
    word: async (_: Hex, slot: Hex) => (slot === GATEWAY_SLOTS.releasedCount ? word(3n) : word(1n)),
  },
  gateway: GATEWAY,
  signer: { address: OWN },
} as unknown as Side;

let vitals: Vitals;

function bridgeOf(threshold: number, ...enclaves: ReturnType<typeof enclave>[]): Bridge {
  const lines = enclaves.map(({ line }) => line);
  vitals = new Vitals();
  const admitted = [one, two, three].map(({ address }) => address);
  return {
    enclaves: lines,
    board: new StatusBoard(lines, vitals),
    quorum: quorumOf({ threshold, admitted, vitals }),
    vitals,
    database: {},
    log: pino({ level: 'silent' }),
  } as unknown as Bridge;
}

/** What was journaled, with whose signatures. */
const recorded = () =>
  vi.mocked(recordBatches).mock.calls.flatMap(([, batches]) =>
    batches.map(({ batch, signatures }) => {
      const digest = releaseBatchDigest(1n, OWN, batch);
      return [batch, signatures.map((each) => recoverAddress(digest, fromHex(each)))];
    }),
  );
const BOTH = [one.address, two.address].sort();

describe('what a gateway has not paid', () => {
  beforeEach(() => {
    vi.mocked(recordBatches).mockReset();
  });

  it('is asked for from where the gateway stands, for this relayer’s own account', async () => {
    const first = enclave(one);
    await revealBatches(bridgeOf(1, first), side);
    expect(first.asked).toEqual([{ chainId: CHAIN_ID, firstIndex: 3n, submitter: OWN }]);
  });

  it('is journaled batch by batch with as many signatures as the gateway asks for, by ascending signer', async () => {
    await revealBatches(bridgeOf(2, enclave(two), enclave(one), enclave(three)), side);
    const journaled = recorded();
    expect(journaled.map(([batch]) => batch)).toEqual([FIRST, SECOND]);
    for (const [, signers] of journaled) {
      expect(signers).toHaveLength(2);
      expect(signers).toEqual([...(signers as Hex[])].sort());
    }
  });

  it('is journaled as far as enough enclaves have come, which need not be the furthest', async () => {
    const behind = enclave(two, { batches: [FIRST], produced: 4n });
    const gone = enclave(three, { fails: 'at once' });
    await revealBatches(bridgeOf(2, behind, gone, enclave(one)), side);
    expect(recorded()).toEqual([[FIRST, BOTH]]);
  });

  it('is journaled without an enclave that accepts the question and never answers', async () => {
    await revealBatches(
      bridgeOf(2, enclave(three, { fails: 'never' }), enclave(one), enclave(two)),
      side,
    );
    expect(recorded().map(([, signers]) => signers)).toEqual([BOTH, BOTH]);
  });

  it.each([
    [
      'another batch on the same head',
      { batches: [batchAt({ count: 3n, head: word(1n) }, { consumedCount: 9n })] },
    ],
    ['a batch for another submitter', { submitter: `0x${'77'.repeat(20)}` }],
    ['more than there is, and nothing of what is next', { batches: [], produced: 99n }],
  ] as [string, Behaviour][])(
    'is not decided by one enclave that gives %s',
    async (_, behaviour) => {
      const liar = enclave(three, behaviour);
      const bridge = bridgeOf(2, liar, enclave(one), enclave(two));
      await revealBatches(bridge, side);
      expect(recorded()).toEqual([
        [FIRST, BOTH],
        [SECOND, BOTH],
      ]);
      // One that says nothing of a batch may not know it yet.
      const alarmed = vitals.alarms().map(({ name }) => name);
      expect(alarmed).toEqual(
        liar.asked.length > 0 && behaviour.batches?.length === 0
          ? []
          : [`dissent of ${liar.line.name}`],
      );
    },
  );

  it('is not journaled while too few sign the same', async () => {
    const other = enclave(two, { submitter: `0x${'77'.repeat(20)}` });
    const refused = await asyncRefusal(revealBatches(bridgeOf(2, enclave(one), other), side));
    expect(refused).toMatchObject({ code: 'RELAYER_QUORUM_MISSING', disposition: 'retry' });
    expect(recordBatches).not.toHaveBeenCalled();
  });
});
