import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { enclavePidOf, pidIn, type RunningDemo, startDemo } from '../support/demo.ts';

let demo: RunningDemo | undefined;

afterEach(async () => {
  await demo?.close();
});

/** Has a process do nothing for a while, so that whoever waits for it meets silence, and go on. */
async function standStill(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await sleep(4000);
  process.kill(pid, 'SIGCONT');
  await sleep(500);
}

test('relayer, enclave and its host are killed or stand still in the middle, and every balance still ends exact', async () => {
  demo = startDemo();
  const relayer = await demo.line(/relayer runs \(pid/);
  const host = await demo.line(/enclave 0x[0-9a-f]+ runs \(host pid/);

  await demo.line(/finalized +polkadot/);
  await standStill(pidIn(relayer));
  process.kill(pidIn(relayer), 'SIGKILL');
  await demo.line(/relayer ended \(SIGKILL\); starting it again/);

  await demo.line(/verified +/);
  await standStill(enclavePidOf(demo.folder));
  process.kill(enclavePidOf(demo.folder), 'SIGKILL');

  await demo.line(/verified +ethereum/);
  process.kill(pidIn(host), 'SIGKILL');
  await demo.line(/enclave ended \(SIGKILL\); starting it again/);

  const code = await demo.ended;
  const printed = demo.lines.join('\n');
  expect(code, printed).toBe(0);
  expect(printed).toMatch(/all [0-9]+ balances are exact/);
});
