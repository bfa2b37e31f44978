import { afterEach, expect, test } from 'vitest';
import { nativeNodeMissing } from '../../devnet/polkadot/native-binary.ts';
import { type RunningDemo, startDemo } from '../support/demo.ts';

let demo: RunningDemo | undefined;

afterEach(async () => {
  await demo?.close();
});

const missing = nativeNodeMissing();

test.skipIf(missing !== undefined)(
  `the demo ends the same on three native Polkadot nodes${missing ? ` (skipped: ${missing})` : ''}`,
  async () => {
    demo = startDemo(['--polkadot', 'native']);
    const code = await demo.ended;
    const printed = demo.lines.join('\n');
    expect(code, printed).toBe(0);
    expect(printed).toMatch(/all [0-9]+ balances are exact/);
  },
);
