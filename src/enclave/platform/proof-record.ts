import { appendFileSync, existsSync } from 'node:fs';

/** Commands whose parameters are proofs that anyone can check. */
const PROOFS = new Set([
  'bootstrapEthereum',
  'advanceEthereum',
  'advancePolkadot',
  'ingest',
  'confirmAnchored',
]);

/**
 * Opens a record of proofs, so that a user can check on a machine of their own what an enclave was shown.
 *
 * One JSON object per line: first `{ measured }`, the measured configuration; then `{ command, params }` as they went
 * over the pipe, for every proof that the enclave accepted, in its order. It holds what is public on the chains and
 * sealed envelopes, and no answer of the enclave.
 *
 * @returns notes one request body with its answer's body
 */
export function openProofRecord(
  path: string,
  measured: unknown,
): (request: Uint8Array, answer: Uint8Array) => void {
  const append = (line: unknown) => appendFileSync(path, `${JSON.stringify(line)}\n`);
  if (!existsSync(path)) append({ measured });
  return (request, answer) => {
    if (!isAccepted(answer)) return;
    const { command, params } = parse(request) as { command?: unknown; params?: unknown };
    if (typeof command === 'string' && PROOFS.has(command)) append({ command, params });
  };
}

function isAccepted(answer: Uint8Array): boolean {
  return (parse(answer) as { ok?: unknown }).ok === true;
}

function parse(body: Uint8Array): object {
  return JSON.parse(new TextDecoder().decode(body)) as object;
}
