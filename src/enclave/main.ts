import { toRemoteError } from './answer.ts';
import { openEnclave } from './platform/open-enclave.ts';
import { serveFrames } from './platform/serve-frames.ts';

// The enclave's entry. Its host starts it with the path of its folder and talks to it over stdin and stdout; it ends
// when stdin does. On stderr stands at most one line, which says why it could not start or go on.

process.on('uncaughtException', (error) => {
  sayWhy(error);
  process.exit(1);
});

try {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Error('usage: enclave.mjs <folder>');
  const enclave = openEnclave({ folder, codeFolder: import.meta.dirname });
  await serveFrames(process.stdin, process.stdout, enclave);
} catch (error) {
  sayWhy(error);
  process.exitCode = 1;
}

/** SECURITY: the same filter as at the pipe, since node would print all that an error holds; of one that nobody foresaw only node's code. */
function sayWhy(error: unknown): void {
  const { code, message } = toRemoteError(error);
  const cause =
    code === 'ENCLAVE_INTERNAL' ? ` (${(error as { code?: unknown } | null)?.code})` : '';
  process.stderr.write(`${JSON.stringify({ code, message: message + cause })}\n`);
}
