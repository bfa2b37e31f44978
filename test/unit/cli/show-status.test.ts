import { expect, test } from 'vitest';
import { historyOf } from '../../../src/cli/show-status.ts';
import { nextStep } from '../../../src/client/next-step.ts';
import type { Sources } from '../../../src/client/transfer-history.ts';
import { publicTags, sealedTags } from '../../../src/protocol/transfer-tags.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { depositLog, GATEWAY, releasedLog } from '../../support/bridge-logs.ts';
import { clientChain } from '../../support/client-chain.ts';
import { logIndexOf } from '../../support/log-index-of.ts';

const SOURCE = 31_337n;
const OTHER = 420_420_499n;
const REF = { chainId: SOURCE, index: 0n };
const CLIENT = {
  chains: [clientChain(SOURCE, { gateway: GATEWAY }), clientChain(OTHER, { gateway: GATEWAY })],
};

test('a refund is shown as one, and what is awaited is the chain that the deposit was made on', () => {
  const { refund } = publicTags(REF, GATEWAY);
  const sources = sourcesOf([depositLog(0n, 5), releasedLog(0n, refund, 9)]);
  const history = historyOf({ kind: 'transfer', ref: REF }, CLIENT, sources);
  expect(history.map(({ state }) => state)).toEqual(['observed', 'finalized', 'refunded']);
  expect(nextStep(history)).toContain('the source chain has to finalize the refund');
});

test('a tag secret finds the payouts of a sealed transfer and nothing of its deposit', () => {
  const secret = new Uint8Array(32).fill(3);
  const payout = sealedTags(secret).payouts[0] as Hex;
  const sources = sourcesOf([depositLog(0n, 5), releasedLog(0n, payout, 9)]);
  const history = historyOf({ kind: 'tagSecret', secret }, CLIENT, sources);
  expect(history.map(({ state }) => state)).toEqual(['released']);
});

test('of a transfer of a chain that the configuration lacks nothing is known', () => {
  const subject = { kind: 'transfer', ref: { chainId: 7n, index: 0n } } as const;
  expect(historyOf(subject, CLIENT, sourcesOf([depositLog(0n, 5)]))).toEqual([]);
});

function sourcesOf(logs: Parameters<typeof logIndexOf>[1]): Sources {
  return {
    chains: new Map([
      [SOURCE, logIndexOf(SOURCE, logs, 6)],
      [OTHER, logIndexOf(OTHER, [], 6)],
    ]),
    anchorChainId: OTHER,
    ingested: new Map(),
  };
}
