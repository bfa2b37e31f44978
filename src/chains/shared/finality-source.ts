import type { ChainKind } from '../../protocol/chain-kind.ts';
import type { CommandParams, LightClientStatus } from '../../protocol/enclave-commands.ts';
import type { EndpointHealth } from './endpoints.ts';

/** A command that takes a light client a step further. */
export type FinalityStep =
  | { readonly command: 'bootstrap'; readonly params: CommandParams<'bootstrap'> }
  | { readonly command: 'advance'; readonly params: CommandParams<'advance'> };

/** Where a light client's finality comes from: nodes of one consensus. What they say is proven or refused. */
export interface FinalitySource {
  readonly kind: ChainKind;
  /**
   * The commands that take a light client from where it stands to the newest finality there is. After each, the caller
   * gives the status that it led to; the sequence ends when the client has all that the nodes can show.
   *
   * @throws {ChainError} CHAIN_UNAVAILABLE, CHAIN_ANSWER_MALFORMED, CHAIN_PERIOD_MISSING
   */
  follow(status: LightClientStatus): AsyncGenerator<FinalityStep, void, LightClientStatus>;
  /** Whether the client would miss something it needs, or fall far behind, if nobody took it along although nothing is to be proven. */
  isDue(status: LightClientStatus): Promise<boolean>;
  /** Codes of refusals that say that the client has come further meanwhile, by somebody else. */
  readonly overtaken: ReadonlySet<string>;
  /**
   * Says that an enclave has refused what a node told of finality: what was kept of it is asked for again, and of others first, for a while.
   *
   * @returns host of the node, if there is one to blame
   */
  distrust(why: string): string | undefined;
  /** The nodes that are asked, in the order of the configuration. */
  endpoints(): readonly EndpointHealth[];
  /** Questions that were asked so far, by method. */
  calls(): ReadonlyMap<string, number>;
  /** What the time to finality depends on, for estimates. */
  rule(): Promise<FinalityRule>;
  close(): Promise<void>;
}

/** Facts of a consensus that its time to finality depends on. */
export type FinalityRule =
  | {
      /** Casper FFG: a checkpoint is final two epochs after its own. */
      readonly kind: 'casper';
      readonly slotsPerEpoch: number;
      readonly slotMs: number;
    }
  | {
      /** GRANDPA: a few blocks behind the head. */
      readonly kind: 'grandpa';
      readonly blockMs: number;
      readonly lagBlocks: number;
    };
