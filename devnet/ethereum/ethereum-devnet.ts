import type { Hex } from '../../src/shared/bytes.ts';
import { type DevAccount, ETHEREUM_DEVNET_CHAIN_ID, startAnvil } from './anvil.ts';
import {
  createForkSchedule,
  type ForkEntry,
  SLOTS_PER_EPOCH,
  SLOTS_PER_PERIOD,
  SYNC_COMMITTEE_SIZE,
} from './beacon-config.ts';
import { LOOPBACK } from './http-routes.ts';
import { startBeacon } from './start-beacon.ts';

export interface EthereumDevnetOptions {
  readonly chainId?: number;
  /** Wall-clock time of a slot; execution timestamps still move a whole second a slot. */
  readonly slotMs?: number;
  /** Slots made at once at the start, so that a hand-over of committees (every 64) comes soon. */
  readonly startSlot?: number;
  /** Committee seats, of 32, that do not sign. */
  readonly absentees?: number;
  /** From this epoch on, at least 1, beacon blocks have the forms of Gloas; never if left out. */
  readonly gloasEpoch?: number;
  /** The interface to listen on; the loopback one if absent. */
  readonly host?: string;
  /** 0 takes a free port. */
  readonly rpcPort?: number;
  readonly beaconPort?: number;
}

export interface EthereumGenesis {
  readonly genesisTimeSec: number;
  readonly genesisValidatorsRoot: Hex;
  readonly genesisForkVersion: Hex;
}

export interface EthereumDevnet {
  readonly rpcUrl: string;
  readonly beaconUrl: string;
  readonly chainId: number;
  readonly genesis: EthereumGenesis;
  readonly forks: readonly ForkEntry[];
  readonly slotMs: number;
  readonly slotsPerEpoch: number;
  readonly slotsPerPeriod: number;
  readonly syncCommitteeSize: number;
  readonly devAccounts: readonly DevAccount[];
  /** Moves time ahead: the slots in between are made without pause. @throws {RangeError} so far that it would take minutes */
  forward(seconds: number): Promise<void>;
  /** Has `listener` told how many seconds time is moved ahead, by `forward` or over the beacon's API. */
  onForward(listener: (seconds: number) => void): void;
  close(): Promise<void>;
}

interface GenesisJson {
  readonly genesis_time: string;
  readonly genesis_validators_root: Hex;
  readonly genesis_fork_version: Hex;
}

const DEFAULT_SLOT_MS = 1000;
const DEFAULT_ABSENTEES = 2;

/**
 * Starts an Ethereum of two processes: anvil executes, the beacon beside it finalizes in seconds and serves the
 * light-client API. Both end with this process.
 */
export async function startEthereumDevnet(
  options: EthereumDevnetOptions = {},
): Promise<EthereumDevnet> {
  const { slotMs = DEFAULT_SLOT_MS, startSlot = 0, absentees = DEFAULT_ABSENTEES } = options;
  const { chainId = ETHEREUM_DEVNET_CHAIN_ID, host = LOOPBACK } = options;
  const { rpcPort = 0, beaconPort = 0, gloasEpoch } = options;
  const genesisTimeSec = Math.floor((Date.now() - startSlot * slotMs) / 1000);
  const anvil = await startAnvil({ host, port: rpcPort, chainId, genesisTimeSec });
  try {
    const beacon = await startBeacon({
      rpcUrl: anvil.rpcUrl,
      host,
      port: beaconPort,
      genesisTimeSec,
      slotMs,
      startSlot,
      absentees,
      gloasEpoch,
    });
    return {
      rpcUrl: anvil.rpcUrl,
      beaconUrl: beacon.beaconUrl,
      chainId,
      genesis: await fetchGenesis(beacon.beaconUrl),
      forks: createForkSchedule(gloasEpoch).forks,
      slotMs,
      slotsPerEpoch: SLOTS_PER_EPOCH,
      slotsPerPeriod: SLOTS_PER_PERIOD,
      syncCommitteeSize: SYNC_COMMITTEE_SIZE,
      devAccounts: anvil.devAccounts,
      forward: (seconds) => postForward(beacon.beaconUrl, seconds),
      onForward: beacon.onForward,
      async close() {
        await beacon.close();
        await anvil.close();
      },
    };
  } catch (error) {
    await anvil.close();
    throw error;
  }
}

async function postForward(beaconUrl: string, forwardSec: number): Promise<void> {
  const body = JSON.stringify({ forwardSec });
  const response = await fetch(`${beaconUrl}/devnet/time`, { method: 'POST', body });
  if (!response.ok) throw new RangeError(`time cannot be moved by ${forwardSec} seconds`);
}

async function fetchGenesis(beaconUrl: string): Promise<EthereumGenesis> {
  const response = await fetch(`${beaconUrl}/eth/v1/beacon/genesis`);
  const { data } = (await response.json()) as { data: GenesisJson };
  return {
    genesisTimeSec: Number(data.genesis_time),
    genesisValidatorsRoot: data.genesis_validators_root,
    genesisForkVersion: data.genesis_fork_version,
  };
}
