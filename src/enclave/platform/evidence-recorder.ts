import { appendFileSync } from 'node:fs';

/** Told of every request and its answer. */
export type Recorder = (request: Uint8Array, answer: Uint8Array) => void;

/** The commands that prove something: what `veilspan verify` can repeat without the enclave's keys. */
const PROVING = new Set([
  'bootstrapEthereum',
  'advanceEthereum',
  'advancePolkadot',
  'ingest',
  'confirmAnchored',
]);

/** Appends to `file`, one line each, the proving commands that the enclave accepted. */
export function createRecorder(file: string): Recorder {
  return (request, answer) => {
    if (!isAccepted(answer)) return;
    const text = new TextDecoder().decode(request);
    const { command } = JSON.parse(text) as { command: string };
    if (PROVING.has(command)) appendFileSync(file, `${text}\n`);
  };
}

function isAccepted(answer: Uint8Array): boolean {
  const { ok } = JSON.parse(new TextDecoder().decode(answer)) as { ok: boolean };
  return ok;
}
