import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createPolkadotDevnet, type PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import { readAuraSlot } from '../../devnet/polkadot/header.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import { ask, finalizedHeight, type HeaderJson, RUNTIME_WASM } from '../support/polkadot-devnet.ts';

const TIMESTAMP_NOW = '0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb';

async function slotOf(chain: PolkadotDevnet, hash: Hex): Promise<number | undefined> {
  const { digest, ...header } = await ask<HeaderJson>(chain, 'chain_getHeader', hash);
  return readAuraSlot({ ...header, number: Number(header.number), logs: digest.logs });
}

describe('the slots of the Polkadot devnet', () => {
  it('follow the clock, and never stand still', async () => {
    let nowMs = 1_800_000_001_500;
    const clock = { nowMs: () => nowMs };
    const chain = await createPolkadotDevnet({ wasm: RUNTIME_WASM, production: 'manual', clock });
    const slots: (number | undefined)[] = [];
    for (const stepMs of [0, 0, 9_000]) {
      nowMs += stepMs;
      slots.push(await slotOf(chain, await chain.produceBlock()));
    }
    expect(slots).toEqual([900_000_000, 900_000_001, 900_000_005]);
    const timestamp = Buffer.from(
      (await ask<Hex>(chain, 'state_getStorage', TIMESTAMP_NOW)).slice(2),
      'hex',
    );
    expect(timestamp.readBigUInt64LE()).toBe(1_800_000_010_000n);
    await chain.close();
  });

  it('come by themselves, and faster than real time in a time of their own', async () => {
    const genesisTimeMs = 1_700_000_000_000;
    const chain = await createPolkadotDevnet({ wasm: RUNTIME_WASM, slotMs: 100, genesisTimeMs });
    const socket = new WebSocket(chain.wsUrl);
    await once(socket, 'open');
    socket.send('{"jsonrpc":"2.0","id":1,"method":"chain_subscribeNewHeads"}');
    for (let messages = 0; messages < 5; messages++) await once(socket, 'message');
    const third = await ask<Hex>(chain, 'chain_getBlockHash', 3);
    expect(await slotOf(chain, third)).toBe(850_000_002);
    expect(await finalizedHeight(chain)).toBeGreaterThanOrEqual(2);
    socket.close();
    await chain.close();
  });
});
