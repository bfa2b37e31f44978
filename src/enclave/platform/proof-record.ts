import { appendFileSync, existsSync, readFileSync, renameSync } from 'node:fs';

/** Commands whose parameters are proofs that anyone can check. */
const PROOFS = new Set<string>(['bootstrap', 'advance', 'ingest', 'confirmAnchored']);

/** Notes a request's body and the body of its answer. */
export type NoteProof = (request: Uint8Array, answer: Uint8Array) => void;

/** The parts of requests and answers that are looked at here. */
interface Wire {
  readonly ok?: boolean;
  readonly command?: string;
  readonly params?: { readonly chainId?: string; readonly messages?: readonly unknown[] };
  readonly result?: { readonly position?: { readonly count?: string } };
}

/**
 * Opens a record of proofs, so that a user can check on a machine of their own what an enclave was shown.
 *
 * One JSON object per line: first `{ measured }`, the measured configuration; then `{ command, params }` as they went
 * over the pipe, for every proof that the enclave accepted, in its order. An enclave that was started again is shown
 * its unconsumed messages again; the record has each once. It holds what is public on the chains and sealed
 * envelopes, and no answer of the enclave.
 *
 * @param isNew the enclave has no past: a record that is there is another's, and is moved aside
 */
export function openProofRecord(
  path: string,
  { measured, isNew }: { readonly measured: unknown; readonly isNew: boolean },
): NoteProof {
  const append = (line: unknown) => appendFileSync(path, `${JSON.stringify(line)}\n`);
  if (isNew && existsSync(path)) renameSync(path, `${path}.old`);
  if (!existsSync(path)) append({ measured });
  const recorded = countRecorded(path);
  return (request, answer) => {
    const { ok, result } = parse(answer);
    if (ok !== true) return;
    const { command, params } = parse(request);
    if (command === undefined || !PROOFS.has(command)) return;
    if (command !== 'ingest') return append({ command, params });
    const { chainId = '', messages = [] } = params ?? {};
    const added = Number(result?.position?.count ?? 0) - (recorded.get(chainId) ?? 0);
    if (added <= 0) return;
    recorded.set(chainId, (recorded.get(chainId) ?? 0) + added);
    append({ command, params: { ...params, messages: messages.slice(-added) } });
  };
}

/** Messages on record by chain id. */
function countRecorded(path: string): Map<string, number> {
  const recorded = new Map<string, number>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const { command, params } = line === '' ? {} : (JSON.parse(line) as Wire);
    if (command !== 'ingest') continue;
    const { chainId = '', messages = [] } = params ?? {};
    recorded.set(chainId, (recorded.get(chainId) ?? 0) + messages.length);
  }
  return recorded;
}

function parse(body: Uint8Array): Wire {
  return JSON.parse(new TextDecoder().decode(body)) as Wire;
}
