import { describeProgress, proveStatement } from '../light-client/client-evidence.ts';
import {
  advanceClient,
  bootstrapClient,
  type ClientState,
  initialClient,
  type StartedClient,
} from '../light-client/client-state.ts';
import type { ClientConfig } from '../light-client/kinds.ts';
import {
  type BundleStep,
  type BundleTrust,
  readBundleHead,
  readStatement,
} from './bundle-format.ts';
import { describeAge } from './describe-checkpoint.ts';
import { describeTrust } from './describe-trust.ts';
import { requireKnownTrust } from './require-known-trust.ts';
import { EvidenceFileError, type OpenedEvidence, type VerifyOptions } from './verify-step.ts';

type Params<C extends BundleStep['command']> = Extract<BundleStep, { command: C }>['params'];

/** What the steps so far have proven: where each light client stands, by id. */
type Proven = Map<string, ClientState>;

interface Ground {
  readonly trust: BundleTrust;
  readonly options: VerifyOptions;
}

/**
 * Opens a proof bundle by its first line: says what it rests on, and gives the function that checks its other lines in
 * order. The checks are those of the enclave's light clients.
 *
 * @throws {EvidenceFileError} the line is none of a bundle, or the bundle rests on another configuration
 */
export function openBundle(head: unknown, options: VerifyOptions): OpenedEvidence {
  const { trust, readStep } = readBundleHead(head);
  requireKnownTrust(trust, options.expected);
  const proven: Proven = new Map(trust.lightClients.map((each) => [each.id, initialClient(each)]));
  return {
    trust: [
      'trusted, because the bundle says so (compare it with what you know from elsewhere):',
      ...describeTrust(trust, options),
    ],
    verify: async (line) => verifyStep(readStep(line), proven, { trust, options }),
  };
}

function verifyStep(step: BundleStep, proven: Proven, ground: Ground): string {
  switch (step.command) {
    case 'bootstrap':
      return bootstrap(step.params, proven, ground);
    case 'advance':
      return advance(step.params, proven, ground);
    case 'prove':
      return prove(step.params, proven, ground);
  }
}

function bootstrap(params: Params<'bootstrap'>, proven: Proven, ground: Ground): string {
  const { config, state } = clientOf(params.client, proven, ground);
  const started = bootstrapClient(config, state, params.bootstrap);
  if (started === undefined) {
    throw new EvidenceFileError(`${config.id} begins at its checkpoint, without a bootstrap`);
  }
  const age = describeAge(config, started, ground.options);
  proven.set(config.id, started);
  return `the checkpoint, ${age}, commits to it; ${config.id} ${describeProgress(config, state, started)}`;
}

function advance({ client, updates }: Params<'advance'>, proven: Proven, ground: Ground): string {
  const { config, state } = clientOf(client, proven, ground);
  const { store, recent } = state;
  if (store === null)
    throw new EvidenceFileError(`updates of ${client} stand before its bootstrap`);
  const maxRecent = Number.MAX_SAFE_INTEGER;
  const after = updates.reduce<StartedClient>(
    (before, update) => advanceClient(config, before, { update, maxRecent }),
    { store, recent },
  );
  proven.set(client, after);
  return `${updates.length} update(s) hold; ${client} ${describeProgress(config, state, after)}`;
}

function prove(params: Params<'prove'>, proven: Proven, ground: Ground): string {
  const chain = ground.trust.chains.find(({ name }) => name === params.chain);
  if (chain === undefined)
    throw new EvidenceFileError(`its first line has no chain ${params.chain}`);
  const { kind, route, lightClient, final } = chain;
  const client = lightClient === undefined ? undefined : clientOf(lightClient, proven, ground);
  const statement = readStatement(chain, params.statement);
  const known = {
    client: chain.name,
    config: client?.config,
    recent: [...final, ...(client?.state.recent ?? [])],
  };
  return `in ${chain.name} ${proveStatement({ kind, route, statement }, known)}`;
}

function clientOf(
  id: string,
  proven: Proven,
  { trust }: Ground,
): { readonly config: ClientConfig; readonly state: ClientState } {
  const config = trust.lightClients.find((each) => each.id === id);
  const state = proven.get(id);
  if (config === undefined || state === undefined) {
    throw new EvidenceFileError(`its first line has no light client ${id}`);
  }
  return { config, state };
}
