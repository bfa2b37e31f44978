import { readFile } from 'node:fs/promises';
import { toHex } from '../../src/shared/bytes.ts';
import { type ChainState, getNextKey, getStorage } from './chain-state.ts';
import { createExecutor } from './executor.ts';
import { buildGenesis } from './genesis.ts';

/** How the node's own presets are called. */
const PRESET = 'local_testnet';

/**
 * The chain specification of three authorities, with its genesis state spelled out. The node's `export-chain-spec`
 * writes the same one, but compiles the runtime for it, which takes longer than all the rest of the start.
 */
export async function buildChainSpec(wasm: string): Promise<string> {
  const code = await readFile(wasm);
  const executor = await createExecutor(code);
  try {
    const { state } = await buildGenesis(executor, { code, preset: PRESET });
    return JSON.stringify({
      name: `Veilspan ${PRESET}`,
      id: `veilspan_${PRESET}`,
      chainType: 'Local',
      bootNodes: [],
      telemetryEndpoints: null,
      protocolId: null,
      properties: { ss58Format: 42, tokenDecimals: 10, tokenSymbol: 'DOT' },
      codeSubstitutes: {},
      genesis: { raw: { top: listEntries(state), childrenDefault: {} } },
    });
  } finally {
    await executor.close();
  }
}

function listEntries(state: ChainState): Record<string, string> {
  const top: Record<string, string> = {};
  let key = getNextKey(state, '0x', '0x');
  while (key !== undefined) {
    const value = getStorage(state, key);
    if (value !== undefined) top[key] = toHex(value);
    key = getNextKey(state, '0x', key);
  }
  return top;
}
