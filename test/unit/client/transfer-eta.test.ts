import { expect, test } from 'vitest';
import { type EtaFacts, stepEtaSec } from '../../../src/client/transfer-eta.ts';
import type { StateChange } from '../../../src/client/transfer-history.ts';
import { type StateReason, stepFor } from '../../../src/protocol/transfer-state.ts';
import { logIndexOf } from '../../support/log-index-of.ts';

const CHAIN = 7n;
const at = (reason: StateReason): StateChange => ({
  ...stepFor(reason),
  chainId: CHAIN,
  blockNumber: 10,
});
const FACTS: EtaFacts = {
  // The head is block 12.
  sources: {
    chains: new Map([[CHAIN, logIndexOf(CHAIN, [], 11)]]),
    anchorChainId: CHAIN,
    ingested: new Map(),
  },
  rules: new Map([[CHAIN, { kind: 'grandpa', blockMs: 6000, lagBlocks: 3 }]]),
  schedule: { startSec: 1000n, roundSec: 100n },
  lagSec: 30n,
  sentAtSec: 1050n,
  nowSec: 1060n,
};

test('a step takes as long as its block needs to be final', () => {
  expect(stepEtaSec([at('deposit-included')], FACTS)).toBe(6);
  expect(stepEtaSec([at('deposit-included')], { ...FACTS, rules: new Map() })).toBeUndefined();
});

test('a final deposit waits for the end of the round that consumes it', () => {
  expect(stepEtaSec([at('deposit-final')], FACTS)).toBe(40);
  // 1050 + 30 is in round 1; 1090 + 30 is not any more.
  expect(stepEtaSec([at('replayed-to-proven-head')], { ...FACTS, sentAtSec: 1090n })).toBe(140);
});

test('nothing is estimated where the time has passed, nothing is known, or somebody has to act', () => {
  expect(stepEtaSec([at('deposit-final')], { ...FACTS, nowSec: 1101n })).toBeUndefined();
  expect(stepEtaSec([at('deposit-final')], { ...FACTS, sentAtSec: undefined })).toBeUndefined();
  expect(stepEtaSec([at('payout-failed')], FACTS)).toBeUndefined();
  expect(stepEtaSec([], FACTS)).toBeUndefined();
});
