import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createEthereumChain, type EthereumChain } from '../src/chains/ethereum/ethereum-chain.ts';
import {
  createPolkadotChain,
  type PolkadotChain,
} from '../src/chains/substrate/substrate-chain.ts';
import type { ClientConfig } from '../src/config/client.ts';
import { NATIVE_TOKEN } from '../src/protocol/asset.ts';
import type { EnclaveStatus } from '../src/protocol/enclave-commands.ts';
import type { Hex } from '../src/shared/bytes.ts';
import { fetchBeaconCheckpoint, fetchGenesisCheckpoint } from './checkpoints.ts';
import type { DevnetConfig } from './config.ts';
import { admitEnclave, type Deployment, deployBridge, type Site } from './deploy.ts';
import { type EthereumDevnet, startEthereumDevnet } from './ethereum/ethereum-devnet.ts';
import { type PolkadotSide, startPolkadotSide } from './polkadot-side.ts';

/** Both chains with the bridge deployed on them, waiting for an enclave to admit. */
export interface World {
  readonly deployment: Deployment;
  readonly client: ClientConfig;
  readonly devAccounts: EthereumDevnet['devAccounts'];
  /** Registers an enclave on both chains and starts the ledger from its genesis state. */
  admit(enclave: EnclaveStatus): Promise<void>;
  /** Runs `work` without its waiting for the Polkadot side's next slot, where that side can do so. */
  hurry<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Accounts of the local world; every key is public. Ethereum's are indices into anvil's list. */
export const ACCOUNTS = {
  owner: { ethereum: 0, polkadot: '//Ferdie' },
  relayer: { ethereum: 1, polkadot: '//Bob' },
  depositor: { ethereum: 2, polkadot: '//Charlie' },
} as const;

const POLL_MS = 250;
const POLKADOT_BLOCK_MS = 2000;
const LOOPBACK = '127.0.0.1';
const EPOCH = 1;
const CHAIN_ID = { ethereum: 31_337, polkadot: 420_420_499 } as const;

/** Starts both chains, deploys the bridge and writes the other processes' configuration files. */
export async function startWorld(config: DevnetConfig): Promise<World> {
  const opened: Closable[] = [];
  const close = async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  };
  try {
    return { ...(await openWorld(config, opened)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Closable {
  close(): Promise<void>;
}

/** What is opened is noted at once, so that a failure on the way leaves nothing running. */
async function openWorld(config: DevnetConfig, opened: Closable[]): Promise<Omit<World, 'close'>> {
  const note = <T extends Closable>(opening: Promise<T>): Promise<T> =>
    opening.then((each) => {
      opened.push(each);
      return each;
    });
  const { slotMs, startSlot, host } = config;
  const [ethereum, polkadot] = await Promise.all([
    note(startEthereumDevnet({ slotMs, startSlot, host })),
    note(startPolkadotSide(config)),
  ]);
  const chains = await connect(ethereum, polkadot);
  opened.push(chains.ethereum, chains.polkadot);
  const sites = await openSites(ethereum, chains);
  const deployment = await polkadot.hurry(() => deployBridge(sites.ethereum, sites.polkadot));
  const client = clientConfigOf(deployment, ethereum, polkadot);
  await writeConfigs(config, { deployment, client, ethereum, polkadot, chains });
  return {
    deployment,
    client,
    devAccounts: ethereum.devAccounts,
    admit: (enclave) => polkadot.hurry(() => admitEnclave(sites, deployment, enclave)),
    hurry: polkadot.hurry,
  };
}

interface Chains {
  readonly ethereum: EthereumChain;
  readonly polkadot: PolkadotChain;
}

interface Parts {
  readonly deployment: Deployment;
  readonly client: ClientConfig;
  readonly ethereum: EthereumDevnet;
  readonly polkadot: PolkadotSide;
  readonly chains: Chains;
}

async function connect(ethereum: EthereumDevnet, polkadot: PolkadotSide): Promise<Chains> {
  const { rpcUrl, beaconUrl } = ethereum;
  const [onEthereum, onPolkadot] = await Promise.all([
    createEthereumChain({ rpcUrl, beaconUrl, chainId: BigInt(CHAIN_ID.ethereum), pollMs: POLL_MS }),
    createPolkadotChain({
      wsUrl: polkadot.wsUrl,
      chainId: BigInt(CHAIN_ID.polkadot),
      relay: polkadot.relay,
      pollMs: POLL_MS,
    }),
  ]);
  return { ethereum: onEthereum, polkadot: onPolkadot };
}

async function openSites(
  ethereum: EthereumDevnet,
  chains: Chains,
): Promise<{ ethereum: Site; polkadot: Site }> {
  const { owner } = ACCOUNTS;
  const [onEthereum, onPolkadot] = await Promise.all([
    chains.ethereum.signer(privateKeyOf(ethereum, owner.ethereum)),
    chains.polkadot.signer(owner.polkadot),
  ]);
  return {
    ethereum: { chain: chains.ethereum, owner: onEthereum },
    polkadot: { chain: chains.polkadot, owner: onPolkadot },
  };
}

function clientConfigOf(
  deployment: Deployment,
  ethereum: EthereumDevnet,
  polkadot: PolkadotSide,
): ClientConfig {
  const { assets } = deployment;
  const { gateway, registry, tokens: onEthereum } = deployment.ethereum;
  const { tokens: onPolkadot, ...contracts } = deployment.polkadot;
  const token = (symbol: string, asset: Hex, [there, here]: [Hex, Hex]) => ({
    symbol,
    asset,
    decimals: 18,
    ethereum: there,
    polkadot: here,
  });
  const { rpcUrl, beaconUrl } = ethereum;
  return {
    ethereum: { rpcUrl, beaconUrl, chainId: CHAIN_ID.ethereum, gateway, registry, fromBlock: 0 },
    polkadot: {
      wsUrl: polkadot.wsUrl,
      chainId: CHAIN_ID.polkadot,
      relay: polkadot.relay,
      ...contracts,
      blockMs: POLKADOT_BLOCK_MS,
      fromBlock: 0,
    },
    tokens: [
      token('ETH', assets.eth, [NATIVE_TOKEN, onPolkadot.eth]),
      token('DOT', assets.dot, [onEthereum.dot, NATIVE_TOKEN]),
      token('DEMO', assets.demo, [onEthereum.demo, onPolkadot.demo]),
    ],
  };
}

async function writeConfigs({ folder, advertise }: DevnetConfig, parts: Parts): Promise<void> {
  const at = resolve(folder);
  mkdirSync(at, { recursive: true });
  const write = (name: string, value: unknown) => {
    const json = `${JSON.stringify(value, null, 2)}\n`;
    const path = join(at, name);
    // Whole or not there: other processes may be waiting for the file.
    writeFileSync(`${path}.new`, advertise ? json.replaceAll(LOOPBACK, advertise) : json);
    renameSync(`${path}.new`, path);
  };
  const socket = join(at, 'enclave.sock');
  write('client.json', { ...parts.client, enclave: socket });
  write('enclave.json', {
    folder: join(at, 'enclave'),
    listen: socket,
    record: join(at, 'evidence.jsonl'),
    measured: await measuredConfigOf(parts),
  });
  write('relayer.json', relayerConfigOf(parts, { socket, folder: join(at, 'relayer') }));
}

async function measuredConfigOf({ deployment, ethereum, polkadot, chains }: Parts) {
  const { gateway, anchor } = deployment.polkadot;
  const withTrieId = async (address: typeof gateway) => ({
    address,
    trieId: await chains.polkadot.contractTrieId(address),
  });
  return {
    ethereum: {
      chainId: CHAIN_ID.ethereum,
      gateway: deployment.ethereum.gateway,
      lightClient: {
        preset: 'minimal',
        genesisValidatorsRoot: ethereum.genesis.genesisValidatorsRoot,
        forks: ethereum.forks,
        checkpointRoot: await fetchBeaconCheckpoint(ethereum.beaconUrl),
      },
    },
    polkadot: {
      chainId: CHAIN_ID.polkadot,
      gateway: await withTrieId(gateway),
      anchor: await withTrieId(anchor),
      lightClient: {
        checkpoint: await fetchGenesisCheckpoint(polkadot.finalizerUrl),
        topology: polkadot.relay ? { paraId: polkadot.relay.paraId } : 'solo',
      },
    },
    epoch: EPOCH,
  };
}

function relayerConfigOf(
  { client, ethereum }: Parts,
  { socket, folder }: { socket: string; folder: string },
) {
  const { ethereum: there, polkadot: here } = client;
  const secret = privateKeyOf(ethereum, ACCOUNTS.relayer.ethereum);
  return {
    ethereum: {
      rpcUrl: there.rpcUrl,
      beaconUrl: there.beaconUrl,
      chainId: there.chainId,
      gateway: there.gateway,
      signer: secret,
    },
    polkadot: {
      wsUrl: here.wsUrl,
      chainId: here.chainId,
      relay: here.relay,
      gateway: here.gateway,
      anchor: here.anchor,
      signer: ACCOUNTS.relayer.polkadot,
    },
    beneficiary: ethereum.devAccounts[ACCOUNTS.relayer.ethereum]?.address,
    enclaves: [socket],
    journal: { folder },
    pollMs: POLL_MS,
  };
}

function privateKeyOf(ethereum: EthereumDevnet, index: number): string {
  return ethereum.devAccounts[index]?.privateKey ?? '';
}
