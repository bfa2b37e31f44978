import type { Logger } from 'pino';
import { createEthereumChain } from '../chains/ethereum/ethereum-chain.ts';
import type { BridgedChain, ChainSigner } from '../chains/shared/bridged-chain.ts';
import { createPolkadotChain } from '../chains/substrate/substrate-chain.ts';
import type { RelayerConfig } from '../config/relayer.ts';
import type { Secret } from '../config/secret.ts';
import { createEnclaveClient } from '../enclave-client/enclave-client.ts';
import type { Bridge, EnclaveLine } from './bridge.ts';
import type { Database } from './journal/database.ts';
import { Serial } from './serial.ts';

interface Surroundings {
  readonly database: Database;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Both chains, connected, with accounts that can submit. */
export type Ends = Pick<Bridge, 'ethereum' | 'polkadot'>;

/** Connects to both chains. @throws {ChainError} one does not answer, or is another than the configured one */
export async function openEnds(config: RelayerConfig): Promise<Ends> {
  const [ethereum, polkadot] = await Promise.allSettled([
    openEthereum(config),
    openPolkadot(config),
  ]);
  if (ethereum.status === 'fulfilled' && polkadot.status === 'fulfilled') {
    return { ethereum: ethereum.value, polkadot: polkadot.value };
  }
  for (const end of [ethereum, polkadot]) {
    if (end.status === 'fulfilled') await end.value.chain.close();
  }
  throw ethereum.status === 'rejected' ? ethereum.reason : rejectionOf(polkadot);
}

function rejectionOf(end: PromiseSettledResult<unknown>): unknown {
  return end.status === 'rejected' ? end.reason : undefined;
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
export async function closeBridge({ ethereum, polkadot, enclaves }: Bridge): Promise<void> {
  for (const { client } of enclaves) client.close();
  await Promise.all([ethereum.chain.close(), polkadot.chain.close()]);
}

async function openEthereum({ ethereum, pollMs }: RelayerConfig): Promise<Bridge['ethereum']> {
  const { rpcUrl, beaconUrl, chainId, gateway, fromBlock, signer } = ethereum;
  const chain = await createEthereumChain({ rpcUrl, beaconUrl, chainId, pollMs });
  return {
    chain,
    gateway,
    fromBlock,
    signer: await signerOf(chain, signer),
    contracts: [gateway],
    submitting: new Serial(),
    recording: new Serial(),
  };
}

async function openPolkadot({ polkadot, pollMs }: RelayerConfig): Promise<Bridge['polkadot']> {
  const { wsUrl, chainId, relay, gateway, anchor, fromBlock, signer } = polkadot;
  const chain = await createPolkadotChain({ wsUrl, chainId, relay, pollMs });
  return {
    chain,
    gateway,
    anchor,
    fromBlock,
    signer: await signerOf(chain, signer),
    contracts: [gateway, anchor],
    submitting: new Serial(),
    recording: new Serial(),
  };
}

/** The account; without it the connection is of no use and is ended. */
async function signerOf(chain: BridgedChain, secret: Secret): Promise<ChainSigner> {
  try {
    return await chain.signer(secret.reveal());
  } catch (error) {
    await chain.close();
    throw error;
  }
}

function openLine(address: string): EnclaveLine {
  return { client: createEnclaveClient({ address }), commanding: new Serial() };
}
