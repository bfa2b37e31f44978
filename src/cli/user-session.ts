import { randomBytes } from 'node:crypto';
import type { BridgedChain } from '../chains/shared/bridged-chain.ts';
import { queryAccount } from '../client/account-query.ts';
import { type AccountSigner, accountOfSecret } from '../client/account-signer.ts';
import { type AnchorFacts, fetchAnchorFacts } from '../client/anchor-logs.ts';
import { type AssetTerms, readSuspended, readTerms } from '../client/asset-terms.ts';
import { type Connections, connect } from '../client/connect.ts';
import type { SourceSide } from '../client/deposit.ts';
import { fetchEpochKey } from '../client/epoch-key.ts';
import { drawOrderTimes, type OrderTimes } from '../client/order-times.ts';
import {
  type ClientChain,
  type ClientConfig,
  type ClientToken,
  clientConfigSchema,
} from '../config/client.ts';
import { loadConfig } from '../config/load.ts';
import { createEnclaveClient } from '../enclave-client/enclave-client.ts';
import type { SigningDomain } from '../protocol/eip712.ts';
import type { AccountAnswer } from '../protocol/query-answer.ts';
import type { Rng } from '../shared/rng.ts';
import { CommandLineError } from './command-line-error.ts';
import type { UserOptions } from './parse-options.ts';

/** What a user's command works with, while it runs. */
export interface UserSession {
  readonly client: ClientConfig;
  readonly connections: Connections;
  readonly anchor: AnchorFacts;
  /** The ledger that orders are good for. */
  readonly ledger: SigningDomain;
  readonly rng: Rng;
  /** Chains to which nothing is paid now, and of which nothing is consumed. */
  readonly suspended: ReadonlySet<bigint>;
  chainOf(chain: ClientChain): BridgedChain;
  /** The end of the bridge at which the key in VEILSPAN_SIGNER pays. @throws {CommandLineError} there is none */
  payer(chain: ClientChain): Promise<SourceSide>;
  /** The user's account: of the key in VEILSPAN_ACCOUNT, or else in VEILSPAN_SIGNER. @throws {CommandLineError} */
  account(): Promise<AccountSigner>;
  /** What the ledger says of it. @throws {CommandLineError} the configuration names no enclave to ask */
  ask(account: AccountSigner): Promise<AccountAnswer>;
  /** When the newest block of a chain was made, in seconds of Unix time. */
  timeOf(chain: ClientChain): Promise<bigint>;
  /** When an order that is sent now, at this chain, may leave. */
  drawTimes(chain: ClientChain): Promise<OrderTimes>;
  /** @throws {CommandLineError} the ledger does not know the asset */
  termsOf(token: ClientToken): AssetTerms;
}

/** Reads a configuration, connects, and runs `work` with it. @returns what it does */
export async function withSession<T>(
  options: UserOptions,
  work: (session: UserSession) => Promise<T>,
): Promise<T> {
  const client = loadConfig(clientConfigSchema, options.config, process.env, 'VEILSPAN_CLIENT');
  const connections = await connect(client);
  try {
    const home = client.chains.find(({ chainId }) => chainId === client.anchor.chainId);
    if (!home) throw new CommandLineError('the configuration lacks the chain of its anchor');
    const chain = connectionTo(connections, home);
    const anchor = await fetchAnchorFacts(chain, client.anchor.address, home.fromBlock);
    return await work(createSession({ client, connections, anchor, home }, options));
  } finally {
    await connections.close();
  }
}

interface Parts extends Pick<UserSession, 'client' | 'connections' | 'anchor'> {
  /** The anchor's chain. */
  readonly home: ClientChain;
}

function createSession(parts: Parts, options: UserOptions): UserSession {
  const { client, connections, anchor } = parts;
  const { chainId, address: verifyingContract } = client.anchor;
  const ledger = { chainId, verifyingContract };
  const chainOf = (chain: ClientChain) => connectionTo(connections, chain);
  return {
    client,
    connections,
    anchor,
    ledger,
    rng,
    suspended: readSuspended(anchor.controls),
    chainOf,
    payer: async ({ gateway, registry, ...rest }) => {
      const chain = chainOf({ gateway, registry, ...rest });
      return { chain, signer: await chain.signer(payingKey()), gateway, registry };
    },
    account: () => {
      const { accountIndex: index, accountScheme: scheme } = options;
      return accountOfSecret(process.env['VEILSPAN_ACCOUNT'] ?? payingKey(), { index, scheme });
    },
    ask: (account) => askAccount(account, parts, ledger),
    timeOf: (chain) => timeOf(chainOf(chain)),
    drawTimes: async (chain) => {
      const nowSec = await timeOf(chainOf(chain));
      const facts = { schedule: client.rounds, lagSec: chain.lagSec, nowSec };
      return drawOrderTimes(facts, client.pools, rng);
    },
    termsOf: (token) => {
      const terms = readTerms(anchor.controls, token.asset);
      if (terms) return terms;
      throw new CommandLineError(`the ledger does not know ${token.symbol} on this anchor`);
    },
  };
}

async function timeOf(chain: BridgedChain): Promise<bigint> {
  return await chain.blockTimeSec((await chain.head()).hash);
}

const rng: Rng = { bytes: (length) => new Uint8Array(randomBytes(length)) };

function payingKey(): string {
  const secret = process.env['VEILSPAN_SIGNER'];
  if (secret) return secret;
  throw new CommandLineError('set VEILSPAN_SIGNER to the key that pays');
}

function connectionTo({ chains }: Connections, { chainId, name }: ClientChain): BridgedChain {
  const chain = chains.get(chainId);
  if (chain) return chain;
  throw new CommandLineError(`there is no connection to ${name}`);
}

async function askAccount(
  account: AccountSigner,
  { client, connections, anchor, home }: Parts,
  ledger: SigningDomain,
): Promise<AccountAnswer> {
  if (client.enclave === undefined) {
    throw new CommandLineError('the configuration names no enclave that could be asked');
  }
  const chain = connectionTo(connections, home);
  const enclave = createEnclaveClient({ address: client.enclave });
  try {
    const epochKey = await fetchEpochKey({ chain, registry: home.registry });
    const { round } = anchor;
    const { roundSec } = client.rounds;
    const registry = { chain, address: home.registry };
    const ask = async (sealed: Uint8Array) => (await enclave.ask('query', { sealed })).sealed;
    return await queryAccount(
      account,
      { ledger, epochKey, round, roundSec, registry },
      { ask, rng },
    );
  } finally {
    enclave.close();
  }
}
