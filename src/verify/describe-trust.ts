import type { ClientConfig } from '../light-client/kinds.ts';
import type { Route } from '../protocol/chain-kind.ts';
import { describeCheckpoints, type KnownSince, labelled } from './describe-checkpoint.ts';

/** What evidence rests on, whichever form it has. */
export interface Trust {
  readonly lightClients: readonly ClientConfig[];
  readonly chains: readonly {
    readonly name: string;
    readonly lightClient?: string | undefined;
    readonly route: Route;
    readonly final?: readonly { readonly hash: string }[];
  }[];
}

/**
 * What evidence rests on, as lines of text.
 *
 * @throws {CheckpointAgeError} a checkpoint that says it is older than the weak-subjectivity period
 */
export function describeTrust({ lightClients, chains }: Trust, options: KnownSince): string[] {
  return [
    ...describeCheckpoints(lightClients, options),
    ...chains.flatMap(({ name, lightClient, route, final = [] }) => [
      ...describeRoute({ name, lightClient, route }),
      ...final.map(({ hash }) => labelled(name, `block ${hash} is final`)),
    ]),
    '  and that two thirds of each committee and authority set since then were honest\n',
  ];
}

/** How a chain's blocks become final; nothing if it is what the light client of the same name says already. */
function describeRoute({ name, lightClient, route }: Trust['chains'][number]): string[] {
  if (lightClient === undefined) return [];
  if (route !== 'direct') {
    return [labelled(name, `contracts are on parachain ${route.paraId} of ${lightClient}`)];
  }
  return name === lightClient ? [] : [labelled(name, `blocks are final by ${lightClient}`)];
}
