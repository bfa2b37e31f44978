import { afterEach, expect, test } from 'vitest';
import { type RunningDemo, startDemo } from '../support/demo.ts';

let demo: RunningDemo | undefined;

afterEach(async () => {
  await demo?.close();
});

const TRANSFERS = [
  /1 ETH to Polkadot, sealed/,
  /5 DOT to Ethereum, sealed/,
  /250 DEMO to Polkadot, sealed/,
  /1 DOT to Ethereum, transparent/,
  /does not open, refunded/,
  /100 DEMO back to Ethereum, sealed/,
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
  expect(printed).toMatch(/claimable .*the recipient refused the payout/);
  expect(printed).toMatch(/claimed +ethereum block/);
  expect(printed).not.toContain('off by');
  expect(printed).toMatch(/all [0-9]+ balances are exact/);
});
