import {
  type EthereumConfig,
  ethereumConfigSchema,
} from '../../src/light-client/ethereum/config.ts';
import { MAINNET } from '../../src/light-client/ethereum/networks.ts';
import { fromHex } from '../../src/shared/bytes.ts';
import { readVectorJson } from './vectors.ts';

/** Ethereum mainnet with the checkpoint that the recorded bootstrap is of. */
export const MAINNET_CAPELLA: EthereumConfig = ethereumConfigSchema.parse({
  ...MAINNET,
  checkpointRoot: '0x5afc212a7924789b2bc86acad3ab3a6ffb1f6e97253ea50bee7f4f51422c9275',
});

/** A document of the Beacon API, as JSON.parse gives it; tests change copies of it. */
// biome-ignore lint/suspicious/noExplicitAny: tests reach into recorded JSON by hand
export type Json = any;

/** Recorded Beacon API answers of mainnet, a fresh copy at each call. */
export const mainnetCapella = {
  bootstrap: (): Json => readVectorJson('ethereum/mainnet-capella/bootstrap.json'),
  updates: (): Json[] => readVectorJson('ethereum/mainnet-capella/updates.json'),
  finality: (): Json => readVectorJson('ethereum/mainnet-capella/finality.json'),
};

/** The nodes of a recorded proof. */
export function nodes(proof: readonly string[]): Uint8Array[] {
  return proof.map((node) => fromHex(node));
}
