import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCOUNTS, type DevAccount } from '../../../devnet/accounts.ts';
import { devnetConfigSchema } from '../../../devnet/config.ts';
import { startWorld, type World } from '../../../devnet/world.ts';
import { type Connections, connect } from '../../../src/client/connect.ts';
import type { SourceSide } from '../../../src/client/deposit.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { firstStatus } from '../../../src/enclave-client/enclave-status.ts';
import { type Operated, openOperated, type RelayerJson } from './operated.ts';
import type { Stores } from './stores.ts';
import { Supervised } from './supervised.ts';

/**
 * Who carries: a relayer with servers, one with its embedded database, two processes of one operator, or two operators who know
 * nothing of each other.
 */
export type Shape = 'one' | 'embedded' | 'pair' | 'rivals';

/** The local world with an enclave and relayers that are processes, each behind wires of its own. */
export interface RealWorld {
  readonly world: World;
  /** Where users pay in: past all wires. */
  readonly ethereum: SourceSide;
  readonly polkadot: SourceSide;
  readonly enclave: Supervised;
  /** Of the enclave itself, which its host has started. */
  enclavePid(): number;
  readonly relayers: readonly Operated[];
  /** The servers that relayers use, where they are the campaign's own. */
  readonly servers: Stores['servers'];
  /** Keys of relayers, which may be found nowhere. */
  readonly secrets: readonly string[];
  /** Where processes write what they say; it is left there. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Accounts of a second operator. */
const RIVAL = { ethereum: 3, substrate: '//Dave' } as const;

/** Starts all of it, the relayers too. @param stores for shapes other than `embedded` */
export async function startRealWorld(shape: Shape, stores: Stores | undefined): Promise<RealWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-chaos-'));
  const world = await startWorld(loadConfig(devnetConfigSchema, { folder }, {}, 'NONE'));
  const connections = await connect(world.client);
  const enclave = new Supervised(
    'enclave',
    configured('enclave', join(folder, 'enclave.json')),
    folder,
  );
  enclave.start();
  const { listen } = read(join(folder, 'enclave.json')) as { listen: string };
  await world.admit(await firstStatus(listen, AbortSignal.timeout(60_000)));
  const relayers = await openRelayers({ folder, shape, stores, world, socket: listen });
  for (const { supervised } of relayers) supervised.start();
  return {
    folder,
    world,
    ethereum: await sourceOn(world, connections, 'ethereum'),
    polkadot: await sourceOn(world, connections, 'polkadot'),
    enclave,
    enclavePid: () => Number([...enclave.log().matchAll(/enclave ([0-9]+) answers/g)].at(-1)?.[1]),
    relayers,
    servers: shape === 'embedded' ? undefined : stores?.servers,
    secrets: [ACCOUNTS.relayer.ethereum, RIVAL.ethereum].map(world.secretOf),
    close: async () => {
      await Promise.all(relayers.map((each) => each.close()));
      await enclave.stop();
      await connections.close();
      await world.close();
    },
  };
}

/** What `veilspan` is called with. */
function configured(command: string, path: string): string[] {
  return [command, '--config', path];
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

async function sourceOn(world: World, { chains }: Connections, name: string): Promise<SourceSide> {
  const entry = world.client.chains.find((each) => each.name === name);
  const chain = entry && chains.get(entry.chainId);
  if (entry === undefined || chain === undefined) throw new RangeError(`no chain ${name}`);
  const account = ACCOUNTS.depositor[name === 'ethereum' ? 'ethereum' : 'substrate'];
  const signer = await chain.signer(world.secretOf(account));
  return { chain, signer, gateway: entry.gateway, registry: entry.registry };
}

interface Ground {
  readonly folder: string;
  readonly shape: Shape;
  readonly stores: Stores | undefined;
  readonly world: World;
  readonly socket: string;
}

async function openRelayers({ folder, shape, stores, world, socket }: Ground): Promise<Operated[]> {
  const json = read(join(folder, 'relayer.json')) as RelayerJson;
  const open = async (name: string, config: RelayerJson) => {
    const path = join(folder, `${name}.json`);
    const operated = await openOperated(name, config, { folder, path, socket, redisUrl });
    writeFileSync(path, JSON.stringify(operated.config));
    return operated;
  };
  const redisUrl = shape === 'embedded' ? undefined : stores?.redisUrl;
  const inDatabase = async (name: string): Promise<RelayerJson> => {
    const journal = { folder: join(folder, name) };
    if (shape === 'embedded' || stores === undefined) return { ...json, journal };
    return { ...json, journal: { ...journal, postgresUrl: await stores.createDatabase() } };
  };
  const first = await inDatabase('first');
  if (shape === 'pair') return [await open('first', first), await open('second', first)];
  if (shape !== 'rivals') return [await open('first', first)];
  const rival = withSigners(await inDatabase('rival'), world);
  // A Redis has one queue.
  return [await open('first', first), await open('rival', { ...rival, queue: {} })];
}

function withSigners(config: RelayerJson, world: World): RelayerJson {
  const signerOf = (name: string): DevAccount =>
    name === 'ethereum' ? RIVAL.ethereum : RIVAL.substrate;
  return {
    ...config,
    chains: config.chains.map((chain) => ({
      ...chain,
      signer: world.secretOf(signerOf(chain.name)),
    })),
  };
}
