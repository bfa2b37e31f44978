import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../../config/load.ts';
import { firstStatus } from '../../enclave-client/enclave-status.ts';
import { loadDevnet } from '../load-devnet.ts';
import { aborted, stopSignal } from '../until-stopped.ts';

interface Options {
  readonly config?: string;
  readonly folder?: string;
  readonly host?: string;
  readonly advertise?: string;
  readonly polkadot?: string;
  readonly topology?: string;
  readonly parachains?: number;
}

/** `veilspan devnet`: the chains on one machine, with the bridge on them. */
export function addDevnetCommand(program: Command): void {
  program
    .command('devnet')
    .summary('the chains on this machine, with the bridge on them')
    .description(
      'Starts an Ethereum (anvil and a beacon that finalizes in seconds) and a Polkadot side (the real ' +
        'runtime) on this machine, deploys the bridge on them, writes client.json, enclave.json and ' +
        'relayer.json, and admits the enclave that answers. Real proofs and signatures; toy validators.',
    )
    .option('-c, --config <file>', 'its configuration, if the defaults will not do')
    .option('-f, --folder <folder>', 'where to write the files (default .veilspan)')
    .option('--host <address>', 'address the servers listen on (default 127.0.0.1)')
    .option('--advertise <name>', 'host name to write into the files, for other machines')
    .option('--polkadot <kind>', 'typescript or native (three nodes of $VEILSPAN_NODE)')
    .option(
      '--topology <kind>',
      "solo or parachain (a relay chain makes the contracts' chain final)",
    )
    .option('--parachains <count>', 'with --topology parachain: 1 or 2 (default 1)', Number)
    .action(run);
}

async function run({ config: file, ...flags }: Options): Promise<void> {
  const signal = stopSignal();
  const { devnetConfigSchema } = await loadDevnet(() => import('@veilspan/devnet/config'));
  const config = loadConfig(devnetConfigSchema, file ?? flags, process.env, 'VEILSPAN_DEVNET');
  const folder = resolve(config.folder);
  const { startWorld } = await loadDevnet(() => import('@veilspan/devnet/world'));
  const world = await startWorld(config);
  for (const { name, url, gateway } of world.client.chains) {
    console.log(`${name.padEnd(12)}${url}  gateway ${gateway}`);
  }
  const { anchor, lightClients } = world.client;
  for (const { id, url } of lightClients) console.log(`finality of ${id}: ${url}`);
  console.log(`anchor ${anchor.address} on chain ${anchor.chainId}`);
  console.log(
    `waiting for an enclave: npx veilspan enclave --config ${join(folder, 'enclave.json')}`,
  );
  try {
    const enclave = await firstStatus(join(folder, 'enclave.sock'), signal);
    await world.admit(enclave);
    console.log(
      `admitted enclave ${enclave.signer}, epoch ${enclave.epoch}, ledger at its genesis`,
    );
    console.log(`now start: npx veilspan relayer run --config ${join(folder, 'relayer.json')}`);
    await aborted(signal);
  } finally {
    await world.close();
  }
}
