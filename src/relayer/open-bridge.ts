import type { Logger } from 'pino';
import type { RelayerConfig } from '../config/relayer.ts';
import type { Bridge, EnclaveLine } from './bridge.ts';
import { createEthereumChain } from './chains/ethereum-chain.ts';
import { createPolkadotChain } from './chains/polkadot-chain.ts';
import { createEnclaveClient } from './enclave-client/enclave-client.ts';
import type { Database } from './journal/database.ts';
import { Serial } from './serial.ts';

interface Surroundings {
  readonly database: Database;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Connects to both chains and the enclaves. */
export async function openBridge(
  config: RelayerConfig,
  { database, log, signal }: Surroundings,
): Promise<Bridge> {
  const [ethereum, polkadot] = await Promise.all([openEthereum(config), openPolkadot(config)]);
  const [leader, ...others] = config.enclaves.map(openLine);
  if (leader === undefined) throw new RangeError('the schema asks for at least one enclave');
  return {
    ethereum,
    polkadot,
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
    signer: await chain.signer(signer.reveal()),
    contracts: [gateway],
    submitting: new Serial(),
    recording: new Serial(),
  };
}

async function openPolkadot({ polkadot, pollMs }: RelayerConfig): Promise<Bridge['polkadot']> {
  const { wsUrl, chainId, gateway, anchor, fromBlock, signer } = polkadot;
  const chain = await createPolkadotChain({ wsUrl, chainId, pollMs });
  return {
    chain,
    gateway,
    anchor,
    fromBlock,
    signer: await chain.signer(signer.reveal()),
    contracts: [gateway, anchor],
    submitting: new Serial(),
    recording: new Serial(),
  };
}

function openLine(address: string): EnclaveLine {
  return { client: createEnclaveClient({ address }), commanding: new Serial() };
}
