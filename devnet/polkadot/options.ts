import type { Clock } from '../../src/shared/clock.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import { DEV_URIS } from './authority-keys.ts';
import type { VoterFault } from './grandpa-voter.ts';

export type GrandpaAuthorityOption = {
  /** Derivation path of the development phrase, `//Alice`. */
  readonly uri: string;
  readonly weight: number;
};

/** By derivation path: who is late or absent. */
export type VoterFaults = Readonly<Record<string, VoterFault>>;

export type PolkadotDevnetOptions = {
  /** The runtime: a path to its compressed wasm, or the bytes. */
  readonly wasm: string | Uint8Array;
  readonly preset?: 'development' | 'local_testnet' | 'three_finality';
  /** Of the chain's EVM; the runtime's own, 420420499, if left out. */
  readonly evmChainId?: bigint;
  /** In place of the preset's GRANDPA authorities. */
  readonly authorities?: readonly GrandpaAuthorityOption[];
  /** Real time between blocks, 2000 by default; with any other the chain's own time is virtual. */
  readonly slotMs?: number;
  /** Makes the chain's time virtual: the first block's slot is the one this moment lies in. */
  readonly genesisTimeMs?: number;
  /** `manual` builds blocks on `produceBlock` only. */
  readonly production?: 'automatic' | 'manual';
  /** So many blocks an authority set lasts; left out, it lasts for ever. */
  readonly setChangeIntervalBlocks?: number;
  /**
   * Holds sudo and signs the set changes; `//Alice` by default, as in the presets. With another
   * one the chain's own transactions do not take nonces of `//Alice`.
   */
  readonly sudoUri?: string;
  /** Votes stay this far behind the best block, 1 by default. */
  readonly finalityLagBlocks?: number;
  readonly voterFaults?: VoterFaults;
  /** Keeps the chain here and resumes it after a restart; left out, it lives in memory. */
  readonly dataDir?: string;
  /** 127.0.0.1 by default. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly clock?: Clock;
  /** Told of failures that stop nothing: a block that could not be built, a late set change. */
  readonly onError?: (error: unknown) => void;
};

/** Every authority whose keys the chain owns. */
export function listUris({ authorities = [] }: PolkadotDevnetOptions): readonly string[] {
  return [...new Set([...DEV_URIS, ...authorities.map(({ uri }) => uri)])];
}

/**
 * Refuses what no chain can be started with.
 *
 * @throws {DevnetOptionError} a count that is not positive, or a derivation path that is none
 */
export function checkOptions(options: PolkadotDevnetOptions): void {
  const { slotMs, setChangeIntervalBlocks, finalityLagBlocks, authorities = [] } = options;
  checkCount('slotMs', slotMs, 1);
  checkCount('setChangeIntervalBlocks', setChangeIntervalBlocks, 1);
  checkCount('finalityLagBlocks', finalityLagBlocks, 0);
  for (const { uri, weight } of authorities) {
    if (!/^\/\/\w/.test(uri)) throw new DevnetOptionError('authorities', uri);
    checkCount('authorities', weight, 1);
  }
  checkFaults(options, options.voterFaults ?? {});
}

/** Refuses faults of authorities that the chain does not own. @throws {DevnetOptionError} */
export function checkFaults(options: PolkadotDevnetOptions, faults: VoterFaults): void {
  const uris = listUris(options);
  for (const [uri, fault] of Object.entries(faults)) {
    if (!uris.includes(uri)) throw new DevnetOptionError('voterFaults', uri);
    if (fault !== 'absent') checkCount('voterFaults', fault.lateBlocks, 0);
  }
}

function checkCount(option: string, count: number | undefined, least: number): void {
  if (count === undefined || (Number.isSafeInteger(count) && count >= least)) return;
  throw new DevnetOptionError(option, String(count));
}

export class DevnetOptionError extends BridgeError<{ option: string; value: string }> {
  readonly code = 'DEVNET_OPTION_INVALID';
  readonly disposition = 'reject';
  constructor(option: string, value: string) {
    super(`The devnet cannot start with ${value} in ${option}: see PolkadotDevnetOptions.`, {
      option,
      value,
    });
  }
}
