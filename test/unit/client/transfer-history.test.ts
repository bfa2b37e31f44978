import { expect, test } from 'vitest';
import { ANCHOR_ABI, GATEWAY_ABI } from '../../../src/chains/shared/abi.ts';
import type { ContractLog } from '../../../src/chains/shared/bridged-chain.ts';
import type { LogIndex } from '../../../src/client/log-index.ts';
import { awaitedBlock, explainReason, nextStep } from '../../../src/client/next-step.ts';
import {
  depositHistory,
  payoutHistory,
  type Sources,
} from '../../../src/client/transfer-history.ts';
import type { Hex } from '../../../src/shared/bytes.ts';

const ETHEREUM = 31_337n;
const POLKADOT = 420_420_499n;
const GATEWAY: Hex = `0x${'11'.repeat(20)}`;
const ZERO: Hex = `0x${'00'.repeat(32)}`;
const TAG: Hex = `0x${'aa'.repeat(32)}`;
const REF = { chainId: ETHEREUM, index: 1n };

test('a transfer that no block holds has no history', () => {
  expect(depositHistory(sources({}), REF)).toEqual([]);
  expect(depositHistory(sources({ ethereum: [deposit(0n, 5)] }), REF)).toEqual([]);
});

test('a deposit is observed, then finalised, then verified once an enclave has counted past it', () => {
  const ethereum = [deposit(0n, 5), deposit(1n, 7)];
  expect(states(sources({ ethereum, finalized: [6, 0] }))).toEqual(['observed']);
  expect(states(sources({ ethereum, finalized: [7, 0] }))).toEqual(['observed', 'finalised']);
  const ingested = (count: bigint) => sources({ ethereum, finalized: [7, 0], ingested: count });
  expect(states(ingested(1n))).toEqual(['observed', 'finalised']);
  expect(states(ingested(2n))).toEqual(['observed', 'finalised', 'verified']);
});

test('the first commit with a cursor past a deposit is the one that consumed it', () => {
  const polkadot = [commit(1n, 1n, 20), commit(2n, 2n, 30), commit(3n, 9n, 40)];
  const at = (final: number) =>
    depositHistory(
      sources({ ethereum: [deposit(1n, 7)], polkadot, finalized: [9, final] }),
      REF,
    ).at(-1);
  expect(at(29)).toMatchObject({ state: 'committed', chainId: POLKADOT, blockNumber: 30 });
  expect(at(30)).toMatchObject({ state: 'anchored', blockNumber: 30 });
});

test('a payout is found by its tag alone, and confirmed when its block is final', () => {
  const polkadot = [payout('Released', 4n, 50)];
  const history = (final: number) =>
    payoutHistory(sources({ polkadot, finalized: [0, final] }), [TAG]).map(({ state }) => state);
  expect(history(49)).toEqual(['released']);
  expect(history(50)).toEqual(['released', 'confirmed']);
  expect(payoutHistory(sources({ polkadot, finalized: [0, 50] }), [ZERO])).toEqual([]);
});

test('a payout that was put aside says why, at which index, and what to do', () => {
  const polkadot = [payout('ReleaseDeferred', 4n, 50)];
  const [change] = payoutHistory(sources({ polkadot, finalized: [0, 60] }), [TAG]);
  expect(change).toMatchObject({ state: 'claimable', releaseIndex: 4n, reason: 'payout-failed' });
  expect(explainReason(change?.reason)).toBe('the recipient refused the payout');
  expect(nextStep(change ? [change] : [])).toContain('claim');
});

test('only states that wait for finality have a block to wait for', () => {
  const history = depositHistory(sources({ ethereum: [deposit(1n, 7)], finalized: [6, 0] }), REF);
  expect(awaitedBlock(history)).toMatchObject({ blockNumber: 7 });
  const final = depositHistory(sources({ ethereum: [deposit(1n, 7)], finalized: [7, 0] }), REF);
  expect(awaitedBlock(final)).toBeUndefined();
  expect(nextStep(history, 4200)).toContain('about 5 s');
});

function states(from: Sources): string[] {
  return depositHistory(from, REF).map(({ state }) => state);
}

function sources(of: {
  ethereum?: ContractLog[];
  polkadot?: ContractLog[];
  finalized?: [ethereum: number, polkadot: number];
  ingested?: bigint;
}): Sources {
  const [ethereumFinal, polkadotFinal] = of.finalized ?? [0, 0];
  return {
    chains: new Map([
      [ETHEREUM, logIndex(of.ethereum ?? [], ethereumFinal)],
      [POLKADOT, logIndex(of.polkadot ?? [], polkadotFinal)],
    ]),
    anchorChainId: POLKADOT,
    ingested: new Map(of.ingested === undefined ? [] : [[ETHEREUM, of.ingested]]),
  };
}

function logIndex(logs: ContractLog[], finalized: number): LogIndex {
  return {
    refresh: async () => undefined,
    logs: () => logs,
    finalizedNumber: () => finalized,
    headNumber: () => finalized + 1,
  };
}

function deposit(index: bigint, blockNumber: number): ContractLog {
  const args = [index, GATEWAY, ZERO, 10n, 1n, POLKADOT, '0x00', ZERO];
  return log(GATEWAY_ABI.encodeEventLog('Deposited', args), blockNumber);
}

function commit(number: bigint, count: bigint, blockNumber: number): ContractLog {
  const args = [number, ZERO, ZERO, [[ETHEREUM, count]], GATEWAY];
  return log(ANCHOR_ABI.encodeEventLog('Committed', args), blockNumber);
}

function payout(
  name: 'Released' | 'ReleaseDeferred',
  index: bigint,
  blockNumber: number,
): ContractLog {
  const args = [index, TAG, ZERO, GATEWAY, 9n, ...(name === 'ReleaseDeferred' ? [6n] : [])];
  return log(GATEWAY_ABI.encodeEventLog(name, args), blockNumber);
}

function log(
  encoded: { topics: (string | string[])[]; data: string },
  blockNumber: number,
): ContractLog {
  return {
    address: GATEWAY,
    topics: encoded.topics.flat() as Hex[],
    data: encoded.data as Hex,
    blockNumber,
    blockHash: ZERO,
    logIndex: 0,
    transactionHash: ZERO,
  };
}
