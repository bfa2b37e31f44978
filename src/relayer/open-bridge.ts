import type { Logger } from 'pino';
import { loadAdapter } from '../chains/kinds.ts';
import type { BridgedChain } from '../chains/shared/bridged-chain.ts';
import type { FinalitySource } from '../chains/shared/finality-source.ts';
import type { RelayerChain, RelayerConfig } from '../config/relayer.ts';
import { createEnclaveClient } from '../enclave-client/enclave-client.ts';
import { type AnchorPlace, type Bridge, type EnclaveLine, type Side, sideOf } from './bridge.ts';
import type { Database } from './journal/database.ts';
import { Serial } from './serial.ts';

interface Surroundings {
  readonly database: Database;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** All chains, connected, with accounts that can submit. */
export type Ends = Pick<Bridge, 'sides' | 'finality' | 'anchor'>;

/**
 * Connects to all chains; to all or to none of them.
 *
 * @throws {ChainError} one does not answer, is another than the configured one, or of no kind that there is
 */
export async function openEnds(config: RelayerConfig): Promise<Ends> {
  const opened: Opened = [];
  try {
    const finality = await openFinality(config, opened);
    const sides = await openSides(config, { finality, opened });
    return { sides, finality, anchor: anchorOf(config, sides) };
  } catch (error) {
    await Promise.all(opened.map((connection) => connection.close()));
    throw error;
  }
}

/** Puts together what the lanes work with. */
export function createBridge(
  config: RelayerConfig,
  ends: Ends,
  { database, log, signal }: Surroundings,
): Bridge {
  const [leader, ...others] = config.enclaves.map(openLine);
  if (leader === undefined) throw new RangeError('the schema asks for at least one enclave');
  return {
    ...ends,
    enclaves: [leader, ...others],
    database,
    beneficiary: config.beneficiary,
    pollMs: config.pollMs,
    log,
    clock: { nowMs: () => Date.now() },
    signal,
  };
}

/** Ends the connections. */
export async function closeBridge({ sides, finality, enclaves }: Bridge): Promise<void> {
  for (const { client } of enclaves) client.close();
  await Promise.all(sides.map(({ chain }) => chain.close()));
  await Promise.all([...finality.values()].map((source) => source.close()));
}

/** What is to be closed if not all can be opened. */
type Opened = { close(): Promise<void> }[];

async function openFinality(
  { lightClients }: RelayerConfig,
  opened: Opened,
): Promise<ReadonlyMap<string, FinalitySource>> {
  const sources = lightClients.map(async ({ id: client, kind, url }) => {
    const source = await (await loadAdapter(kind)).openFinality({ client, url });
    opened.push(source);
    return [client, source] as const;
  });
  return new Map(await allOf(sources));
}

interface Connecting {
  readonly finality: ReadonlyMap<string, FinalitySource>;
  readonly opened: Opened;
}

async function openSides(config: RelayerConfig, connecting: Connecting): Promise<readonly Side[]> {
  const { chainId, address } = config.anchor;
  return await allOf(
    config.chains.map(async (entry) => {
      const chain = await openChain(config, entry, connecting);
      return {
        chain,
        lightClient: entry.lightClient,
        gateway: entry.gateway,
        fromBlock: entry.fromBlock,
        signer: await chain.signer(entry.signer.reveal()),
        contracts: entry.chainId === chainId ? [entry.gateway, address] : [entry.gateway],
        submitting: new Serial(),
        recording: new Serial(),
      };
    }),
  );
}

async function openChain(
  { pollMs }: RelayerConfig,
  { name, kind, chainId, url, route, lightClient }: RelayerChain,
  { finality, opened }: Connecting,
): Promise<BridgedChain> {
  const source = finality.get(lightClient);
  if (source === undefined) throw new RangeError('the schema asks for the light client of a chain');
  const adapter = await loadAdapter(kind);
  const chain = await adapter.openChain({ name, chainId, url, route, pollMs }, source);
  opened.push(chain);
  return chain;
}

function anchorOf({ anchor }: RelayerConfig, sides: readonly Side[]): AnchorPlace {
  return { side: sideOf({ sides }, anchor.chainId), address: anchor.address };
}

/** As `Promise.all`, but when one fails none of the others is still at work. */
async function allOf<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return await Promise.all(works);
}

function openLine(address: string): EnclaveLine {
  return { client: createEnclaveClient({ address }), commanding: new Serial() };
}
