// Says by its exit code whether the process of this container does its work: VEILSPAN_HEALTH is http://… that answers 200, socket:<path>
// that somebody listens at, or file:<path> that is there. Without it nothing is known, which is no failure.
import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';

const TIMEOUT_MS = 4000;

async function isHealthy(target) {
  if (target === undefined) return true;
  if (target.startsWith('file:')) return existsSync(target.slice('file:'.length));
  if (target.startsWith('socket:')) return await listens(target.slice('socket:'.length));
  const answer = await fetch(target, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  return answer.ok;
}

function listens(path) {
  return new Promise((resolve) => {
    const socket = createConnection({ path, timeout: TIMEOUT_MS });
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

const healthy = await isHealthy(process.env.VEILSPAN_HEALTH).catch(() => false);
process.exit(healthy ? 0 : 1);
