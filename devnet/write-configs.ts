import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ClientConfig, clientConfigSchema } from '../src/config/client.ts';
import { contractsOn } from '../src/deploy/deploy-bridge.ts';
import type { Hex } from '../src/shared/bytes.ts';
import { ACCOUNTS, type DevAccount, ledgerAccounts } from './accounts.ts';
import type { DevnetConfig } from './config.ts';
import type { Deployment } from './demo-assets.ts';
import type { LocalChain, LocalLightClient, OpenChain } from './local-chains.ts';
import { COMMIT_EVERY_SEC, POOLS, ROUNDS } from './timing.ts';

/** What the configurations are made of. */
export interface Parts {
  readonly chains: readonly OpenChain[];
  readonly lightClients: readonly LocalLightClient[];
  readonly deployment: Deployment;
  /** The instant that rounds are counted from, in seconds of Unix time. */
  readonly startSec: number;
}

type Secrets = (account: DevAccount) => string;

/** The money of the local world is none, and its Polkadot side asks for much of it: limits would only stop those who try how much it carries. */
const TOY_WEI = `${10n ** 24n}`;
const LOOPBACK = '127.0.0.1';
const EPOCH = 1;

/** The configuration of a user of the local world, without an enclave to ask. */
export function createClientConfig(parts: Parts): ClientConfig {
  return clientConfigSchema.parse(clientJson(parts));
}

/** Writes `client.json`, `enclave.json`, `relayer.json` and `api.json`. */
export async function writeConfigs(
  { folder, advertise }: DevnetConfig,
  parts: Parts & { readonly secretOf: Secrets; readonly pollMs: number },
): Promise<void> {
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
  write('client.json', { ...clientJson(parts), enclave: socket });
  write('enclave.json', {
    folder: join(at, 'enclave'),
    listen: socket,
    record: join(at, 'evidence.jsonl'),
    measured: await fetchMeasuredJson(parts, parts.secretOf),
  });
  write('relayer.json', {
    ...relayerJson(parts, parts.secretOf),
    beneficiary: ledgerAccounts(parts.secretOf).relayer,
    commitEverySec: COMMIT_EVERY_SEC,
    enclaves: [socket],
    journal: { folder: join(at, 'relayer') },
    pollMs: parts.pollMs,
  });
  write('api.json', {
    ...apiJson(parts),
    commitEverySec: COMMIT_EVERY_SEC,
    journal: { postgresUrl: 'given by VEILSPAN_API__JOURNAL__POSTGRES_URL' },
  });
}

/** What is public of the bridge. */
function apiJson({ chains, lightClients, deployment, startSec }: Parts) {
  return {
    lightClients: lightClients.map(nodeOf),
    chains: chains.map(({ local }) => ({
      ...chainJson(local),
      ...contractsOn(deployment, local.chainId),
    })),
    anchor: anchorJson(deployment),
    rounds: roundsJson(startSec),
  };
}

function clientJson(parts: Parts) {
  const { deployment } = parts;
  return {
    ...apiJson(parts),
    pools: POOLS,
    tokens: deployment.assets.map(({ symbol, asset, decimals, addresses }) => ({
      symbol,
      asset,
      decimals,
      addresses: Object.fromEntries([...addresses].map(([id, token]) => [`${id}`, token])),
    })),
  };
}

function relayerJson({ chains, lightClients, deployment, startSec }: Parts, secretOf: Secrets) {
  return {
    lightClients: lightClients.map(nodeOf),
    chains: chains.map(({ local }) => ({
      ...chainJson(local),
      gateway: contractsOn(deployment, local.chainId).gateway,
      signer: secretOf(ACCOUNTS.relayer[local.kind]),
      spending: { transactionWei: TOY_WEI, dayWei: TOY_WEI },
    })),
    anchor: anchorJson(deployment),
    rounds: roundsJson(startSec),
  };
}

function roundsJson(startSec: number) {
  return { startSec, roundSec: ROUNDS.roundSec };
}

async function fetchMeasuredJson(parts: Parts, secretOf: Secrets) {
  const { chains, lightClients, deployment, startSec } = parts;
  const provenContract = async (chainId: bigint, address: Hex) => {
    const on = chains.find(({ local }) => local.chainId === chainId);
    const trieId = await on?.chain.contractTrieId(address);
    return { address, ...(trieId && { trieId }) };
  };
  const { anchor } = deployment;
  return {
    lightClients: await Promise.all(
      lightClients.map(async ({ id, kind, fetchMeasured }) => {
        return { id, kind, ...(await fetchMeasured()) };
      }),
    ),
    chains: await Promise.all(
      chains.map(async ({ local: { chainId, url: _, urls: __, ...chain } }) => {
        const { gateway } = contractsOn(deployment, chainId);
        const proven = await provenContract(chainId, gateway);
        return { chainId: Number(chainId), ...chain, gateway: proven };
      }),
    ),
    anchor: {
      chainId: Number(anchor.chainId),
      ...(await provenContract(anchor.chainId, anchor.address)),
    },
    epoch: EPOCH,
    rounds: { startSec, ...ROUNDS },
    pools: POOLS,
    houseAccount: ledgerAccounts(secretOf).house,
  };
}

function nodeOf({ id, kind, url }: LocalLightClient) {
  return { id, kind, url };
}

function chainJson({ chainId, ...chain }: LocalChain) {
  return { chainId: Number(chainId), ...chain, fromBlock: 0 };
}

function anchorJson({ anchor }: Deployment) {
  return { chainId: Number(anchor.chainId), address: anchor.address };
}
