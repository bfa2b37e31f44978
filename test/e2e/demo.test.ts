import { afterEach, expect, test } from 'vitest';
import { type RunningDemo, startDemo } from '../support/demo.ts';

let demo: RunningDemo | undefined;

afterEach(async () => {
  await demo?.close();
});

/** Those that end on a chain, whatever the pools do. */
const TRANSFERS = [
  /1 ETH to Polkadot, direct/,
  /250 DEMO to Polkadot, direct/,
  /1 DOT to Ethereum, transparent/,
  /1 DOT to Ethereum, out of an account/,
  /does not open, refunded/,
  /100 DEMO back to Ethereum, direct/,
  /to a contract that refuses it/,
];

test('the demo carries every transfer, ends and finds every balance exact', async ({
  annotate,
}) => {
  const startedMs = Date.now();
  demo = startDemo();
  const code = await demo.ended;
  const printed = demo.lines.join('\n');
  expect(code, printed).toBe(0);
  await annotate(`the demo took ${Math.round((Date.now() - startedMs) / 1000)} s`);
  for (const label of TRANSFERS) {
    const states = demo.lines
      .filter((line) => label.test(line))
      .map((line) => line.trim().split(/\s+/)[1]);
    expect(states, printed).toEqual(
      expect.arrayContaining(['observed', 'finalized', 'committed', 'anchored', 'confirmed']),
    );
  }
  expect(printed).toMatch(/refunded +ethereum block/);
  expect(printed).toMatch(/confirmed +ethereum block .* by (a|the same) pool/);
  expect(printed).toMatch(/returned +ledger round [0-9]+ +2 DOT to Ethereum, alone in its pool/);
  expect(printed).toMatch(/credited +ledger round [0-9]+ +1 DOT to Ethereum, out of an account/);
  expect(printed).toMatch(/account [0-9]+ +ledger +DOT .*exact/);
  expect(printed).toMatch(/fees +ledger +DOT .*exact/);
  expect(printed).toMatch(/claimable .*the recipient refused the payout/);
  expect(printed).toMatch(/claimed +ethereum block/);
  expect(printed).not.toContain('off by');
  expect(printed).toMatch(/all [0-9]+ balances are exact/);
});
