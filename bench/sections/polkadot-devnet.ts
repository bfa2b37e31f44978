import { readFile } from 'node:fs/promises';
import { Keyring } from '#polkadot/keyring';
import { createChain } from '../../devnet/polkadot/chain.ts';
import {
  applyDiff,
  computeStateRoot,
  type StorageDiff,
} from '../../devnet/polkadot/chain-state.ts';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import { connectApi, RUNTIME_WASM, startManualChain } from '../../test/support/polkadot-devnet.ts';
import { createSequence } from '../cases/sequence.ts';
import type { Options } from '../options.ts';
import { formatMs, printTable } from '../report.ts';
import { measureMs, median } from '../timing.ts';

const CHANGED_KEYS = 100;

/** How fast the Polkadot side of the local world makes blocks. */
export async function benchPolkadotDevnet(options: Options): Promise<void> {
  const transfers = options.isQuick ? 20 : 100;
  const chain = await startManualChain();
  try {
    const emptyMs = await timeBlocks(chain, options.repeats.runs, async () => undefined);
    const included: number[] = [];
    const api = await connectApi(chain);
    const fill = () => submitTransfers(api, transfers);
    const fullMs = await timeBlocks(chain, options.isQuick ? 1 : 3, fill, async (hash) => {
      included.push((await api.rpc.chain.getBlock(hash)).block.extrinsics.length - 1);
    });
    await api.disconnect();
    const rootMs = await measureStateRoot(options);
    printTable({
      title: 'Polkadot devnet: time per block',
      columns: ['what', 'time'],
      rows: [
        ['empty block', formatMs(emptyMs)],
        [`block of ${median(included)} signed transfers`, formatMs(fullMs)],
        [`state root after ${CHANGED_KEYS} changed keys`, formatMs(rootMs)],
      ],
      note: 'From the order to build to the finalized block, three authorities signing. The chain leaves room for a block every 2 s.',
    });
  } finally {
    await chain.close();
  }
}

async function timeBlocks(
  chain: PolkadotDevnet,
  count: number,
  prepare: () => Promise<void>,
  inspect: (hash: string) => Promise<void> = async () => undefined,
): Promise<number> {
  await chain.produceBlock();
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    await prepare();
    const startMs = performance.now();
    const hash = await chain.produceBlock();
    times.push(performance.now() - startMs);
    await inspect(hash);
  }
  return median(times);
}

/** Puts transfers into the pool. */
async function submitTransfers(
  api: Awaited<ReturnType<typeof connectApi>>,
  count: number,
): Promise<void> {
  const keyring = new Keyring({ type: 'sr25519' });
  const [from, to] = [keyring.addFromUri('//Alice'), keyring.addFromUri('//Bob')];
  const transfer = api.tx['balances']?.['transferKeepAlive'];
  if (transfer === undefined) throw new Error('the runtime has no balances.transferKeepAlive');
  const first = (await api.rpc.system.accountNextIndex(from.address)).toNumber();
  for (let i = 0; i < count; i++) {
    await transfer(to.address, 10n ** 10n).signAndSend(from, { nonce: first + i });
  }
}

async function measureStateRoot({ repeats, seed }: Options): Promise<number> {
  const chain = await createChain({
    code: await readFile(RUNTIME_WASM),
    preset: 'development',
    patch: {},
  });
  const { state } = chain.tree.genesis;
  const next = createSequence(seed);
  const word = () => next().toString(16).padStart(64, '0');
  try {
    return await measureMs(() => {
      const diff: StorageDiff = Array.from({ length: CHANGED_KEYS }, () => [word(), `0x${word()}`]);
      return computeStateRoot(applyDiff(state, diff));
    }, repeats);
  } finally {
    await Promise.all([chain.executor.close(), chain.builder.close()]);
  }
}
