import { afterEach, expect, test } from 'vitest';
import { enclavePidOf, pidIn, type RunningDemo, startDemo } from '../support/demo.ts';

let demo: RunningDemo | undefined;

afterEach(async () => {
  await demo?.close();
});

test('relayer, enclave and its host are killed in the middle, and every balance still ends exact', async () => {
  demo = startDemo();
  const relayer = await demo.line(/relayer runs \(pid/);
  const host = await demo.line(/enclave 0x[0-9a-f]+ runs \(host pid/);

  await demo.line(/finalized +polkadot/);
  process.kill(pidIn(relayer), 'SIGKILL');
  await demo.line(/relayer ended \(SIGKILL\); starting it again/);

  await demo.line(/verified +/);
  process.kill(enclavePidOf(demo.folder), 'SIGKILL');

  await demo.line(/verified +ethereum/);
  process.kill(pidIn(host), 'SIGKILL');
  await demo.line(/enclave ended \(SIGKILL\); starting it again/);

  const code = await demo.ended;
  const printed = demo.lines.join('\n');
  expect(code, printed).toBe(0);
  expect(printed).toMatch(/all [0-9]+ balances are exact/);
});
