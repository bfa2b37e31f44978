import type { CommandName } from '../../protocol/enclave-commands.ts';
import type { Request } from '../../protocol/enclave-wire.ts';
import type { EnclaveContext, EnclaveState } from '../state.ts';
import { advance } from './advance.ts';
import { bootstrap } from './bootstrap.ts';
import { confirmAnchored } from './confirm-anchored.ts';
import { evidence } from './evidence.ts';
import { ingest } from './ingest.ts';
import { propose } from './propose.ts';
import { reveal } from './reveal.ts';
import { signCommit } from './sign-commit.ts';
import { status } from './status.ts';
import type { Step } from './step.ts';

/**
 * Runs one command on a state. All or nothing: it returns the whole next state, or throws and has changed nothing.
 *
 * @throws {BridgeError} the refusal, by its code
 */
export async function dispatch(
  state: EnclaveState,
  request: Request,
  context: EnclaveContext,
): Promise<Step<CommandName>> {
  switch (request.command) {
    case 'status':
      return status(state, context);
    case 'evidence':
      return evidence(state, request.params, context);
    case 'bootstrap':
      return bootstrap(state, request.params, context);
    case 'advance':
      return advance(state, request.params, context);
    case 'ingest':
      return await ingest(state, request.params, context);
    case 'propose':
      return propose(state, request.params, context);
    case 'signCommit':
      return signCommit(state, request.params, context);
    case 'confirmAnchored':
      return confirmAnchored(state, request.params, context);
    case 'reveal':
      return reveal(state, request.params, context);
    default:
      return request satisfies never;
  }
}
