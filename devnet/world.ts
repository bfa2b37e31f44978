import type { ClientConfig } from '../src/config/client.ts';
import {
  type Admitted,
  admitEnclaves,
  initializeAnchor,
  type PublishedKey,
  publishKey,
} from '../src/deploy/admit-enclave.ts';
import type { Site } from '../src/deploy/site.ts';
import type { Hex } from '../src/shared/bytes.ts';
import { ACCOUNTS, type DevAccount } from './accounts.ts';
import type { DevnetConfig } from './config.ts';
import { type Deployment, deployDemoBridge } from './demo-assets.ts';
import { type EthereumDevnet, startEthereumDevnet } from './ethereum/ethereum-devnet.ts';
import {
  type Closable,
  type LocalChain,
  listChains,
  listLightClients,
  openChains,
} from './local-chains.ts';
import { startPolkadotSide } from './polkadot-side.ts';
import { createClientConfig, writeConfigs } from './write-configs.ts';

/** All chains with the bridge deployed on them, waiting for an enclave to admit. */
export interface World {
  /** Ethereum first, then the one with the anchor. */
  readonly chains: readonly LocalChain[];
  readonly deployment: Deployment;
  readonly client: ClientConfig;
  /** What signs for an account: a private key, or the derivation path itself. */
  secretOf(account: DevAccount): string;
  /**
   * Registers an enclave and its key on all chains, with others beside it, and starts the ledger from its genesis state; after that
   * nothing can be hurried.
   */
  admit(enclave: Newcomer, beside?: Beside): Promise<void>;
  /** Runs `work` without its waiting for the Polkadot side's next slot, where that side can do so. */
  hurry<T>(work: () => Promise<T>): Promise<T>;
  /** Moves the time of all chains ahead. @throws {RangeError} too far, or native nodes, whose clocks nobody can move */
  forward(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/** What is read of an enclave's status to admit it. */
export type Newcomer = Admitted & PublishedKey & { readonly ledger: { readonly stateId: Hex } };

/** Enclaves of the same ledger that are admitted together with one, and how many of all have to sign. */
export interface Beside {
  readonly others: readonly Admitted[];
  readonly threshold: number;
}

type Note = (opened: Closable) => void;

const POLL_MS = 250;
const ONE_YEAR_SEC = 365n * 86_400n;

/** Starts the chains, deploys the bridge and writes the other processes' configuration files. */
export async function startWorld(config: DevnetConfig): Promise<World> {
  const opened: Closable[] = [];
  const close = async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  };
  try {
    return { ...(await openWorld(config, (each) => opened.push(each))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What is opened is noted at once, so that a failure on the way leaves nothing running. */
async function openWorld(config: DevnetConfig, note: Note): Promise<Omit<World, 'close'>> {
  const { ethereum, polkadot } = await startChains(config, note);
  const secretOf = createSecrets(ethereum);
  const chains = listChains(ethereum, polkadot);
  const lightClients = listLightClients(ethereum, polkadot);
  const connections = await openChains(chains, lightClients, { pollMs: POLL_MS, note });
  const sites = await Promise.all(
    connections.map(async ({ local, chain }): Promise<Site> => {
      return { chain, owner: await chain.signer(secretOf(ACCOUNTS.owner[local.kind])) };
    }),
  );
  const deployment = await polkadot.hurry(() => deployDemoBridge(sites));
  const startSec = Math.floor(Date.now() / 1000);
  const parts = { chains: connections, lightClients, deployment, startSec };
  const client = createClientConfig(parts);
  await writeConfigs(config, { ...parts, secretOf, pollMs: POLL_MS });
  return {
    chains,
    deployment,
    client,
    secretOf,
    admit: async (enclave, beside) => {
      await polkadot.hurry(() => admit({ sites, deployment }, enclave, beside));
      await polkadot.keepTime();
    },
    hurry: polkadot.hurry,
    forward: async (seconds) => {
      if (!polkadot.forward) throw new RangeError('nobody can move the clocks of native nodes');
      await ethereum.forward(seconds);
    },
  };
}

async function startChains(config: DevnetConfig, note: Note) {
  const noted = async <T extends Closable>(opening: Promise<T>): Promise<T> => {
    const each = await opening;
    note(each);
    return each;
  };
  const { slotMs, startSlot, host } = config;
  const [ethereum, polkadot] = await Promise.all([
    noted(startEthereumDevnet({ slotMs, startSlot, host })),
    noted(startPolkadotSide(config)),
  ]);
  if (polkadot.forward) ethereum.onForward(polkadot.forward);
  return { ethereum, polkadot };
}

interface Deployed {
  readonly sites: readonly Site[];
  readonly deployment: Deployment;
}

const ALONE: Beside = { others: [], threshold: 1 };

async function admit({ sites, deployment }: Deployed, enclave: Newcomer, beside = ALONE) {
  const { others, threshold } = beside;
  const expiresAtSec = BigInt(Math.floor(Date.now() / 1000)) + ONE_YEAR_SEC;
  const enclaves = [enclave, ...others] as const;
  await admitEnclaves(sites, deployment, { enclaves, expiresAtSec, threshold });
  await publishKey(sites, deployment, enclave);
  await initializeAnchor(sites, deployment, enclave.ledger.stateId);
}

function createSecrets({ devAccounts }: EthereumDevnet): World['secretOf'] {
  return (account) => {
    if (typeof account === 'string') return account;
    const found = devAccounts[account];
    if (!found) throw new RangeError(`anvil has no account ${account}`);
    return found.privateKey;
  };
}
