import { Transaction, Wallet } from 'ethers';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningAnvil, startAnvil } from '../../devnet/ethereum/anvil.ts';
import { createEthereumChain } from '../../src/chains/ethereum/ethereum-chain.ts';
import type { BridgedChain } from '../../src/chains/shared/bridged-chain.ts';
import { DEFAULT_CEILINGS } from '../../src/chains/shared/fee-ceilings.ts';
import type { Account, Side } from '../../src/relayer/bridge.ts';
import { type OpenDatabase, openEmbedded } from '../../src/relayer/journal/database.ts';
import { liftHold, placeHold } from '../../src/relayer/journal/holds.ts';
import { changesOf } from '../../src/relayer/journal/lookups.ts';
import type { SubmissionState } from '../../src/relayer/journal/schema.ts';
import { markSubmissions, signedBy, submissionsIn } from '../../src/relayer/journal/submissions.ts';
import { createPoster } from '../../src/relayer/operate/post-orders.ts';
import { Serial } from '../../src/relayer/serial.ts';
import {
  handOver,
  handOverLine,
  type SubmittingBridge,
} from '../../src/relayer/submit/hand-over.ts';
import { keyOf, lead } from '../../src/relayer/submit/lead.ts';
import { noteHeldAt } from '../../src/relayer/submit/note-held.ts';
import { settleOpen } from '../../src/relayer/submit/settle-open.ts';
import { settleSubmissions } from '../../src/relayer/submit/settle-submissions.ts';
import { awaitEnd, submitJournaled } from '../../src/relayer/submit/submit-journaled.ts';
import { Vitals } from '../../src/relayer/vitals.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { asyncRefusal } from '../support/async-refusal.ts';
import { type Lie, type LyingNode, startLyingNode } from '../support/lying-rpc.ts';

const RECIPIENT: Hex = `0x${'5a'.repeat(20)}`;
const ALL: readonly SubmissionState[] = [
  'intent',
  'broadcast',
  'included',
  'final',
  'failed',
  'lost',
];
const GAS = { measure: 'gas', gas: 60_000n } as const;
const LIMITS = {
  ceilings: DEFAULT_CEILINGS,
  dayWei: 10n ** 18n,
  leastBalanceWei: 0n,
  inFlight: 48,
};

describe('the nonce ledger on a real chain', () => {
  let anvil: RunningAnvil;
  let node: LyingNode;
  let chain: BridgedChain;
  let account: Account;
  let journal: OpenDatabase;
  let bridge: SubmittingBridge;
  let secret = '';

  beforeAll(async () => {
    anvil = await startAnvil({ port: 0, chainId: 31337, genesisTimeSec: 1_800_000_000 });
    node = await startLyingNode(anvil.rpcUrl);
    const options = { name: 'ethereum', chainId: 31337n, url: node.url, pollMs: 20 };
    const beacon = { finalityUpdate: async () => undefined };
    chain = await createEthereumChain({ ...options, route: 'direct' }, beacon);
    await mine();
    journal = await openEmbedded();
  });
  afterAll(async () => {
    await journal.close();
    await chain.close();
    await node.close();
    await anvil.close();
  });
  afterEach(() => {
    node.lie = () => undefined;
  });

  /** A relayer that has just started, with an account that nobody has used. */
  async function start(changed: Partial<Account['limits']> = {}) {
    const { address, privateKey } = Wallet.createRandom();
    await call('anvil_setBalance', [address, '0x56bc75e2d63100000']);
    secret = privateKey;
    await restart(changed);
  }
  async function restart(changed: Partial<Account['limits']> = {}) {
    const signer = await chain.signer(secret);
    account = { chain, signer, submitting: new Serial(), limits: { ...LIMITS, ...changed } };
    bridge = {
      database: journal.database,
      holder: 'a test',
      log: pino({ level: 'silent' }),
      clock: { nowMs: () => Date.now() },
      pollMs: 20,
      signal: new AbortController().signal,
      vitals: new Vitals(),
    };
  }

  const pay = (valueWei: bigint) => ({ to: RECIPIENT, data: '0x' as Hex, valueWei });
  const received = () => chain.balanceWei(RECIPIENT);
  const rows = async (states = ALL) => {
    const { database } = journal;
    const found = await submissionsIn(database, keyOf(account), states);
    const signed = await signedBy(
      database,
      found.map(({ hash }) => hash),
    );
    return found.map((row) => ({ ...row, raw: signed.get(row.hash)?.raw ?? '0x' }) as const);
  };
  const states = async () => (await rows()).map(({ subject, state }) => [subject, state]);
  const submit = (subject: string, valueWei: bigint) =>
    submitJournaled(bridge, account, { subject, call: pay(valueWei) });
  const batch = (index: number) => {
    return { subject: `batch 31337/${index}`, call: pay(1n), budget: GAS };
  };
  const reasonsOf = async (...batches: readonly number[]) => {
    const subjects = batches.map((index) => `batch 31337/${index}`);
    const changes = await changesOf(journal.database, subjects);
    return changes.map(({ subject, state, reason }) => [subject, state, reason]);
  };
  /** Posts at a gateway that asks for no fee and takes everything. */
  const posterOf = ({ on = account, deadlineMs = 20_000 } = {}) => {
    node.lie = (method) => {
      return method === 'eth_call' ? { result: `0x${'00'.repeat(32)}` } : undefined;
    };
    const side = { ...on, gateway: RECIPIENT } as Side;
    return createPoster({ ...bridge, sides: [side] }, deadlineMs);
  };
  const send = (subject: string, valueWei: bigint) =>
    handOver(bridge, account, { subject, call: pay(valueWei), budget: GAS });
  const mine = async (blocks = 1) => {
    await call('anvil_mine', [`0x${blocks.toString(16)}`]);
  };
  const call = async (method: string, params: unknown[]) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(anvil.rpcUrl, { method: 'POST', headers, body });
    return ((await response.json()) as { result: unknown }).result;
  };
  const settle = () => settleOpen(bridge, account);
  /** Lets blocks come until the work is done. */
  const mining = async <T>(work: Promise<T>): Promise<T> => {
    const timer = setInterval(() => void mine(), 50);
    try {
      return await work;
    } finally {
      clearInterval(timer);
    }
  };
  const tipOf = (raw: Hex) => Transaction.from(raw).maxPriorityFeePerGas ?? 0n;
  const feeOf = (raw: Hex) => Transaction.from(raw).maxFeePerGas ?? 0n;

  it('follows a transaction from its intent until it is final', async () => {
    await start();
    const { blockNumber } = await mining(submit('commit 1', 1n));
    expect(await states()).toEqual([['commit 1', 'included']]);
    await settleSubmissions(bridge, account, { number: blockNumber - 1, hash: '0x' });
    expect(await states()).toEqual([['commit 1', 'included']]);
    await settleSubmissions(bridge, account, { number: blockNumber, hash: '0x' });
    expect(await states()).toEqual([['commit 1', 'final']]);
  });

  it('hands many over without waiting for any, and one block takes them all in their order', async () => {
    await start();
    const before = await received();
    const handed = [];
    for (let i = 0; i < 20; i++) handed.push(await send(`batch ${i}`, 1n));
    const first = handed[0]?.nonce ?? -1;
    expect(handed.map(({ nonce }) => nonce - first)).toEqual([...Array(20).keys()]);
    await mine();
    const ends = await Promise.all(handed.map((each) => awaitEnd(bridge, account, each)));
    expect(new Set(ends.map(({ blockNumber }) => blockNumber)).size).toBe(1);
    expect((await received()) - before).toBe(20n);
  });

  const line = (...indices: [number, ...number[]]) => {
    const submission = (index: number) => {
      return { subject: `batch ${index}`, call: pay(1n), budget: GAS };
    };
    const [first, ...behind] = indices;
    return [submission(first), ...behind.map(submission)] as const;
  };
  const handLine = (...indices: [number, ...number[]]) =>
    handOverLine(bridge, account, line(...indices));

  it('hands a line over with one look at nonce and market, and one block takes it in its order', async () => {
    await start();
    const before = new Map(chain.calls());
    const handed = await handLine(1, 2, 3, 4, 5);
    const asked = (method: string) => (chain.calls().get(method) ?? 0) - (before.get(method) ?? 0);
    expect([asked('eth_getTransactionCount'), asked('eth_feeHistory')]).toEqual([1, 1]);
    expect(asked('eth_sendRawTransaction')).toBe(5);
    const first = handed[0].nonce;
    expect(handed.map(({ nonce }) => nonce - first)).toEqual([0, 1, 2, 3, 4]);
    await mine();
    await settle();
    expect(await states()).toEqual([1, 2, 3, 4, 5].map((each) => [`batch ${each}`, 'included']));
  });

  const NEVER = { error: { code: -32000, message: 'exceeds block gas limit' } };
  /** Answers broadcasts in the place of the node, told which transaction it is of how many tries so far. */
  const lieOfBroadcasts = (lie: (nonce: number, tries: number) => Lie | undefined) => {
    let tries = 0;
    node.lie = (method, [raw]) => {
      if (method === 'eth_getTransactionByHash') return { result: null };
      if (method !== 'eth_sendRawTransaction') return undefined;
      tries += 1;
      return lie(Transaction.from(String(raw)).nonce, tries);
    };
    return { tries: () => tries };
  };

  it('hands over nothing behind a first one that a node will never take, and uses the nonce again', async () => {
    await start();
    const broadcasts = lieOfBroadcasts(() => NEVER);
    await expect(handLine(1, 2, 3)).rejects.toMatchObject({ meta: { refusal: 'impossible' } });
    expect(broadcasts.tries()).toBe(1);
    expect(await states()).toEqual([1, 2, 3].map((each) => [`batch ${each}`, 'lost']));
    node.lie = () => undefined;
    expect((await handLine(2, 3)).map(({ nonce }) => nonce)).toEqual([0, 1]);
    await mine();
    await settle();
    expect((await rows(['included'])).map(({ subject }) => subject)).toEqual([
      'batch 2',
      'batch 3',
    ]);
  });

  it('hands those behind the first over together, and waits for none of them to be taken', async () => {
    await start();
    let waiting = 0;
    let most = 0;
    const broadcast = chain.broadcast;
    const counted: BridgedChain = {
      ...chain,
      broadcast: async (signed) => {
        waiting += 1;
        most = Math.max(most, waiting);
        await broadcast(signed).finally(() => {
          waiting -= 1;
        });
      },
    };
    account = { ...account, chain: counted };
    expect(await handLine(1, 2, 3, 4, 5)).toHaveLength(5);
    expect(most).toBe(4);
    await mine();
    await settle();
    expect((await states()).map(([, state]) => state)).toEqual(Array(5).fill('included'));
  });

  it('fills the nonce of what is dropped out of a line, and holds up nothing that came behind it', async () => {
    await start();
    lieOfBroadcasts((nonce) => (nonce === 1 ? NEVER : undefined));
    expect((await handLine(1, 2, 3)).map(({ subject }) => subject)).toEqual(['batch 1']);
    expect(await states()).toEqual([
      ['batch 1', 'broadcast'],
      ['batch 2', 'lost'],
      ['batch 3', 'broadcast'],
    ]);
    node.lie = () => undefined;
    expect((await handLine(2)).map(({ nonce }) => nonce)).toEqual([3]);
    await settle();
    await mine();
    await settle();
    expect((await rows(['included'])).map(({ subject }) => subject)).toEqual([
      'batch 1',
      'hole 1',
      'batch 3',
      'batch 2',
    ]);
  });

  it('hands over again what a node that keeps nothing for later has refused before its turn', async () => {
    await start();
    const early = { error: { code: -32000, message: 'nonce too high' } };
    const broadcasts = lieOfBroadcasts((_, tries) =>
      tries === 2 || tries === 4 ? early : undefined,
    );
    expect(await handLine(1, 2, 3, 4)).toHaveLength(4);
    expect(broadcasts.tries()).toBe(6);
    expect((await states()).map(([, state]) => state)).toEqual(Array(4).fill('broadcast'));
    await mine();
    await settle();
    expect((await states()).map(([, state]) => state)).toEqual(Array(4).fill('included'));
  });

  it('ends a line before what is under way already, and before what the day’s fees do not allow', async () => {
    await start();
    await send('batch 3', 1n);
    expect((await handLine(1, 2, 3, 4)).map(({ subject }) => subject)).toEqual([
      'batch 1',
      'batch 2',
    ]);
    const costWei = (await rows())[0]?.costWei ?? 0n;
    await restart({ dayWei: 4n * costWei });
    expect((await handLine(5, 6)).map(({ subject }) => subject)).toEqual(['batch 5']);
    const refused = handLine(7);
    await expect(refused).rejects.toMatchObject({ code: 'RELAYER_SPENDING_EXHAUSTED' });
    await mine();
    await settle();
  });

  it('gives who submits twice for one subject the same transaction', async () => {
    await start();
    const first = await send('batch 1', 3n);
    expect(await send('batch 1', 3n)).toEqual(first);
    await mine();
    await settle();
    expect(await states()).toEqual([['batch 1', 'included']]);
  });

  it('sends what was written down and never handed over, once it is started again', async () => {
    await start();
    const before = await received();
    node.lie = (method) => (method === 'eth_sendRawTransaction' ? { error: GONE } : undefined);
    await send('commit 1', 10n);
    expect(await states()).toEqual([['commit 1', 'intent']]);
    node.lie = () => undefined;
    await restart();
    await mining(submit('commit 2', 20n));
    expect(await states()).toEqual([
      ['commit 1', 'included'],
      ['commit 2', 'included'],
    ]);
    expect((await received()) - before).toBe(30n);
  });

  it('recognises what a block had taken before the process was killed', async () => {
    await start();
    const before = await received();
    await send('commit 1', 10n);
    await mine();
    await restart();
    await mining(submit('commit 2', 20n));
    expect((await received()) - before).toBe(30n);
    expect((await states())[0]).toEqual(['commit 1', 'included']);
  });

  it('lets go of a transaction whose nonce another one has taken', async () => {
    await start();
    node.lie = (method) => (method === 'eth_sendRawTransaction' ? { error: GONE } : undefined);
    const handed = await send('commit 1', 10n);
    node.lie = () => undefined;
    await chain.broadcast(await chain.sign(account.signer, pay(7n)));
    await mine();
    const end = mining(awaitEnd(bridge, account, handed));
    await expect(end).rejects.toMatchObject({ code: 'CHAIN_TRANSACTION_LOST' });
    expect(await states()).toEqual([['commit 1', 'lost']]);
    expect((await send('commit 1', 10n)).nonce).toBe(handed.nonce + 1);
    await mine();
  });

  it('does not let go of what one node has in a block and another has not heard of', async () => {
    await start();
    const handed = await send('commit 1', 10n);
    await mine();
    // Behind one address: what counts the account's transactions is ahead of what has the receipts.
    node.lie = (method) => (method === 'eth_getTransactionReceipt' ? { result: null } : undefined);
    for (let look = 0; look < 3; look++) {
      await settle();
      expect(await states()).toEqual([['commit 1', 'broadcast']]);
      if (look < 2) await mine();
    }
    node.lie = () => undefined;
    await mining(awaitEnd(bridge, account, handed));
    expect(await states()).toEqual([['commit 1', 'included']]);
  });

  it('hands what no block takes to every node, since the first may pass nothing on', async () => {
    const options = { name: 'ethereum', chainId: 31337n, url: node.url, pollMs: 20 };
    const beacon = { finalityUpdate: async () => undefined };
    const urls = [anvil.rpcUrl];
    const both = await createEthereumChain({ ...options, urls, route: 'direct' }, beacon);
    await start();
    const own = account;
    account = { ...own, chain: both, signer: await both.signer(secret) };
    node.lie = (method, params) =>
      method === 'eth_sendRawTransaction'
        ? { result: Transaction.from(String(params[0])).hash }
        : undefined;
    const handed = await send('commit 1', 10n);
    await mining(awaitEnd(bridge, account, handed));
    expect(await states()).toEqual([['commit 1', 'included']]);
    await both.close();
  });

  it('offers more than what stands in its way at its nonce, once that has been there for long', async () => {
    await start();
    const handed = await send('commit 1', 10n);
    const [{ raw: old } = NOTHING] = await rows();
    await call('anvil_dropTransaction', [(await rows())[0]?.hash]);
    const wantedTip = (tipOf(old) * 5n) / 4n;
    const error = { code: -32000, message: 'replacement transaction underpriced' };
    node.lie = (method, params) =>
      method === 'eth_sendRawTransaction' && tipOf(String(params[0]) as Hex) < wantedTip
        ? { error }
        : undefined;
    for (let block = 0; block < 40; block++) {
      await mine();
      await settle();
    }
    await mining(awaitEnd(bridge, account, handed));
    const paid = (await rows()).find(({ state }) => state === 'included');
    expect(tipOf(paid?.raw ?? '0x')).toBeGreaterThanOrEqual(wantedTip);
  });

  it('does not sign again for a broadcast that a node has taken and not told of', async () => {
    await start();
    const before = await received();
    const late = { error: { code: -32000, message: 'request timed out' }, isDone: true } as const;
    node.lie = (method) => {
      if (method === 'eth_sendRawTransaction') return late;
      return method === 'eth_getTransactionByHash' ? { result: null } : undefined;
    };
    const handed = await send('commit 1', 10n);
    expect(await states()).toEqual([['commit 1', 'intent']]);
    node.lie = () => undefined;
    await mining(awaitEnd(bridge, account, handed));
    expect(await rows()).toHaveLength(1);
    expect((await received()) - before).toBe(10n);
  });

  it('hands over again what a pool has dropped', async () => {
    await start();
    const handed = await send('commit 1', 10n);
    await call('anvil_dropTransaction', [(await rows())[0]?.hash]);
    await mine(3);
    await mining(awaitEnd(bridge, account, handed));
    expect(await rows()).toHaveLength(1);
  });

  it('fills a nonce that nothing stands on, so that what comes after it gets into a block', async () => {
    await start();
    const before = await received();
    const gone = await send('batch 1', 10n);
    const next = await send('batch 2', 20n);
    const [{ hash } = NOTHING] = await rows();
    await call('anvil_dropTransaction', [hash]);
    await markSubmissions(journal.database, await lead(bridge, account), [{ hash, state: 'lost' }]);
    await mining(awaitEnd(bridge, account, next));
    expect(await states()).toEqual([
      ['batch 1', 'lost'],
      [`hole ${gone.nonce}`, 'included'],
      ['batch 2', 'included'],
    ]);
    expect((await received()) - before).toBe(20n);
  });

  it('says why a transaction failed in its block, and goes on after it', async () => {
    await start();
    const failing = { to: null, data: '0xfe' as Hex, valueWei: 0n };
    const budget = { measure: 'gas', gas: 100_000n } as const;
    const handed = await handOver(bridge, account, { subject: 'batch 1', call: failing, budget });
    const next = await send('batch 2', 1n);
    await mine();
    const end = awaitEnd(bridge, account, handed);
    await expect(end).rejects.toMatchObject({ code: 'CHAIN_CALL_REVERTED' });
    await awaitEnd(bridge, account, next);
    expect(await states()).toEqual([
      ['batch 1', 'failed'],
      ['batch 2', 'included'],
    ]);
  });

  it('brings back what a fork has dropped', async () => {
    await start();
    const before = await received();
    const snapshot = await call('evm_snapshot', []);
    const { blockNumber } = await mining(submit('commit 1', 10n));
    await call('evm_revert', [snapshot]);
    await mine(12);
    expect(await received()).toBe(before);
    await settleSubmissions(bridge, account, { number: blockNumber, hash: '0x' });
    expect(await states()).toEqual([['commit 1', 'broadcast']]);
    const [{ nonce } = { nonce: -1 }] = await rows();
    await mining(awaitEnd(bridge, account, { subject: 'commit 1', nonce }));
    expect((await received()) - before).toBe(10n);
  });

  it('outbids by the market what no block takes, at its own nonce and by an eighth at least', async () => {
    await start();
    const before = await received();
    const handed = await send('commit 1', 10n);
    const [{ raw: old } = NOTHING] = await rows();
    for (let block = 0; block < 10; block++) {
      await call('anvil_setNextBlockBaseFeePerGas', [`0x${(2n * feeOf(old)).toString(16)}`]);
      await mine();
      await settle();
    }
    await mining(awaitEnd(bridge, account, handed));
    const [first, second] = await rows();
    expect([first?.state, second?.state, second?.nonce]).toEqual([
      'lost',
      'included',
      first?.nonce,
    ]);
    expect(feeOf(second?.raw ?? '0x')).toBeGreaterThanOrEqual((feeOf(old) * 9n) / 8n);
    expect(tipOf(second?.raw ?? '0x')).toBeGreaterThanOrEqual((tipOf(old) * 9n) / 8n);
    expect((await received()) - before).toBe(10n);
  });

  it('is not driven up by a node that takes everything and includes nothing', async () => {
    await start();
    const handed = await send('commit 1', 10n);
    await call('anvil_dropTransaction', [(await rows())[0]?.hash]);
    node.lie = (method, params) =>
      method === 'eth_sendRawTransaction'
        ? { result: Transaction.from(String(params[0])).hash }
        : undefined;
    for (let round = 0; round < 50; round++) {
      await mine(10);
      await settle();
    }
    expect(await rows()).toHaveLength(1);
    node.lie = () => undefined;
    await mining(awaitEnd(bridge, account, handed));
  });

  it('offers a node that lies of tips no more than the ceilings, and one that lies of base fees nothing', async () => {
    const ceilings = { ...DEFAULT_CEILINGS, tipPerGasWei: 3n * 10n ** 9n };
    await start({ ceilings });
    const market = (base: bigint, tip: bigint) => ({
      result: {
        oldestBlock: '0x1',
        baseFeePerGas: [`0x${base.toString(16)}`, `0x${base.toString(16)}`],
        gasUsedRatio: [0.5],
        reward: [[`0x${tip.toString(16)}`]],
      },
    });
    const lying = (base: bigint, tip: bigint) => (method: string) =>
      method === 'eth_feeHistory' ? market(base, tip) : undefined;
    node.lie = lying(10n ** 9n, 10n ** 20n);
    await send('commit 1', 1n);
    const [{ raw } = NOTHING] = await rows();
    expect(tipOf(raw)).toBe(ceilings.tipPerGasWei);
    node.lie = lying(10n ** 13n, 1n);
    await expect(send('commit 2', 1n)).rejects.toMatchObject({ code: 'CHAIN_FEE_ABOVE_CEILING' });
    expect(await rows()).toHaveLength(1);
  });

  it('says of a batch that its account cannot pay for it, until a node has taken it', async () => {
    await start();
    const setBalance = (wei: string) => call('anvil_setBalance', [account.signer.address, wei]);
    await setBalance('0x0');
    const handed = await handOverLine(bridge, account, [batch(901), batch(902)]);
    expect(handed).toHaveLength(2);
    expect(await reasonsOf(901, 902)).toEqual([
      ['batch 31337/901', 'held', 'account-empty'],
      ['batch 31337/902', 'held', 'account-empty'],
    ]);
    await setBalance('0x56bc75e2d63100000');
    await mining(Promise.all(handed.map((each) => awaitEnd(bridge, account, each))));
    expect(await reasonsOf(901, 902)).toEqual([]);
  });

  it('goes on saying that the operator holds a batch while a node takes it, as long as that is so', async () => {
    await start();
    const { database } = journal;
    const hold = { reason: 'a look', atMs: 1 };
    for (const subject of ['batch 31337/903', 'batch 31337/904'] as const) {
      await placeHold(database, { ...hold, subject });
      for (const reason of ['held-by-operator', 'account-empty'] as const) {
        await noteHeldAt(bridge, { subject, reason, chainId: 31337n, blockNumber: 1 });
      }
    }
    await liftHold(database, 'batch 31337/904');
    await handOverLine(bridge, account, [batch(903), batch(904)]);
    expect(await reasonsOf(903, 904)).toEqual([['batch 31337/903', 'held', 'held-by-operator']]);
  });

  it('posts with the nonce behind what is open, and holds none of that up', async () => {
    await start();
    await send('commit 1', 1n);
    const poster = posterOf();
    const handed = await poster.post('ethereum', [new Uint8Array(832)]);
    const [open] = await rows(['broadcast']);
    expect([open?.subject, handed.nonce]).toEqual(['commit 1', (open?.nonce ?? 0) + 1]);
    expect(await poster.standing('ethereum', handed)).toEqual({ state: 'open', block: null });
    await mine();
    const standing = await poster.standing('ethereum', handed);
    expect(standing).toMatchObject({ state: 'included', block: expect.any(Number) });
    expect(await states()).toEqual([
      ['commit 1', 'included'],
      [handed.subject, 'included'],
    ]);
    expect(await asyncRefusal(poster.post('elsewhere', []))).toMatchObject({
      code: 'RELAYER_CHAIN_UNKNOWN',
    });
  });

  it('posts the same orders once, also when a block has them already', async () => {
    await start();
    const poster = posterOf();
    const orders = [new Uint8Array(832)];
    const handed = await poster.post('ethereum', orders);
    expect(await poster.post('ethereum', orders)).toEqual(handed);
    await mine();
    expect(await poster.standing('ethereum', handed)).toMatchObject({ state: 'included' });
    expect(await poster.post('ethereum', orders)).toEqual(handed);
    expect(await states()).toEqual([[handed.subject, 'included']]);
    const [{ hash } = NOTHING] = await rows();
    await markSubmissions(journal.database, await lead(bridge, account), [
      { hash, state: 'failed' },
    ]);
    expect((await poster.post('ethereum', orders)).nonce).toBe(handed.nonce + 1);
  });

  it('posts nothing after it has said that it is too late', async () => {
    await start();
    const setUp = Promise.withResolvers<undefined>();
    const slow = { ...account, chain: { ...chain, setupOf: () => setUp.promise } };
    const isTaken = vi.spyOn(slow.submitting, 'run');
    const late = posterOf({ on: slow, deadlineMs: 50 }).post('ethereum', [new Uint8Array(832)]);
    expect(await asyncRefusal(late)).toMatchObject({ code: 'RELAYER_WAIT_LATE' });
    setUp.resolve(undefined);
    await vi.waitFor(() => expect(isTaken).toHaveBeenCalled());
    const outcome = isTaken.mock.results[0]?.value;
    expect(await asyncRefusal(outcome)).toMatchObject({ code: 'RELAYER_WAIT_LATE' });
    expect(await rows()).toEqual([]);
  });

  it('spends no more in a day than it may, by what it has signed for', async () => {
    await start({ dayWei: 2n * 10n ** 15n });
    node.lie = (method) =>
      method === 'eth_feeHistory'
        ? {
            result: {
              oldestBlock: '0x1',
              baseFeePerGas: ['0x2540be400', '0x2540be400'],
              reward: [['0x0']],
            },
          }
        : undefined;
    // 60,000 gas at twice 10 gwei: 1.2e15 wei, and a little for the tip.
    await send('commit 1', 1n);
    const refused = send('commit 2', 1n);
    await expect(refused).rejects.toMatchObject({ code: 'RELAYER_SPENDING_EXHAUSTED' });
    expect(await rows()).toHaveLength(1);
  });
});

const GONE = { code: -32000, message: 'header not found' };
const NOTHING = { hash: '0x', raw: '0x', nonce: -1, signedAt: 0 } as const;
