import type { CommandName } from '../../protocol/enclave-commands.ts';
import type { Request } from '../../protocol/enclave-wire.ts';
import type { EnclaveContext, EnclaveState } from '../state.ts';
import { advance } from './advance.ts';
import { bootstrap } from './bootstrap.ts';
import { confirmAnchored } from './confirm-anchored.ts';
import { evidence } from './evidence.ts';
import { exportSnapshot } from './export-snapshot.ts';
import { ingest } from './ingest.ts';
import { ingestControl } from './ingest-control.ts';
import { propose } from './propose.ts';
import { proveReleased } from './prove-released.ts';
import { query } from './query.ts';
import { restoreSnapshot } from './restore-snapshot.ts';
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
      return await status(state, context);
    case 'evidence':
      return await evidence(state, request.params, context);
    case 'bootstrap':
      return await bootstrap(state, request.params, context);
    case 'advance':
      return await advance(state, request.params, context);
    case 'ingest':
      return ingest(state, request.params, context);
    case 'ingestControl':
      return await ingestControl(state, request.params, context);
    case 'proveReleased':
      return await proveReleased(state, request.params, context);
    case 'propose':
      return await propose(state, request.params, context);
    case 'signCommit':
      return signCommit(state, request.params, context);
    case 'confirmAnchored':
      return confirmAnchored(state, request.params, context);
    case 'reveal':
      return reveal(state, request.params, context);
    case 'exportSnapshot':
      return exportSnapshot(state, request.params, context);
    case 'restoreSnapshot':
      return await restoreSnapshot(state, request.params, context);
    case 'query':
      return await query(state, request.params, context);
    default:
      return request satisfies never;
  }
}
