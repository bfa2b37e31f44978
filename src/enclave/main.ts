import { toRemoteError } from './answer.ts';
import { openEnclave } from './platform/open-enclave.ts';
import { serveFrames } from './platform/serve-frames.ts';

// The enclave's entry. Its host starts it with the path of its folder and talks to it over stdin and stdout; it ends
// when stdin does. On stderr stands at most one line, which says why it could not start or go on.

try {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Error('usage: enclave.mjs <folder>');
  const enclave = openEnclave({ folder, codeFolder: import.meta.dirname });
  await serveFrames(process.stdin, process.stdout, enclave);
} catch (error) {
  // SECURITY: the same filter as at the pipe; of any other error only node's own code for it leaves.
  const { code, message } = toRemoteError(error);
  const cause = code === 'ENCLAVE_INTERNAL' ? ` (${(error as { code?: unknown }).code})` : '';
  process.stderr.write(`${JSON.stringify({ code, message: message + cause })}\n`);
  process.exitCode = 1;
}
