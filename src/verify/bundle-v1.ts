import * as z from 'zod';
import { parseLine } from './parse-line.ts';
import { EvidenceFileError } from './verify-step.ts';

// Version 1 of proof bundles named two chains. Its lines say the same as lines of version 2, so they are rewritten and
// nothing else has to know of it. The names below are that format's own.

const headSchema = z.strictObject({
  bundle: z.literal(1),
  trust: z.strictObject({
    ethereum: z.record(z.string(), z.unknown()).optional(),
    /** Hash of an execution block that is taken to be final. */
    ethereumBlock: z.unknown().optional(),
    polkadot: z.strictObject({ checkpoint: z.unknown(), topology: z.unknown() }).optional(),
  }),
});
const paramsSchema = z.record(z.string(), z.unknown());
const stepSchema = z.strictObject({ command: z.string(), params: paramsSchema });

type Params = z.output<typeof paramsSchema>;

/** Whether a first line is of version 1. */
export function isVersion1(line: unknown): boolean {
  return (line as { bundle?: unknown } | null)?.bundle === 1;
}

/** The first line of version 2 that says the same. @throws {EvidenceFileError} it is none of version 1 */
export function upgradeHead(line: unknown): unknown {
  const { ethereum, ethereumBlock, polkadot } = parseLine(headSchema, line).trust;
  const final = ethereumBlock === undefined ? [] : [{ hash: ethereumBlock }];
  const lightClients = [
    ...(ethereum ? [{ ...ethereum, ...ETHEREUM }] : []),
    ...(polkadot ? [{ checkpoint: polkadot.checkpoint, ...POLKADOT }] : []),
  ];
  const chains = [
    ...(ethereum || ethereumBlock !== undefined
      ? [chainOf(ETHEREUM, { route: 'direct', final, isProven: ethereum !== undefined })]
      : []),
    ...(polkadot
      ? [chainOf(POLKADOT, { route: routeOf(polkadot.topology), final: [], isProven: true })]
      : []),
  ];
  return { bundle: 2, trust: { lightClients, chains } };
}

const ETHEREUM = { id: 'ethereum', kind: 'ethereum' };
const POLKADOT = { id: 'polkadot', kind: 'substrate' };

function chainOf(
  { id, kind }: typeof ETHEREUM,
  rest: { readonly route: unknown; readonly final: readonly unknown[]; readonly isProven: boolean },
): unknown {
  const { route, final, isProven } = rest;
  return { name: id, kind, route, final, ...(isProven && { lightClient: id }) };
}

function routeOf(topology: unknown): unknown {
  return topology === 'solo' ? 'direct' : topology;
}

const UPGRADES: ReadonlyMap<string, (params: Params) => { command: string; params: Params }> =
  new Map([
    [
      'bootstrapEthereum',
      (params) => ({ command: 'bootstrap', params: { ...params, client: ETHEREUM.id } }),
    ],
    [
      'advanceEthereum',
      (params) => ({ command: 'advance', params: { ...params, client: ETHEREUM.id } }),
    ],
    [
      'advancePolkadot',
      ({ fragments, ...params }) => ({
        command: 'advance',
        params: { ...params, client: POLKADOT.id, updates: fragments },
      }),
    ],
    ['proveEthereumState', (statement) => prove(ETHEREUM, statement)],
    ['provePolkadotSlots', (statement) => prove(POLKADOT, statement)],
    ['provePolkadotContract', (statement) => prove(POLKADOT, statement)],
  ]);

/** Any other line of version 2 that says the same. @throws {EvidenceFileError} it is none of version 1 */
export function upgradeStep(line: unknown): unknown {
  const { command, params } = parseLine(stepSchema, line);
  const upgrade = UPGRADES.get(command);
  if (upgrade === undefined) throw new EvidenceFileError(`command: no step is called ${command}`);
  return upgrade(params);
}

function prove({ id }: typeof ETHEREUM, statement: Params): { command: string; params: Params } {
  return { command: 'prove', params: { chain: id, statement } };
}
