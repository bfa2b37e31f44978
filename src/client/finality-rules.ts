import type { FinalityRule } from '../chains/shared/finality-source.ts';
import type { ClientConfig } from '../config/client.ts';
import type { Connections } from './connect.ts';

/** How long each of a client's chains needs to be sure, by chain id, as the nodes of their light clients say. */
export async function fetchFinalityRules(
  { chains }: Pick<ClientConfig, 'chains'>,
  { finality }: Pick<Connections, 'finality'>,
): Promise<ReadonlyMap<bigint, FinalityRule>> {
  const asked = [...finality].map(async ([id, source]) => [id, await source.rule()] as const);
  const rules = new Map(await Promise.all(asked));
  return new Map(
    chains.flatMap(({ chainId, lightClient }) => {
      const rule = rules.get(lightClient);
      return rule === undefined ? [] : [[chainId, rule] as const];
    }),
  );
}
