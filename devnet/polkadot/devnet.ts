import { readFile } from 'node:fs/promises';
import type { Hex } from '../../src/shared/bytes.ts';
import { deriveAccountKey, deriveGrandpaKey } from './authority-keys.ts';
import { type Chain, createChain } from './chain.ts';
import { NO_LOG, openChainLog } from './chain-log.ts';
import { DevnetRunner } from './devnet-runner.ts';
import type { JsonObject } from './genesis.ts';
import type { GrandpaVoter } from './grandpa-voter.ts';
import { checkOptions, type PolkadotDevnetOptions, type VoterFaults } from './options.ts';
import { createAuthorModule } from './rpc/author.ts';
import { createChainModule } from './rpc/chain.ts';
import { createChildStateModule } from './rpc/childstate.ts';
import { createDispatch, type Dispatch } from './rpc/dispatch.ts';
import { createGrandpaModule } from './rpc/grandpa.ts';
import { createPaymentModule } from './rpc/payment.ts';
import { createRuntimeApi } from './rpc/runtime-api.ts';
import { type RpcServer, startRpcServer } from './rpc/server.ts';
import { createStateModule } from './rpc/state.ts';
import { createSystemModule } from './rpc/system.ts';
import { TransactionWatches } from './transaction-watches.ts';

export type PolkadotDevnet = {
  readonly wsUrl: string;
  readonly httpUrl: string;
  readonly genesisHash: Hex;
  /** Builds, imports and, unless held, finalizes; returns the block's hash. */
  produceBlock(): Promise<Hex>;
  /** Whether extrinsics wait that the next block could take. */
  hasReadyExtrinsics(): boolean;
  /** No block becomes final until `resumeFinality`; blocks go on. */
  holdFinality(): void;
  resumeFinality(): Promise<void>;
  /** From now on these authorities are late or absent, and no others. */
  setVoterFaults(faults: VoterFaults): Promise<void>;
  /**
   * Replaces the last `depth` blocks of the best chain by an empty branch that is one block longer,
   * and returns its blocks. What was in the old ones goes back to the pool.
   */
  fork(request: { depth: number }): Promise<readonly Hex[]>;
  close(): Promise<void>;
};

/** Starts a chain of the real runtime with toy validators, serving Substrate's JSON-RPC. */
export async function createPolkadotDevnet(
  options: PolkadotDevnetOptions,
): Promise<PolkadotDevnet> {
  checkOptions(options);
  const { preset = 'development', dataDir, host = '127.0.0.1', port = 0, evmChainId } = options;
  const code = typeof options.wasm === 'string' ? await readFile(options.wasm) : options.wasm;
  const patch = createGenesisPatch(options);
  const chain = await createChain({ code, preset, patch, evmChainId });
  try {
    const log = dataDir === undefined ? NO_LOG : openChainLog(dataDir, chain.tree);
    const runner = new DevnetRunner(chain, log, options);
    const server = await startRpcServer(createRpc(chain, runner.voter, preset), { host, port });
    if (options.production !== 'manual') runner.start();
    return createHandle(chain, runner, server);
  } catch (error) {
    await closeExecutors(chain);
    throw error;
  }
}

function createHandle(chain: Chain, runner: DevnetRunner, server: RpcServer): PolkadotDevnet {
  return {
    wsUrl: server.wsUrl,
    httpUrl: server.httpUrl,
    genesisHash: chain.tree.genesis.hash,
    produceBlock: async () => (await runner.produceBlock()).hash,
    hasReadyExtrinsics: () => chain.pool.ready().length > 0,
    holdFinality: () => runner.holdFinality(),
    resumeFinality: () => runner.resumeFinality(),
    setVoterFaults: (faults) => runner.setVoterFaults(faults),
    fork: async ({ depth }) => (await runner.fork(depth)).map(({ hash }) => hash),
    async close() {
      await runner.stop();
      await server.close();
      await closeExecutors(chain);
    },
  };
}

async function closeExecutors({ executor, builder }: Chain): Promise<void> {
  await Promise.all([executor.close(), builder.close()]);
}

/** What the options change of the preset. */
function createGenesisPatch({ authorities, sudoUri }: PolkadotDevnetOptions): JsonObject {
  const weighted = authorities?.map(({ uri, weight }) => [deriveGrandpaKey(uri).address, weight]);
  return {
    ...(weighted !== undefined && { grandpa: { authorities: weighted } }),
    ...(sudoUri !== undefined && { sudo: { key: deriveAccountKey(sudoUri).address } }),
  };
}

function createRpc(chain: Chain, voter: GrandpaVoter, preset: string): Dispatch {
  const runtime = createRuntimeApi(chain);
  const chainType = preset === 'development' ? 'Development' : 'Local';
  return createDispatch([
    createChainModule(chain),
    createStateModule(chain, runtime),
    createChildStateModule(chain),
    createAuthorModule(chain, new TransactionWatches(chain)),
    createSystemModule(chain, { chain: `Veilspan ${preset}`, chainType }),
    createPaymentModule(chain, runtime),
    createGrandpaModule(chain, voter),
  ]);
}
