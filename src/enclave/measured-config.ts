import * as z from 'zod';
import { addressSchema, chainIdSchema, checkChains, routeSchema } from '../config/chains.ts';
import { sha256 } from '../crypto/hashes.ts';
import type { LedgerRules } from '../ledger/rules.ts';
import { type ClientConfig, LIGHT_CLIENTS, lightClientSchema } from '../light-client/kinds.ts';
import { CHAIN_KINDS } from '../protocol/chain-kind.ts';
import type { SigningDomain } from '../protocol/eip712.ts';
import { MAX_CHAINS } from '../protocol/limits.ts';
import { concatBytes, type Hex, toHex, utf8 } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import { hexOf } from '../shared/hex-schema.ts';
import { nameSchema } from '../shared/name-schema.ts';
import { EnclaveError } from './enclave-error.ts';

const contract = {
  address: addressSchema.describe('Address of the contract.'),
  trieId: hexOf(32)
    .optional()
    .describe(
      'Id of its child trie, on kinds of chains that have one; a contract keeps it for life.',
    ),
};
/** A number of seconds or rounds, decoded as the ledger counts them. */
const countFrom = (least: number) =>
  z
    .int()
    .min(least)
    .transform((count) => BigInt(count));

const chain = z.strictObject({
  chainId: chainIdSchema.describe('Chain id of the EVM.'),
  name: nameSchema.describe('What people call it.'),
  kind: z.enum(CHAIN_KINDS).describe('How its state is verified.'),
  gateway: z.strictObject(contract).describe('The gateway.'),
  lightClient: z.string().describe('Id of the light client that makes it final.'),
  route: routeSchema.describe("How its state is reached from that light client's headers."),
  lagSec: countFrom(0).describe('Longer than it usually takes to be final, in seconds.'),
});

const rounds = z.strictObject({
  startSec: countFrom(0).describe(
    'When round 1 begins, in seconds of Unix time: after the deployment.',
  ),
  roundSec: countFrom(1).describe('Length of a round, in seconds.'),
  lateSec: countFrom(1).describe('Age after which a message is only refunded, in seconds.'),
  graceSec: countFrom(0).describe(
    'How long after its end a key epoch still opens what was sent, in seconds.',
  ),
});

const pools = z.strictObject({
  leastRoots: z
    .int()
    .min(1)
    .max(0xffff)
    .describe('Different depositors that a pooled leg leaves among at least.'),
  meanStayRounds: z
    .int()
    .min(1)
    .max(0xffff)
    .describe('Rounds that a leg which may leave stays on average.'),
});

/** Everything that decides what an enclave believes; its hash is part of the measurement. */
export const measuredConfigSchema = z
  .strictObject({
    lightClients: z
      .array(lightClientSchema)
      .min(1)
      .max(MAX_CHAINS)
      .describe('Where each light client starts, and its rules.'),
    chains: z.array(chain).min(1).max(MAX_CHAINS).describe('The chains that the bridge joins.'),
    anchor: z
      .strictObject({
        chainId: chainIdSchema.describe('The chain that it is on.'),
        ...contract,
      })
      .describe('The contract that keeps the state id and the log of commits.'),
    epoch: z
      .int()
      .positive()
      .transform((epoch) => BigInt(epoch))
      .describe(
        'The epoch whose signatures the contracts take, and the first whose key users seal to.',
      ),
    rounds: rounds.describe('How time is cut, and how long messages and keys are good for.'),
    pools: pools.describe('What hides who leaves with whom.'),
    houseAccount: hexOf(32).describe(
      'The account that is paid entry fees, and fees whose own account is not open.',
    ),
  })
  .superRefine((config, context) => {
    checkChains(config, context);
    checkKinds(config, context);
  });

interface Checked {
  readonly chains: readonly z.output<typeof chain>[];
  readonly anchor: {
    readonly chainId: bigint;
    readonly address: Hex;
    readonly trieId?: Hex | undefined;
  };
}

/** Refuses a contract or a route that a chain's kind does not have. */
function checkKinds({ chains, anchor }: Checked, context: z.RefinementCtx): void {
  const check = (schema: z.ZodType, value: unknown, at: PropertyKey[]) => {
    for (const { path, message } of schema.safeParse(value).error?.issues ?? []) {
      context.addIssue({ code: 'custom', path: [...at, ...path], message });
    }
  };
  chains.forEach(({ kind, gateway, route }, i) => {
    check(LIGHT_CLIENTS[kind].contractSchema, gateway, ['chains', i, 'gateway']);
    check(LIGHT_CLIENTS[kind].routeSchema, route, ['chains', i, 'route']);
  });
  const { chainId, ...anchored } = anchor;
  const at = chains.find((each) => each.chainId === chainId);
  if (at !== undefined) check(LIGHT_CLIENTS[at.kind].contractSchema, anchored, ['anchor']);
}

/** The measured configuration, decoded. */
export type MeasuredConfig = z.output<typeof measuredConfigSchema>;
/** The measured configuration as `enclave.json` holds it. */
export type MeasuredConfigJson = z.input<typeof measuredConfigSchema>;

/** Reads the measured configuration. @throws {MeasuredConfigError} the first key that is wrong, by name */
export function parseMeasuredConfig(json: unknown): MeasuredConfig {
  const parsed = measuredConfigSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const unknownKeys = issue?.code === 'unrecognized_keys' ? issue.keys : [];
  throw new MeasuredConfigError(
    [...(issue?.path ?? []), ...unknownKeys].join('.') || '(top)',
    issue?.message ?? 'invalid',
  );
}

/** A chain that the bridge joins. */
export type MeasuredChain = MeasuredConfig['chains'][number];

/** The chain of an id. @throws {EnclaveError} ENCLAVE_CHAIN_UNKNOWN */
export function chainOf({ chains }: MeasuredConfig, chainId: bigint): MeasuredChain {
  const found = chains.find((each) => each.chainId === chainId);
  if (found !== undefined) return found;
  const known = chains.map((each) => each.chainId).join(', ');
  const message = `Expected one of the chains ${known}, got ${chainId}; only they have a gateway.`;
  throw new EnclaveError('ENCLAVE_CHAIN_UNKNOWN', message, { chainId });
}

/** The light client of an id. @throws {EnclaveError} ENCLAVE_CLIENT_UNKNOWN */
export function lightClientOf({ lightClients }: MeasuredConfig, id: string): ClientConfig {
  const found = lightClients.find((each) => each.id === id);
  if (found !== undefined) return found;
  const known = lightClients.map((each) => each.id).join(', ');
  const message = `Expected one of the light clients ${known}, got ${id}; ask for the status.`;
  throw new EnclaveError('ENCLAVE_CLIENT_UNKNOWN', message, { client: id });
}

/** The ledger's id: what names it in signatures and envelopes. */
export function ledgerDomain({ anchor }: MeasuredConfig): SigningDomain {
  return { chainId: anchor.chainId, verifyingContract: anchor.address };
}

/** What the ledger goes by. */
export function ledgerRules(config: MeasuredConfig): LedgerRules {
  const { chains, anchor, rounds: time, pools: floor, houseAccount, epoch } = config;
  const { startSec, roundSec, lateSec, graceSec } = time;
  return {
    schedule: { startSec, roundSec },
    chains: chains
      .map(({ chainId, gateway, lagSec }) => ({ chainId, gateway: gateway.address, lagSec }))
      .sort((a, b) => (a.chainId < b.chainId ? -1 : 1)),
    anchor: { chainId: anchor.chainId, address: anchor.address },
    lateSec,
    graceSec,
    pools: floor,
    houseAccount,
    firstEpoch: epoch,
  };
}

/**
 * SHA-256 over the configuration's canonical text, 32 bytes: JSON without white space, members by ascending name.
 * Two files that say the same have the same hash.
 */
export function hashMeasuredConfig(json: unknown): Uint8Array {
  return sha256(utf8(canonicalJson(json)));
}

/**
 * What an enclave is, 32 bytes: `sha256(sha256(bundle) ‖ sha256(BLS addon) ‖ hash of the configuration)`.
 * In a real TEE the platform measures code and configuration instead.
 */
export function computeMeasurement(parts: {
  readonly bundle: Uint8Array;
  readonly addon: Uint8Array;
  readonly config: unknown;
}): Hex {
  const { bundle, addon, config } = parts;
  return toHex(sha256(concatBytes(sha256(bundle), sha256(addon), hashMeasuredConfig(config))));
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** A configuration the enclave must not run under. */
export class MeasuredConfigError extends BridgeError<{ key: string }> {
  readonly code = 'ENCLAVE_CONFIG_INVALID';
  readonly disposition = 'halt';
  constructor(key: string, what: string) {
    super(`Measured configuration: ${key}: ${what}; correct it in enclave.json.`, { key });
  }
}
