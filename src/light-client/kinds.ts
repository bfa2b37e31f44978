import * as z from 'zod';
import type { ChainKind } from '../protocol/chain-kind.ts';
import { nameSchema } from '../shared/name-schema.ts';
import { ethereumConfigSchema } from './ethereum/config.ts';
import { type EthereumTypes, ethereumLightClient } from './ethereum/light-client.ts';
import type { LightClient } from './light-client.ts';
import { polkadotConfigSchema } from './polkadot/config.ts';
import { type PolkadotTypes, polkadotLightClient } from './polkadot/light-client.ts';

/** The types of each kind of light client. */
export interface KindTypes {
  ethereum: EthereumTypes;
  substrate: PolkadotTypes;
}

/** The light client of each kind of chain. */
export const LIGHT_CLIENTS: { readonly [K in ChainKind]: LightClient<K, KindTypes[K]> } = {
  ethereum: ethereumLightClient,
  substrate: polkadotLightClient,
};

const kindOf = <K extends ChainKind>(kind: K) =>
  z.literal(kind).describe('How the finality of its chains is verified.');
const id = nameSchema.describe('What chains and commands call the light client.');

/** A light client as configurations list it: its id, its kind, and what a client of that kind starts from. */
export const lightClientSchema = z.discriminatedUnion('kind', [
  ethereumConfigSchema.safeExtend({ id, kind: kindOf('ethereum') }),
  polkadotConfigSchema.safeExtend({ id, kind: kindOf('substrate') }),
]);

/** See {@link lightClientSchema}; of one kind, or of any. */
export type ClientConfig<K extends ChainKind = ChainKind> = KindTypes[K]['config'] & {
  readonly id: string;
  readonly kind: K;
};
