import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const GRACE_MS = 3000;

/** Asks a child process to end, insists after a while, and resolves when it is gone. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await gone;
  clearTimeout(insist);
}
