import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { joinChains } from '../chains/join-chains.ts';
import type { OpenChains } from '../chains/open-chains.ts';
import type { BridgedChain } from '../chains/shared/bridged-chain.ts';
import type { JoiningListener } from '../chains/shared/joining.ts';
import type { RelayerChain, RelayerConfig } from '../config/relayer.ts';
import { createEnclaveClient } from '../enclave-client/enclave-client.ts';
import type { Hex } from '../shared/bytes.ts';
import {
  type AnchorPlace,
  type Bridge,
  type EnclaveLine,
  type ProfitRule,
  type Side,
  type SpendingLimits,
  sideOf,
} from './bridge.ts';
import type { Database } from './journal/database.ts';
import { nameFinality, nameQuestions, nameWaits } from './name-waits.ts';
import { Quorum } from './quorum/quorum.ts';
import { StatusBoard } from './quorum/status-board.ts';
import { Serial } from './serial.ts';
import { Proofs } from './trace/proofs.ts';
import type { Vitals } from './vitals.ts';

interface Surroundings {
  readonly database: Database;
  readonly log: Logger;
  readonly vitals: Vitals;
  readonly signal: AbortSignal;
}

/** All chains, with the accounts that submit there. */
export type Ends = Pick<Bridge, 'sides' | 'finality' | 'anchor'> & Pick<OpenChains, 'close'>;

/**
 * Begins to connect to all chains, and waits for none of them: one that is away fails what it is asked, and joins when it is back.
 *
 * @throws {ChainError} CHAIN_KIND_UNKNOWN, CHAIN_SIGNER_INVALID
 */
export async function openEnds(config: RelayerConfig, log: Logger): Promise<Ends> {
  const { pollMs } = config;
  const { chains, finality, close } = await joinChains(config, { pollMs, listener: tell(log) });
  try {
    const sides = await Promise.all(
      config.chains.map((entry) => openSide(config, entry, chains.get(entry.chainId))),
    );
    return { sides, finality, anchor: await openAnchor(config, sides), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function tell(log: Logger): JoiningListener {
  return {
    failed: (chain, err, backoffMs) => {
      if (backoffMs === undefined) log.error({ err, chain }, 'cannot use the node of a chain');
      else log.warn({ err, chain, backoffMs }, 'a chain has not joined yet');
    },
    joined: (chain) => log.info({ chain }, `${chain} has joined`),
  };
}

/** Puts together what the lanes work with. */
export function createBridge(
  config: RelayerConfig,
  { sides: opened, finality: sources, anchor }: Ends,
  { database, log, vitals, signal }: Surroundings,
): Bridge {
  const sides = opened.map((side) => ({ ...side, chain: nameWaits(side.chain, vitals) }));
  const finality = new Map(
    [...sources].map(([client, source]) => [client, nameFinality(client, source, vitals)]),
  );
  const [first, ...others] = config.enclaves.map((address, place) =>
    openLine(address, place, vitals),
  );
  if (first === undefined) throw new RangeError('the schema asks for at least one enclave');
  const enclaves = [first, ...others] as const;
  return {
    sides,
    finality,
    anchor: { ...anchor, side: sideOf({ sides }, anchor.side.chain.chainId) },
    enclaves,
    board: new StatusBoard(enclaves, vitals),
    quorum: new Quorum(vitals),
    database,
    schedule: config.rounds,
    commitEverySec: BigInt(config.commitEverySec),
    snapshotEveryCommits: BigInt(config.snapshotEveryCommits),
    beneficiary: config.beneficiary,
    pollMs: config.pollMs,
    log,
    vitals,
    proofs: config.tracing.otlpUrl === undefined ? undefined : new Proofs(),
    // A folder has one process; a server may have several.
    holder:
      config.journal.postgresUrl === undefined ? 'embedded' : `${process.pid}-${randomUUID()}`,
    clock: { nowMs: () => Date.now() },
    signal,
  };
}

async function openAnchor(
  { anchor, chains }: RelayerConfig,
  sides: readonly Side[],
): Promise<AnchorPlace> {
  const { chainId, address } = anchor;
  const side = sideOf({ sides }, chainId);
  const secret = chains.find((entry) => entry.chainId === chainId)?.commitSigner;
  if (secret === undefined) return { side, address };
  const { chain, limits } = side;
  const signer = await chain.signer(secret.reveal());
  return { side, address, committer: { chain, signer, submitting: new Serial(), limits } };
}

/** What the account of a chain may give out, as the configuration says. */
export function limitsOf({ spending, inFlight }: RelayerChain): SpendingLimits {
  const { dayWei, leastBalanceWei, ...ceilings } = spending;
  return { ceilings, dayWei, leastBalanceWei, inFlight };
}

function profitOf({ profit }: RelayerChain): ProfitRule | undefined {
  // CAST: the schema takes no key that is not hex.
  const prices = Object.entries(profit?.prices ?? {}) as [Hex, bigint][];
  return profit && { minimumWei: profit.minimumWei, prices: new Map(prices) };
}

async function openSide(
  { anchor }: RelayerConfig,
  entry: RelayerChain,
  chain: BridgedChain | undefined,
): Promise<Side> {
  if (chain === undefined) throw new RangeError('every chain of the list is open');
  const { chainId, gateway, lightClient, lagSec, fromBlock, signer } = entry;
  return {
    chain,
    limits: limitsOf(entry),
    profit: profitOf(entry),
    lightClient,
    gateway,
    lagSec,
    fromBlock,
    signer: await chain.signer(signer.reveal()),
    contracts: chainId === anchor.chainId ? [gateway, anchor.address] : [gateway],
    submitting: new Serial(),
    recording: new Serial(),
  };
}

function openLine(address: string, place: number, vitals: Vitals): EnclaveLine {
  const name = `enclave-${place + 1}`;
  const client = nameQuestions(name, createEnclaveClient({ address }), vitals);
  return { name, client, commanding: new Serial() };
}
