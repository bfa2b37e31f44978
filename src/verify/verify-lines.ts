import { dispatch } from '../enclave/dispatch/dispatch.ts';
import { initialState } from '../enclave/initial-state.ts';
import { deriveEnclaveKeys } from '../enclave/keys/enclave-keys.ts';
import {
  hashMeasuredConfig,
  lightClientOf,
  parseMeasuredConfig,
} from '../enclave/measured-config.ts';
import { proveAnchoredState } from '../enclave/prove-word.ts';
import { clientStateOf, type EnclaveContext, type EnclaveState } from '../enclave/state.ts';
import { describeProgress } from '../light-client/client-evidence.ts';
import { decodeRequest, type Request } from '../protocol/enclave-wire.ts';
import { type Hex, toHex, utf8 } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import type { Rng } from '../shared/rng.ts';
import { describeAge, labelled } from './describe-checkpoint.ts';
import { describeTrust } from './describe-trust.ts';
import { openBundle } from './verify-bundle.ts';
import { goOnFrom, type Outboxes, verifyControl, verifyIngest } from './verify-ingest.ts';
import { EvidenceFileError, type OpenedEvidence, type VerifyOptions } from './verify-step.ts';

const UNMEASURED: Hex = `0x${'00'.repeat(32)}`;
/** The verifier's own enclave needs keys to run; nothing that they make is checked, so anybody may know them. */
const NO_SECRET = new Uint8Array(32).fill(1);
/** It answers no questions, so it draws nothing. */
const NO_RNG: Rng = { bytes: (length) => new Uint8Array(length) };

/**
 * Repeats every check of recorded evidence: of the record that an enclave's host keeps, which begins with the measured
 * configuration, or of a proof bundle, which begins with what it rests on. Ends at the first line that proves nothing.
 *
 * @param lines the file's, one JSON object each
 * @yields what is trusted and what each line proves, or why it does not, as lines of text
 * @returns whether all lines hold, and there was one besides the first
 */
export async function* verifyLines(
  lines: AsyncIterable<string> | Iterable<string>,
  options: VerifyOptions,
): AsyncGenerator<string, boolean> {
  let opened: OpenedEvidence | undefined;
  let steps = 0;
  for await (const line of lines) {
    try {
      if (opened === undefined) {
        opened = await openEvidence(readObject(line), options);
        yield* opened.trust;
        continue;
      }
      steps++;
      yield `${numbered(steps)} ${await opened.verify(readObject(line), steps)}`;
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      yield `${numbered(steps)} REFUSED ${error.code}: ${onOneLine(error.message)}`;
      return false;
    }
  }
  yield steps === 0
    ? 'the file holds no evidence, so it proves nothing'
    : `all ${steps} steps hold, on the trust stated above`;
  return steps > 0;
}

async function openEvidence(
  head: Record<string, unknown>,
  options: VerifyOptions,
): Promise<OpenedEvidence> {
  if ('bundle' in head) return openBundle(head, options);
  const { measured } = head;
  requireSame(measured, options.expected);
  return openRecord(measured, options);
}

/** Checks the commands that an enclave accepted, on a state of its own. */
async function openRecord(measured: unknown, options: VerifyOptions): Promise<OpenedEvidence> {
  const context = contextOf(measured);
  let state = initialState(context);
  const outboxes: Outboxes = new Map();
  const verify = async (line: Record<string, unknown>, id: number) => {
    if (line['restored'] !== undefined) return goOnFrom(line['restored'], outboxes);
    const request = decodeRequest(utf8(JSON.stringify({ id, ...line })));
    if (request.command === 'confirmAnchored') {
      const stateId = proveAnchoredState(state, context, request.params);
      return `the anchor keeps ${stateId} as the state id after transition ${request.params.number}`;
    }
    if (request.command === 'ingest') {
      return verifyIngest(request.params, outboxes, { state, context });
    }
    if (request.command === 'ingestControl') {
      return verifyControl(request.params, outboxes, { state, context });
    }
    if (request.command !== 'bootstrap' && request.command !== 'advance') {
      throw new EvidenceFileError(`a record holds no "${request.command}", which proves nothing`);
    }
    const before = state;
    const step = await dispatch(state, request, context);
    state = step.state;
    return describeStep(request, { before, after: state }, { context, options });
  };
  const trust = [
    'trusted, because the configuration says so:',
    labelled('configuration', toHex(hashMeasuredConfig(measured))),
    ...describeTrust(context.config, options),
  ];
  return { trust, verify };
}

function readObject(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch (cause) {
    throw new EvidenceFileError('a line is not JSON', { cause });
  }
  throw new EvidenceFileError('a line is not a JSON object');
}

function requireSame(measured: unknown, expected: unknown): void {
  if (expected === undefined) return;
  const [got, wanted] = [measured, expected].map((config) => toHex(hashMeasuredConfig(config)));
  if (got === wanted) return;
  throw new EvidenceFileError(`its configuration is ${got}, yours is ${wanted}`);
}

function contextOf(measured: unknown): EnclaveContext {
  const config = parseMeasuredConfig(measured);
  const secrets = { masterSecret: NO_SECRET, signingKey: NO_SECRET };
  const keys = deriveEnclaveKeys(secrets, config.epoch);
  return { config, measurement: UNMEASURED, keys, rng: NO_RNG };
}

interface Taken {
  readonly before: EnclaveState;
  readonly after: EnclaveState;
}

function describeStep(
  { command, params }: Extract<Request, { command: 'bootstrap' | 'advance' }>,
  { before, after }: Taken,
  { context, options }: { readonly context: EnclaveContext; readonly options: VerifyOptions },
): string {
  const config = lightClientOf(context.config, params.client);
  const from = clientStateOf(before.durable, config.id);
  const to = clientStateOf(after.durable, config.id);
  const progress = `${config.id} ${describeProgress(config, from, to)}`;
  if (command === 'advance') return progress;
  return `the checkpoint, ${describeAge(config, to, options)}, commits to it; ${progress}`;
}

/** An error may quote the file: nothing of it begins a line or moves the cursor of a terminal. */
function onOneLine(message: string): string {
  return message.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

function numbered(step: number): string {
  return String(step).padStart(4);
}
