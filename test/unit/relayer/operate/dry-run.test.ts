import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { EMPTY_HEAD } from '../../../../src/protocol/message.ts';
import type { Bridge, Side } from '../../../../src/relayer/bridge.ts';
import { recordBatches } from '../../../../src/relayer/journal/batches.ts';
import { type OpenDatabase, openEmbedded } from '../../../../src/relayer/journal/database.ts';
import { liftHold, placeHold } from '../../../../src/relayer/journal/holds.ts';
import { holds, stateChanges } from '../../../../src/relayer/journal/schema.ts';
import { planEverywhere } from '../../../../src/relayer/operate/dry-run.ts';
import { Vitals } from '../../../../src/relayer/vitals.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { quorumOf } from '../../../support/quorum.ts';

const address = (byte: string): Hex => `0x${byte.repeat(20)}`;
const CHAIN_ID = 420_420_499n;
const CEILINGS = { transactionWei: 5n };

const chain = {
  chainId: CHAIN_ID,
  name: 'polkadot',
  word: async () => EMPTY_HEAD,
  head: async () => ({ number: 40, hash: EMPTY_HEAD }),
  setupOf: vi.fn(),
  sign: vi.fn(),
};
const side = {
  chain,
  gateway: address('0a'),
  signer: { address: address('5b') },
  limits: { inFlight: 3, ceilings: CEILINGS },
} as unknown as Side;

// Over a real journal; the chain signs what it is given, and there is no enclave.
describe('a dry run', () => {
  let journal: OpenDatabase;
  const plan = () =>
    planEverywhere({
      sides: [side],
      finality: new Map(),
      anchor: { side, address: address('aa') },
      board: { standings: async () => [] },
      quorum: quorumOf({ threshold: 1 }),
      database: journal.database,
      clock: { nowMs: () => 1 },
      log: pino({ level: 'silent' }),
      vitals: new Vitals(),
    } as Partial<Record<keyof Bridge, unknown>> as Bridge);

  beforeAll(async () => {
    journal = await openEmbedded();
    const batch = {
      chainId: CHAIN_ID,
      gateway: address('0a'),
      firstIndex: 0n,
      prevHead: EMPTY_HEAD,
      releases: [],
      fees: [],
      consumedCount: 1n,
    };
    const signatures: Hex[] = [`0x${'55'.repeat(65)}`];
    await recordBatches(journal.database, [
      { epoch: 1n, batch, submitter: address('5b'), signatures },
    ]);
  });
  beforeEach(() => {
    // As an extrinsic is: its bytes do not say what it costs.
    chain.setupOf.mockReset().mockResolvedValue(undefined);
    chain.sign.mockReset().mockResolvedValue({ raw: '0x84', costWei: 3n });
  });
  afterAll(() => journal?.close());

  it('says what a batch costs at most on any chain, within the ceilings of the configuration', async () => {
    expect((await plan()).jobs).toEqual([
      {
        lane: 'release polkadot',
        what: `submit batch ${CHAIN_ID}/0 of 0 releases`,
        mostWei: '3',
        isHeld: false,
      },
    ]);
    expect(chain.sign.mock.lastCall?.[2]).toEqual({ ceilings: CEILINGS });
  });

  it('says of an account that cannot call contracts yet that it is set up first', async () => {
    chain.setupOf.mockResolvedValue({ to: null, data: '0x', valueWei: 0n });
    chain.sign.mockRejectedValue(new Error('reverted'));
    const batch = `submit batch ${CHAIN_ID}/0 of 0 releases`;
    expect(await plan()).toMatchObject({
      jobs: [{ what: `set up account ${address('5b')}, then ${batch}`, mostWei: null }],
      unseen: [],
    });
  });

  it('says what the operator holds, a lane or a batch, and writes nothing down', async () => {
    const { database } = journal;
    for (const subject of ['lane release polkadot', `batch ${CHAIN_ID}/0`] as const) {
      await placeHold(database, { subject, reason: 'a look', atMs: 1 });
      expect((await plan()).jobs).toMatchObject([{ lane: 'release polkadot', isHeld: true }]);
      await liftHold(database, subject);
    }
    expect(await database.select().from(stateChanges)).toEqual([]);
    expect(await database.select().from(holds)).toEqual([]);
  });
});
