import * as z from 'zod';
import {
  blockSchemaOf,
  routeSchemaOf,
  statementSchemaOf,
} from '../light-client/client-evidence.ts';
import { lightClientSchema } from '../light-client/kinds.ts';
import { CHAIN_KINDS } from '../protocol/chain-kind.ts';
import { COMMANDS } from '../protocol/enclave-commands.ts';
import { nameSchema } from '../shared/name-schema.ts';
import { isVersion1, upgradeHead, upgradeStep } from './bundle-v1.ts';
import { parseLine } from './parse-line.ts';

// A proof bundle: one JSON object per line. The first says what is trusted, every other is a step that is proven from
// it. The steps of the light clients are the enclave's commands. Documented in docs/light-clients.md.

const MAX_ENTRIES = 16;
const MAX_TRUSTED_BLOCKS = 64;

const chain = z.strictObject({
  name: nameSchema,
  kind: z.enum(CHAIN_KINDS),
  /** Id of the light client that makes its blocks final. */
  lightClient: nameSchema.optional(),
  /** How its contracts are reached from a final block. */
  route: z.unknown(),
  /** Blocks taken to be final without a proof. */
  final: z.array(z.unknown()).max(MAX_TRUSTED_BLOCKS).default([]),
});

const trustSchema = z
  .strictObject({
    /** Where light clients start, and their rules; as in the measured configuration. */
    lightClients: z.array(lightClientSchema).max(MAX_ENTRIES),
    chains: z.array(chain).max(MAX_ENTRIES),
  })
  .superRefine(checkNames);

const headSchema = z.strictObject({ bundle: z.literal(2), trust: trustSchema });

interface Names {
  readonly lightClients: readonly { readonly id: string; readonly kind: string }[];
  readonly chains: readonly {
    readonly name: string;
    readonly kind: string;
    readonly lightClient?: string | undefined;
  }[];
}

/** SECURITY: a name that stood for two things would be checked as the one and read as the other. */
function checkNames({ lightClients, chains }: Names, context: z.RefinementCtx): void {
  const refuse = (path: PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  lightClients.forEach(({ id }, i) => {
    if (lightClients.findIndex((other) => other.id === id) === i) return;
    refuse(['lightClients', i, 'id'], `a light client "${id}" is listed before`);
  });
  chains.forEach(({ name, kind, lightClient }, i) => {
    if (chains.findIndex((other) => other.name === name) !== i) {
      refuse(['chains', i, 'name'], `a chain "${name}" is listed before`);
    }
    if (lightClient === undefined) return;
    if (lightClients.some((each) => each.id === lightClient && each.kind === kind)) return;
    refuse(['chains', i, 'lightClient'], `lightClients has no "${lightClient}" of kind ${kind}`);
  });
}

const stepSchema = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('bootstrap'), params: COMMANDS.bootstrap.params }),
  z.strictObject({ command: z.literal('advance'), params: COMMANDS.advance.params }),
  z.strictObject({
    /** What a contract holds in a final block, in the form of the chain's kind. */
    command: z.literal('prove'),
    params: z.strictObject({ chain: nameSchema, statement: z.unknown() }),
  }),
]);

/** Every line but the first. */
export type BundleStep = z.output<typeof stepSchema>;

/** What a bundle rests on. */
export type BundleTrust = ReturnType<typeof readBundleHead>['trust'];

/** A chain of a bundle. */
export type BundleChain = BundleTrust['chains'][number];

/**
 * Reads a bundle's first line: on what everything after it rests. A line of version 1, which knew two chains, is read as
 * the line of version 2 that says the same.
 *
 * @returns what is trusted, and the function that reads the other lines
 * @throws {EvidenceFileError} it is none
 */
export function readBundleHead(line: unknown) {
  const isOld = isVersion1(line);
  const { trust } = parseLine(headSchema, isOld ? upgradeHead(line) : line);
  const chains = trust.chains.map(({ kind, route, final, ...rest }) => ({
    ...rest,
    kind,
    route: parseLine(routeSchemaOf(kind), route),
    final: final.map((block) => parseLine(blockSchemaOf(kind), block)),
  }));
  return {
    trust: { ...trust, chains },
    readStep: (step: unknown) => parseLine(stepSchema, isOld ? upgradeStep(step) : step),
  };
}

/** Reads what a `prove` step states of a chain. @throws {EvidenceFileError} another form than its kind's */
export function readStatement({ kind }: BundleChain, statement: unknown) {
  return parseLine(statementSchemaOf(kind), statement);
}
