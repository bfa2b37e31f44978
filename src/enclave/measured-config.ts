import { z } from 'zod';
import { sha256 } from '../crypto/hashes.ts';
import { ethereumConfigSchema } from '../light-client/ethereum/config.ts';
import { polkadotConfigSchema } from '../light-client/polkadot/config.ts';
import { concatBytes, type Hex, toHex, utf8 } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';

const hexOf = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`), `${bytes} bytes of lower-case 0x-prefixed hex`)
    .transform((text) => text as Hex);
const chainId = z
  .int()
  .positive()
  .transform((id) => BigInt(id));
const contract = z.strictObject({
  address: hexOf(20).describe('Address of the contract.'),
  trieId: hexOf(32).describe('Id of its child trie; a contract keeps it for life.'),
});

/** Everything that decides what an enclave believes; its hash is part of the measurement. */
export const measuredConfigSchema = z
  .strictObject({
    ethereum: z.strictObject({
      chainId: chainId.describe('Chain id of the execution layer.'),
      gateway: hexOf(20).describe('Address of the gateway.'),
      lightClient: ethereumConfigSchema.describe('Where the light client starts, and its rules.'),
    }),
    polkadot: z.strictObject({
      chainId: chainId.describe('EVM chain id of the chain that holds gateway and anchor.'),
      gateway: contract.describe('The gateway.'),
      anchor: contract.describe('The contract that keeps the state id and the log of commits.'),
      lightClient: polkadotConfigSchema.describe('Where the light client starts.'),
    }),
    epoch: z
      .int()
      .positive()
      .transform((epoch) => BigInt(epoch))
      .describe('The epoch whose key users seal to and whose signatures the contracts take.'),
  })
  .refine(({ ethereum, polkadot }) => ethereum.chainId !== polkadot.chainId, {
    path: ['polkadot', 'chainId'],
    error: 'must differ from ethereum.chainId',
  });

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
