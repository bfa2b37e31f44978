import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ClientConfig, clientConfigSchema } from '../src/config/client.ts';
import { contractsOn } from '../src/deploy/deploy-bridge.ts';
import type { Hex } from '../src/shared/bytes.ts';
import { ACCOUNTS, type DevAccount } from './accounts.ts';
import type { DevnetConfig } from './config.ts';
import type { Deployment } from './demo-assets.ts';
import type { LocalChain, LocalLightClient, OpenChain } from './local-chains.ts';

/** What the configurations are made of. */
export interface Parts {
  readonly chains: readonly OpenChain[];
  readonly lightClients: readonly LocalLightClient[];
  readonly deployment: Deployment;
}

type Secrets = (account: DevAccount) => string;

const LOOPBACK = '127.0.0.1';
const EPOCH = 1;

/** The configuration of a user of the local world, without an enclave to ask. */
export function createClientConfig(parts: Parts): ClientConfig {
  return clientConfigSchema.parse(clientJson(parts));
}

/** Writes `client.json`, `enclave.json` and `relayer.json`. */
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
    measured: await fetchMeasuredJson(parts),
  });
  write('relayer.json', {
    ...relayerJson(parts, parts.secretOf),
    beneficiary: await beneficiaryOf(parts, parts.secretOf),
    enclaves: [socket],
    journal: { folder: join(at, 'relayer') },
    pollMs: parts.pollMs,
  });
}

function clientJson({ chains, lightClients, deployment }: Parts) {
  return {
    lightClients: lightClients.map(nodeOf),
    chains: chains.map(({ local }) => ({
      ...chainJson(local),
      ...contractsOn(deployment, local.chainId),
    })),
    anchor: anchorJson(deployment),
    tokens: deployment.assets.map(({ symbol, asset, decimals, addresses }) => ({
      symbol,
      asset,
      decimals,
      addresses: Object.fromEntries([...addresses].map(([id, token]) => [`${id}`, token])),
    })),
  };
}

function relayerJson({ chains, lightClients, deployment }: Parts, secretOf: Secrets) {
  return {
    lightClients: lightClients.map(nodeOf),
    chains: chains.map(({ local }) => ({
      ...chainJson(local),
      gateway: contractsOn(deployment, local.chainId).gateway,
      signer: secretOf(ACCOUNTS.relayer[local.kind]),
    })),
    anchor: anchorJson(deployment),
  };
}

async function fetchMeasuredJson({ chains, lightClients, deployment }: Parts) {
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
      chains.map(async ({ local: { chainId, name, kind, lightClient, route } }) => {
        const { gateway } = contractsOn(deployment, chainId);
        const proven = await provenContract(chainId, gateway);
        return { chainId: Number(chainId), name, kind, gateway: proven, lightClient, route };
      }),
    ),
    anchor: {
      chainId: Number(anchor.chainId),
      ...(await provenContract(anchor.chainId, anchor.address)),
    },
    epoch: EPOCH,
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

/** The relayer's account on the first chain. */
async function beneficiaryOf({ chains }: Parts, secretOf: Secrets): Promise<Hex | undefined> {
  const [first] = chains;
  return (await first?.chain.signer(secretOf(ACCOUNTS.relayer[first.local.kind])))?.address;
}
