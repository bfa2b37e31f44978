import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs';

/** Commands whose parameters are proofs that anyone can check. */
const PROOFS = new Set<string>(['bootstrap', 'advance', 'confirmAnchored']);
/** Commands whose messages are on record once. */
const INGESTS = new Set<string>(['ingest', 'ingestControl']);

/** Notes a request's body and the body of its answer. */
export type NoteProof = (request: Uint8Array, answer: Uint8Array) => void;

/** The parts of requests and answers that are looked at here. */
interface Wire {
  readonly ok?: boolean;
  readonly command?: string;
  readonly params?: Ingest;
  readonly result?: Restored;
  readonly restored?: Restored;
}

/** What is known of outboxes: the part of a status that says it. */
interface Restored {
  readonly ingested?: readonly { readonly chainId: string; readonly position: Position }[];
  readonly control?: { readonly position: Position };
}

interface Position {
  readonly count: string;
  readonly head: string;
}

interface Ingest {
  readonly chainId?: string;
  readonly fromIndex?: string;
  readonly messages?: readonly unknown[];
  readonly proof?: unknown;
}

/**
 * Opens a record of proofs, so that a user can check on a machine of their own what an enclave was shown.
 *
 * One JSON object per line: first `{ measured }`, the measured configuration; then `{ command, params }` as they went
 * over the pipe, for every proof that the enclave accepted, in its order. An enclave is shown messages again that it was
 * started anew for or had no room for; the record has each once that is proven. Where it was given a snapshot, `{ restored }`
 * says from which positions the outboxes go on: what the next proof has to bear out. The record holds what is public on the
 * chains and sealed envelopes.
 *
 * @param isNew the enclave has no past: a record that is there is another's, and is moved aside
 */
export function openProofRecord(
  path: string,
  { measured, isNew }: { readonly measured: unknown; readonly isNew: boolean },
): NoteProof {
  const append = (line: unknown) => appendFileSync(path, `${JSON.stringify(line)}\n`);
  if (isNew && existsSync(path)) renameSync(path, `${path}.old`);
  const proven = existsSync(path) ? countProven(path) : new Map<string, number>();
  if (!existsSync(path) || statSync(path).size === 0) append({ measured });
  return (request, answer) => {
    const { ok, result = {} } = parse(answer);
    if (ok !== true) return;
    const { command = '', params } = parse(request);
    if (PROOFS.has(command)) return append({ command, params });
    if (command === 'restoreSnapshot' && params?.proof !== null) {
      const restored = positionsOf(result);
      append({ restored });
      return noteRestored(restored, proven);
    }
    const unproven =
      params === undefined || !INGESTS.has(command) ? undefined : withoutProven(params, proven);
    if (unproven === undefined) return;
    append({ command, params: unproven });
    noteProven(unproven, proven);
  };
}

/** The anchor's own outbox among those of the chains, whose ids are numbers. */
const CONTROL = 'control';

function positionsOf({ ingested = [], control }: Restored): Restored {
  const outboxes = ingested.map(({ chainId, position }) => ({ chainId, position }));
  return { ingested: outboxes, ...(control && { control: { position: control.position } }) };
}

function noteRestored({ ingested = [], control }: Restored, proven: Map<string, number>): void {
  for (const { chainId, position } of ingested) proven.set(chainId, Number(position.count));
  if (control !== undefined) proven.set(CONTROL, Number(control.position.count));
}

/** A portion without the messages that are on record and proven; undefined if nothing is left of it. */
function withoutProven(params: Ingest, proven: ReadonlyMap<string, number>): Ingest | undefined {
  const { chainId = CONTROL, messages = [] } = params;
  const known = proven.get(chainId) ?? 0;
  const from = Number(params.fromIndex);
  if (from + messages.length <= known) return undefined;
  if (from >= known) return params;
  return { ...params, fromIndex: `${known}`, messages: messages.slice(known - from) };
}

function noteProven(params: Ingest, proven: Map<string, number>): void {
  const { chainId = CONTROL, messages = [], proof } = params;
  if (proof !== null) proven.set(chainId, Number(params.fromIndex) + messages.length);
}

/** A record may be longer than any text: it is read in parts. */
const READ_BYTES = 1 << 18;
const NEWLINE = 0x0a;

/** The whole lines of a file. What a loss of power has left behind the last of them is cut off. */
function* wholeLines(path: string): Generator<string> {
  const file = openSync(path, 'r');
  const part = Buffer.alloc(READ_BYTES);
  let open: Buffer[] = [];
  let length = 0;
  try {
    for (let read = readSync(file, part); read > 0; read = readSync(file, part)) {
      let start = 0;
      for (;;) {
        const end = part.subarray(0, read).indexOf(NEWLINE, start);
        if (end < 0) break;
        const line = Buffer.concat([...open, part.subarray(start, end)]);
        open = [];
        start = end + 1;
        length += line.length + 1;
        yield line.toString('utf8');
      }
      open.push(Buffer.from(part.subarray(start, read)));
    }
  } finally {
    closeSync(file);
  }
  if (open.some((rest) => rest.length > 0)) truncateSync(path, length);
}

/** How many messages are on record and proven, by chain id. */
function countProven(path: string): Map<string, number> {
  const proven = new Map<string, number>();
  for (const line of wholeLines(path)) {
    const { command = '', params, restored } = JSON.parse(line) as Wire;
    if (restored !== undefined) noteRestored(restored, proven);
    if (INGESTS.has(command) && params !== undefined) noteProven(params, proven);
  }
  return proven;
}

function parse(body: Uint8Array): Wire {
  return JSON.parse(new TextDecoder().decode(body)) as Wire;
}
