import { join } from 'node:path';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { freePort } from '../../support/free-port.ts';
import { type RpcWire, startRpcWire } from './rpc-wire.ts';
import { Supervised } from './supervised.ts';

/** What is changed of a relayer's configuration file. */
export interface RelayerJson {
  readonly chains: readonly {
    readonly name: string;
    readonly url: string;
    readonly signer: string;
  }[];
  readonly lightClients: readonly { readonly id: string; readonly url: string }[];
  readonly journal: { readonly folder: string; readonly postgresUrl?: string };
  readonly queue?: { readonly redisUrl?: string };
}

/** Something that a relayer speaks to, and the network between the two. */
export interface Line {
  readonly name: string;
  readonly proxy: FaultProxy;
  /** Of lines to nodes: what can have them lie. */
  readonly rpc?: RpcWire;
}

/** A relayer as its operator and the network see it. */
export interface Operated {
  readonly supervised: Supervised;
  readonly config: RelayerJson;
  readonly configPath: string;
  readonly lines: readonly Line[];
  /** Past all lines. */
  readonly postgresUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly journalFolder: string;
  /** Where it serves `/ready`. */
  readonly statusUrl: string;
  close(): Promise<void>;
}

interface Places {
  readonly folder: string;
  /** Where its configuration will be written. */
  readonly path: string;
  /** Of the enclave. */
  readonly socket: string;
  readonly redisUrl: string | undefined;
}

/** Puts a line between a relayer and everything that it speaks to. It is not started. */
export async function openOperated(
  name: string,
  json: RelayerJson,
  { folder, path, socket, redisUrl: sharedRedis }: Places,
): Promise<Operated> {
  const { postgresUrl } = json.journal;
  const redisUrl = json.queue === undefined ? sharedRedis : json.queue.redisUrl;
  const lines: Line[] = [];
  /** Each address has one line, also one that is configured twice. */
  const through = new Map<string, string>();
  const wire = async (line: string, url: string, kind: 'rpc' | 'bytes') => {
    const known = through.get(url);
    if (known !== undefined) return known;
    const rpc = kind === 'rpc' ? await startRpcWire(url) : undefined;
    const { hostname, port } = new URL(url);
    const target =
      rpc === undefined
        ? { host: hostname, port: Number(port) }
        : { host: '127.0.0.1', port: rpc.port };
    const proxy = await startFaultProxy(target);
    lines.push({ name: line, proxy, ...(rpc && { rpc }) });
    const address = new URL(url);
    address.host = proxy.address;
    through.set(url, address.href);
    return address.href;
  };
  const chains = [];
  for (const chain of json.chains)
    chains.push({ ...chain, url: await wire(chain.name, chain.url, 'rpc') });
  const lightClients = [];
  for (const client of json.lightClients) {
    lightClients.push({
      ...client,
      url: await wire(`finality of ${client.id}`, client.url, 'rpc'),
    });
  }
  const enclavePath = join(folder, `${name}-enclave.sock`);
  lines.push({
    name: 'enclave',
    proxy: await startFaultProxy({ path: socket }, { path: enclavePath }),
  });
  const status = `127.0.0.1:${await freePort()}`;
  const config = {
    ...json,
    chains,
    lightClients,
    enclaves: [enclavePath],
    journal: {
      folder: json.journal.folder,
      ...(postgresUrl && { postgresUrl: await wire('journal', postgresUrl, 'bytes') }),
    },
    queue: { ...(redisUrl && { redisUrl: await wire('queue', redisUrl, 'bytes') }) },
    status: { listen: status, requestsPerMinute: 1_000_000 },
    logLevel: 'info',
    logFormat: 'json',
  };
  const supervised = new Supervised(name, ['relayer', 'run', '--config', path], folder);
  return {
    supervised,
    config,
    configPath: path,
    lines,
    postgresUrl,
    redisUrl,
    journalFolder: json.journal.folder,
    statusUrl: `http://${status}`,
    close: async () => {
      await supervised.stop();
      for (const { proxy, rpc } of lines) {
        await proxy.close();
        await rpc?.close();
      }
    },
  };
}
