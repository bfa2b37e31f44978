import type { CommandName, CommandResult } from '../../protocol/enclave-commands.ts';
import type { EnclaveState } from '../state.ts';

/** What a command leads to: the state after it, and its answer. A command that is refused throws instead. */
export interface Step<N extends CommandName> {
  readonly state: EnclaveState;
  readonly result: CommandResult<N>;
}
