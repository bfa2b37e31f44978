import { encodeFrame } from '../protocol/enclave-frames.ts';
import {
  decodeRequest,
  encodeBody,
  type RemoteError,
  type Response,
} from '../protocol/enclave-wire.ts';
import { BridgeError } from '../shared/errors.ts';
import { dispatch } from './dispatch/dispatch.ts';
import type { EnclaveContext, EnclaveState } from './state.ts';

/** Makes a change of state durable; called before the answer that tells of it. */
export type Persist = (before: EnclaveState, after: EnclaveState) => void;

/** An enclave without its pipe: request body in, response frame out, one at a time. */
export interface Enclave {
  answer(body: Uint8Array): Promise<Uint8Array>;
}

/**
 * Runs commands one after another over one state.
 *
 * A command is all or nothing: its state counts only once it is durable and its answer fits a frame.
 * The caller waits for each answer before it asks again.
 */
export function createEnclave(
  context: EnclaveContext,
  initial: EnclaveState,
  persist: Persist,
): Enclave {
  let state = initial;
  const run = async (body: Uint8Array): Promise<Uint8Array> => {
    const request = decodeRequest(body);
    const step = await dispatch(state, request, context);
    const frame = encodeResponse({ id: request.id, ok: true, result: step.result });
    persist(state, step.state);
    state = step.state;
    return frame;
  };
  return {
    async answer(body) {
      try {
        return await run(body);
      } catch (error) {
        return encodeResponse({ id: readId(body), ok: false, error: toRemoteError(error) });
      }
    },
  };
}

function encodeResponse(response: Response): Uint8Array {
  return encodeFrame(encodeBody(response));
}

const MAX_MESSAGE = 1024;

/**
 * What the other side may know of a refusal. SECURITY: an error that this project did not throw on purpose may say
 * anything, so nothing of it leaves.
 */
export function toRemoteError(error: unknown): RemoteError {
  if (!(error instanceof BridgeError)) {
    return {
      code: 'ENCLAVE_INTERNAL',
      disposition: 'retry',
      message: 'The enclave failed in a way that it was not written to explain; try again.',
      meta: {},
    };
  }
  const meta = Object.entries(error.meta).slice(0, 16);
  return {
    code: error.code,
    disposition: error.disposition,
    message: error.message.slice(0, MAX_MESSAGE),
    meta: Object.fromEntries(
      meta.map(([name, value]) => [name.slice(0, 64), String(value).slice(0, MAX_MESSAGE)]),
    ),
  };
}

/** The request's id if it can be read at all, so that its sender can tell which one was refused; else 0. */
export function readId(body: Uint8Array): number {
  try {
    const request: unknown = JSON.parse(new TextDecoder().decode(body));
    const id = (request as { id?: unknown } | null)?.id;
    return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : 0;
  } catch {
    return 0;
  }
}
