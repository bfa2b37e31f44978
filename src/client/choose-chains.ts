import type { ClientChain, ClientConfig } from '../config/client.ts';
import { BridgeError } from '../shared/errors.ts';

/** Where a transfer starts and where it ends. */
export interface ChosenChains {
  readonly source: ClientChain;
  readonly destination: ClientChain;
}

/**
 * The chains of a configuration that a user names. The destination may be left out where there is only one.
 *
 * @throws {ChainChoiceError} CONFIG_CHAIN_UNKNOWN, CONFIG_DESTINATION_MISSING, CONFIG_DESTINATION_IS_SOURCE
 */
export function chooseChains(
  { chains }: Pick<ClientConfig, 'chains'>,
  from: string,
  to?: string,
): ChosenChains {
  const source = chainNamed(chains, from);
  const others = chains.filter((chain) => chain !== source);
  if (to === undefined) {
    const [only, ...more] = others;
    if (only !== undefined && more.length === 0) return { source, destination: only };
    throw new ChainChoiceError('CONFIG_DESTINATION_MISSING', from, others);
  }
  const destination = chainNamed(chains, to);
  if (destination !== source) return { source, destination };
  throw new ChainChoiceError('CONFIG_DESTINATION_IS_SOURCE', to, others);
}

function chainNamed(chains: readonly ClientChain[], name: string): ClientChain {
  const chain = chains.find((each) => each.name === name);
  if (chain !== undefined) return chain;
  throw new ChainChoiceError('CONFIG_CHAIN_UNKNOWN', name, chains);
}

export type ChainChoiceErrorCode =
  | 'CONFIG_CHAIN_UNKNOWN'
  | 'CONFIG_DESTINATION_MISSING'
  | 'CONFIG_DESTINATION_IS_SOURCE';

const WHAT: Readonly<Record<ChainChoiceErrorCode, (chain: string) => string>> = {
  CONFIG_CHAIN_UNKNOWN: (chain) => `no chain is called "${chain}"`,
  CONFIG_DESTINATION_MISSING: (chain) => `more than one chain can be reached from ${chain}`,
  CONFIG_DESTINATION_IS_SOURCE: (chain) => `${chain} cannot be reached from itself`,
};

/** A chain that cannot be chosen; `choices` are those that can. */
export class ChainChoiceError extends BridgeError<{ chain: string; choices: string }> {
  readonly code: ChainChoiceErrorCode;
  readonly disposition = 'reject';
  constructor(code: ChainChoiceErrorCode, chain: string, among: readonly ClientChain[]) {
    const choices = among.map(({ name }) => name).join(', ');
    super(`In this configuration ${WHAT[code](chain)}; give one of ${choices}.`, {
      chain,
      choices,
    });
    this.code = code;
  }
}
