import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { devnetConfigSchema } from '../../devnet/config.ts';
import { type EthereumDevnet, startEthereumDevnet } from '../../devnet/ethereum/ethereum-devnet.ts';
import { type PolkadotSide, startPolkadotSide } from '../../devnet/polkadot-side.ts';
import { createRpcClient } from '../../src/chains/shared/json-rpc.ts';
import { hexBytes, quantity } from '../../src/chains/shared/node-hex.ts';
import { fromHex } from '../../src/shared/bytes.ts';

// twox128("Timestamp") ++ twox128("Now")
const TIMESTAMP_NOW = '0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb';
/** A slot of each chain, and what a busy machine takes to make a block. */
const TOLERANCE_SEC = 5;

describe.each(['solo', 'parachain'] as const)('the clock of a local world (%s)', (topology) => {
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-clock-'));
  let ethereum: EthereumDevnet;
  let polkadot: PolkadotSide;

  beforeAll(async () => {
    ethereum = await startEthereumDevnet();
    polkadot = await startPolkadotSide(devnetConfigSchema.parse({ folder, topology }));
    if (polkadot.forward) ethereum.onForward(polkadot.forward);
  });
  afterAll(async () => {
    await polkadot?.close();
    await ethereum?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ethereumSec = async () => {
    const rpc = createRpcClient('ethereum', ethereum.rpcUrl);
    const block = await rpc(
      'eth_getBlockByNumber',
      ['latest', false],
      z.object({ timestamp: quantity }),
    );
    return Number(block.timestamp);
  };
  const polkadotSec = async () => {
    const url = polkadot.chains[0].wsUrl.replace('ws:', 'http:');
    const word = await createRpcClient('polkadot', url)(
      'state_getStorage',
      [TIMESTAMP_NOW],
      hexBytes,
    );
    return Number(Buffer.from(fromHex(word)).readBigUInt64LE() / 1000n);
  };
  const realSec = () => Date.now() / 1000;
  const gaps = async (aheadSec: number) =>
    Promise.all(
      [ethereumSec(), polkadotSec()].map(async (time) =>
        Math.abs((await time) - realSec() - aheadSec),
      ),
    );
  const agree = async (aheadSec: number) => {
    for (let tries = 0; tries < 60; tries++) {
      if (Math.max(...(await gaps(aheadSec))) <= TOLERANCE_SEC) return true;
      await sleep(500);
    }
    return false;
  };

  it('leaves room behind the real time until the chain is told to keep it', async () => {
    // The first block is the first that has a time.
    await sleep(3000);
    expect(realSec() - (await polkadotSec())).toBeGreaterThan(60);
    await polkadot.keepTime();
    expect(await agree(0)).toBe(true);
  });

  it('stays one clock while blocks come', async () => {
    await sleep(6000);
    expect(Math.max(...(await gaps(0)))).toBeLessThanOrEqual(TOLERANCE_SEC);
  });

  it('moves both chains when time is moved ahead', async () => {
    await ethereum.forward(300);
    expect(await agree(300)).toBe(true);
  });
});
