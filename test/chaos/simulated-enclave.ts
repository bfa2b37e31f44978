import { toRemoteError } from '../../src/enclave/answer.ts';
import { dispatch } from '../../src/enclave/dispatch/dispatch.ts';
import { initialState } from '../../src/enclave/initial-state.ts';
import { deriveEnclaveKeys } from '../../src/enclave/keys/enclave-keys.ts';
import type { MeasuredConfig } from '../../src/enclave/measured-config.ts';
import {
  clientStateOf,
  type EnclaveContext,
  type EnclaveState,
  MAX_RECENT_HEADERS,
  withClient,
} from '../../src/enclave/state.ts';
import { type EnclaveClient, RemoteRefusal } from '../../src/enclave-client/enclave-client.ts';
import type {
  CommandName,
  CommandParams,
  CommandResult,
  EnclaveStatus,
  LightClientStatus,
} from '../../src/protocol/enclave-commands.ts';
import type { Request } from '../../src/protocol/enclave-wire.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import { makeSigners, makeStore } from '../support/ethereum-world.ts';
import type { Block, SimulatedChain } from './chain.ts';
import type { Gate } from './gate.ts';

/** Code of the refusal of a block that the light client has passed. */
export const CHAIN_TOO_OLD = 'SIMULATED_TOO_OLD';

/** A slot of the fork whose headers the simulated Ethereum has. */
const SLOT = 160;
const STORE = makeStore(SLOT, makeSigners(1).committee);

export interface EnclaveOptions {
  readonly name: string;
  readonly config: MeasuredConfig;
  readonly masterSecret: Uint8Array;
  readonly signingKey: Uint8Array;
  /** By light client. */
  readonly chains: ReadonlyMap<string, SimulatedChain>;
}

/**
 * An enclave with its real commands, ledger and proofs. Only what makes a block final is not verified but looked up: its light clients
 * take the hashes of final blocks.
 */
export class SimulatedEnclave {
  readonly options: EnclaveOptions;
  readonly #context: EnclaveContext;
  #state: EnclaveState;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: EnclaveOptions) {
    const { config, masterSecret, signingKey } = options;
    this.options = options;
    const keys = deriveEnclaveKeys({ masterSecret, signingKey }, config.epoch);
    const rng = { bytes: (length: number) => new Uint8Array(length).fill(3) };
    this.#context = { config, keys, measurement: `0x${'33'.repeat(32)}`, rng };
    this.#state = initialState(this.#context);
    for (const [id, chain] of options.chains) this.#take(id, chain.at(0));
  }

  get signer(): Hex {
    return this.#context.keys.signer;
  }

  get ledger(): EnclaveState['durable']['ledger'] {
    return this.#state.durable.ledger;
  }

  /** The public key that users of the first epoch seal to. */
  epochKey(): Promise<Hex> {
    return this.#context.keys.epochKeyOf(1n);
  }

  /** The process starts anew from what it had sealed. */
  restart(): void {
    this.#state = initialState(this.#context, this.#state.durable);
  }

  /** As one run of a relayer reaches it. */
  clientFor(gate: Gate): EnclaveClient {
    const { name } = this.options;
    return {
      address: name,
      ask: (command, params) =>
        gate.pass({ peer: 'enclave', of: name, name: command }, () => this.#ask(command, params)),
      close: () => undefined,
    };
  }

  /** One command after the other. */
  #ask<N extends CommandName>(command: N, params: CommandParams<N>): Promise<CommandResult<N>> {
    const mine = this.#last.then(() => this.#run(command, params));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #run<N extends CommandName>(
    command: N,
    params: CommandParams<N>,
  ): Promise<CommandResult<N>> {
    try {
      const result = await (command === 'advance'
        ? this.#advance(params as CommandParams<'advance'>)
        : this.#dispatch(command, params));
      return this.#withClients(result) as CommandResult<N>;
    } catch (error) {
      throw new RemoteRefusal(command, toRemoteError(error));
    }
  }

  async #dispatch(command: CommandName, params: unknown): Promise<CommandResult<CommandName>> {
    const request = { id: 1, command, params } as Request;
    const step = await dispatch(this.#state, request, this.#context);
    this.#state = step.state;
    return step.result;
  }

  async #advance({ client, updates }: CommandParams<'advance'>) {
    const chain = this.#chain(client);
    for (const hash of updates) {
      const block = chain.byHash(hash as Hex);
      if (block === undefined || block.number > chain.final.number) {
        throw new SimulatedRefusal('SIMULATED_NOT_FINAL');
      }
      if (block.number <= this.#held(client).number) throw new SimulatedRefusal(CHAIN_TOO_OLD);
      this.#take(client, block);
    }
    return await this.#dispatch('status', {});
  }

  #take(id: string, block: Block): void {
    const chain = this.#chain(id);
    const { hash, number } = block;
    const isEthereum = chain.options.kind === 'ethereum';
    const client = clientStateOf(this.#state.durable, id);
    const taken = isEthereum
      ? { hash, slot: SLOT }
      : { number, hash, stateRoot: chain.stateRoot(block) };
    const recent = [...client.recent, taken].slice(-MAX_RECENT_HEADERS);
    const store = isEthereum ? STORE : client.store;
    this.#state = withClient(this.#state, id, { store, recent });
  }

  #held(id: string): Block {
    const { recent } = clientStateOf(this.#state.durable, id);
    const chain = this.#chain(id);
    return chain.byHash(recent.at(-1)?.hash ?? '0x') ?? chain.at(0);
  }

  #chain(id: string): SimulatedChain {
    const chain = this.options.chains.get(id);
    if (chain === undefined) throw new SimulatedRefusal('ENCLAVE_CLIENT_UNKNOWN');
    return chain;
  }

  /** Where a status tells of light clients, it tells of the simulated ones. */
  #withClients(result: CommandResult<CommandName>): CommandResult<CommandName> {
    if (!('lightClients' in result)) return result;
    const lightClients = (result as EnclaveStatus).lightClients.map((each): LightClientStatus => {
      const { hash, number } = this.#held(each.client);
      return each.kind === 'ethereum'
        ? { ...each, held: hash, finalizedSlot: BigInt(number), knowsNextSyncCommittee: true }
        : { ...each, held: hash, finalizedNumber: BigInt(number) };
    });
    return { ...(result as EnclaveStatus), lightClients };
  }
}

class SimulatedRefusal extends BridgeError {
  readonly code: string;
  readonly disposition = 'retry';
  constructor(code: string) {
    super(`Refused: ${code}.`, {});
    this.code = code;
  }
}
