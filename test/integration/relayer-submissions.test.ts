import { Transaction } from 'ethers';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunningAnvil, startAnvil } from '../../devnet/ethereum/anvil.ts';
import { createEthereumChain } from '../../src/chains/ethereum/ethereum-chain.ts';
import type { BridgedChain } from '../../src/chains/shared/bridged-chain.ts';
import type { Bridge, Side } from '../../src/relayer/bridge.ts';
import { type OpenDatabase, openEmbedded } from '../../src/relayer/journal/database.ts';
import type { SubmissionState } from '../../src/relayer/journal/schema.ts';
import { recordIntent, submissionsIn } from '../../src/relayer/journal/submissions.ts';
import { Serial } from '../../src/relayer/serial.ts';
import { settleSubmissions } from '../../src/relayer/submit/settle-submissions.ts';
import { submitJournaled } from '../../src/relayer/submit/submit-journaled.ts';
import type { Hex } from '../../src/shared/bytes.ts';

const RECIPIENT: Hex = `0x${'5a'.repeat(20)}`;
const ALL: readonly SubmissionState[] = [
  'intent',
  'broadcast',
  'included',
  'final',
  'failed',
  'lost',
];

describe('the nonce ledger on a real chain', () => {
  let anvil: RunningAnvil;
  let chain: BridgedChain;
  let side: Side;
  let journal: OpenDatabase;
  let bridge: Bridge;

  beforeAll(async () => {
    anvil = await startAnvil({ port: 0, chainId: 31337, genesisTimeSec: 1_800_000_000 });
    const { rpcUrl: url } = anvil;
    const options = { name: 'ethereum', chainId: 31337n, url, pollMs: 20 };
    const beacon = { finalityUpdate: async () => undefined };
    chain = await createEthereumChain({ ...options, route: 'direct' }, beacon);
  });
  afterAll(async () => {
    await chain.close();
    await anvil.close();
  });

  /** A relayer that has just started, on the journal there is or a new one. */
  async function start({ account = 0, keep }: { account?: number; keep?: OpenDatabase } = {}) {
    journal = keep ?? (await openEmbedded());
    const signer = await chain.signer(anvil.devAccounts[account]?.privateKey ?? '');
    side = {
      chain,
      lightClient: 'ethereum',
      gateway: RECIPIENT,
      lagSec: 26n,
      signer,
      fromBlock: 0,
      contracts: [],
      submitting: new Serial(),
      recording: new Serial(),
    };
    // Of the bridge only what submitting uses.
    bridge = {
      database: journal.database,
      log: pino({ level: 'silent' }),
      clock: { nowMs: () => Date.now() },
      pollMs: 20,
      signal: new AbortController().signal,
    } as Bridge;
  }
  afterEach(() => journal.close());

  const pay = (valueWei: bigint) => ({ to: RECIPIENT, data: '0x' as Hex, valueWei });
  const received = () => chain.balanceWei(RECIPIENT);
  const states = async () =>
    (await submissionsIn(journal.database, { chainId: 31337n, states: ALL })).map(
      ({ subject, state }) => [subject, state],
    );
  /** As `submitJournaled` does, up to where the process is killed. */
  const intend = async (subject: string, valueWei: bigint) => {
    const signed = await chain.sign(side.signer, pay(valueWei));
    const { address: account } = side.signer;
    await recordIntent(journal.database, { ...signed, chainId: 31337n, account, subject });
    return signed;
  };
  const mine = async (blocks = 1) => {
    await call('anvil_mine', [`0x${blocks.toString(16)}`]);
  };
  const call = async (method: string, params: unknown[]) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const headers = { 'content-type': 'application/json' };
    await fetch(anvil.rpcUrl, { method: 'POST', headers, body });
  };
  const mining = async <T>(work: Promise<T>): Promise<T> => {
    const timer = setInterval(() => void mine(), 50);
    try {
      return await work;
    } finally {
      clearInterval(timer);
    }
  };

  it('follows a transaction from its intent until it is final', async () => {
    await start({ account: 1 });
    const submitting = submitJournaled(bridge, side, { subject: 'commit 1', call: pay(1n) });
    const { blockNumber } = await mining(submitting);
    expect(await states()).toEqual([['commit 1', 'included']]);
    await settleSubmissions(bridge, side, { number: blockNumber - 1, hash: '0x' });
    expect(await states()).toEqual([['commit 1', 'included']]);
    await settleSubmissions(bridge, side, { number: blockNumber, hash: '0x' });
    expect(await states()).toEqual([['commit 1', 'final']]);
  });

  it('sends what was written down and never handed over, before anything else', async () => {
    await start({ account: 2 });
    const before = await received();
    const intended = await intend('commit 1', 10n);
    await start({ account: 2, keep: journal });
    await mining(submitJournaled(bridge, side, { subject: 'commit 2', call: pay(20n) }));
    expect(await states()).toEqual([
      ['commit 1', 'included'],
      ['commit 2', 'included'],
    ]);
    expect((await received()) - before).toBe(30n);
    expect(await chain.nonceOf(side.signer)).toBe(intended.nonce + 2);
  });

  it('recognises what a block had taken before the process was killed', async () => {
    await start({ account: 3 });
    const before = await received();
    await chain.broadcast(await intend('commit 1', 10n));
    await mine();
    await start({ account: 3, keep: journal });
    await mining(submitJournaled(bridge, side, { subject: 'commit 2', call: pay(20n) }));
    expect((await received()) - before).toBe(30n);
    expect((await states())[0]).toEqual(['commit 1', 'included']);
  });

  it('lets go of a transaction whose nonce another one has taken', async () => {
    await start({ account: 4 });
    const before = await received();
    await intend('commit 1', 10n);
    const other = await chain.sign(side.signer, pay(7n));
    await chain.broadcast(other);
    await mine();
    await start({ account: 4, keep: journal });
    await mining(submitJournaled(bridge, side, { subject: 'commit 2', call: pay(20n) }));
    expect(await states()).toContainEqual(['commit 1', 'lost']);
    expect((await received()) - before).toBe(27n);
  });

  it('outbids a transaction that no block has taken for long', async () => {
    await start({ account: 5 });
    const before = await received();
    const stuck = await intend('commit 1', 10n);
    await mine(70);
    await start({ account: 5, keep: journal });
    await mining(submitJournaled(bridge, side, { subject: 'commit 1', call: pay(10n) }));
    const rows = await submissionsIn(journal.database, { chainId: 31337n, states: ALL });
    const included = rows.find(({ state }) => state === 'included');
    expect(included?.nonce).toBe(stuck.nonce);
    const fee = (raw: Hex) => Transaction.from(raw).maxPriorityFeePerGas ?? 0n;
    expect(fee(included?.raw ?? '0x')).toBeGreaterThanOrEqual((fee(stuck.raw) * 11n) / 10n);
    expect((await received()) - before).toBe(10n);
  });

  it('still outbids it after the call that was to take its place has been refused', async () => {
    await start({ account: 6 });
    const stuck = await intend('commit 1', 10n);
    await mine(70);
    const refused = { to: null, data: '0xfe' as Hex, valueWei: 0n };
    const refusing = submitJournaled(bridge, side, { subject: 'commit 1', call: refused });
    await expect(refusing).rejects.toThrow();
    expect(await states()).toEqual([['commit 1', 'intent']]);
    await mining(submitJournaled(bridge, side, { subject: 'commit 2', call: pay(10n) }));
    const rows = await submissionsIn(journal.database, { chainId: 31337n, states: ALL });
    expect(rows.map(({ state }) => state).sort()).toEqual(['included', 'lost']);
    const included = rows.find(({ state }) => state === 'included');
    const fee = (raw: Hex) => Transaction.from(raw).maxPriorityFeePerGas ?? 0n;
    expect(fee(included?.raw ?? '0x')).toBeGreaterThanOrEqual((fee(stuck.raw) * 11n) / 10n);
  });
});
