import { blake2b256 } from '../../../src/crypto/hashes.ts';
import type { PolkadotConfig } from '../../../src/light-client/polkadot/config.ts';
import {
  initializePolkadotStore,
  type PolkadotStore,
} from '../../../src/light-client/polkadot/store.ts';
import type { FinalityFragment } from '../../../src/light-client/polkadot/verify-finality.ts';
import { fromHex, type Hex, toHex } from '../../../src/shared/bytes.ts';
import { readVectorJson } from '../../support/vectors.ts';

interface RecordedProof {
  readonly keys: readonly Hex[];
  readonly nodes: readonly Hex[];
}

/** The recorded chain of three native nodes, as its file has it. */
export interface RecordedChain {
  readonly genesisHash: Hex;
  readonly genesisHeader: Hex;
  readonly genesisSet: { readonly setId: string; readonly authorities: readonly [Hex, string][] };
  readonly headers: readonly Hex[];
  readonly justifications: readonly Hex[];
  readonly blocks: readonly {
    readonly number: number;
    readonly hash: Hex;
    readonly setId: string;
    readonly authorities: readonly [Hex, string][];
    readonly proveFinality: Hex | null;
  }[];
  readonly contract: {
    readonly address: Hex;
    readonly trieId: Hex;
    readonly at: Hex;
    readonly number: number;
    readonly stateRoot: Hex;
    readonly accountInfo: Hex;
    readonly accountInfoProof: RecordedProof;
    readonly childRootProof: RecordedProof;
    readonly slots: readonly { readonly slot: number; readonly value: Hex | null }[];
    readonly childProof: RecordedProof;
    readonly absentChildProof: RecordedProof;
  };
  readonly absentTopProof: RecordedProof;
}

/** Reads the recorded chain. */
export function readRecordedChain(): RecordedChain {
  return readVectorJson<RecordedChain>('substrate-node/revive-three-authorities.json');
}

/** The recorded genesis as a checkpoint. */
export function genesisConfig(chain: RecordedChain): PolkadotConfig {
  const header = fromHex(chain.genesisHeader);
  return {
    checkpoint: {
      number: 0,
      hash: toHex(blake2b256(header)),
      stateRoot: toHex(header.subarray(33, 65)),
      setId: Number(chain.genesisSet.setId),
      authorities: chain.genesisSet.authorities.map(([id, weight]) => ({
        id,
        weight: Number(weight),
      })),
    },
  };
}

/** A client that starts from the recorded genesis. */
export function genesisStore(chain: RecordedChain): PolkadotStore {
  return initializePolkadotStore(genesisConfig(chain));
}

/** The recorded proof that block `number` is final, with the justification of block `by` if that is another. */
export function fragmentOf(chain: RecordedChain, number: number, by = number): FinalityFragment {
  const [header, justification] = [chain.headers[number], chain.justifications[by - 1]];
  if (header === undefined || justification === undefined) throw new Error(`no block ${number}`);
  return { header: fromHex(header), justification: fromHex(justification) };
}

/** Bytes of a list of hex strings. */
export function bytesOf(list: readonly Hex[]): Uint8Array[] {
  return list.map((hex) => fromHex(hex));
}
