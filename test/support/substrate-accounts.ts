import { pino } from 'pino';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import { type OpenDatabase, openEmbedded } from '../../src/relayer/journal/database.ts';
import type { SubmittingBridge } from '../../src/relayer/submit/hand-over.ts';
import { Vitals } from '../../src/relayer/vitals.ts';
import { type OpenSubstrate, openSubstrate } from './follow-substrate.ts';
import { startManualChain } from './polkadot-devnet.ts';

/** A Polkadot chain with a block every 300 ms, and all of a relayer that its accounts submit with. */
export interface SubstrateAccounts {
  readonly devnet: PolkadotDevnet;
  readonly chain: OpenSubstrate['chain'];
  readonly journal: OpenDatabase;
  readonly bridge: SubmittingBridge;
  close(): Promise<void>;
}

/** Starts one with an empty journal. */
export async function startSubstrateAccounts(): Promise<SubstrateAccounts> {
  const devnet = await startManualChain();
  const blocks = setInterval(() => void devnet.produceBlock(), 300);
  const url = devnet.wsUrl;
  const options = { name: 'polkadot', chainId: 420_420_499n, url, route: 'direct' } as const;
  const opened = await openSubstrate({ ...options, pollMs: 50 });
  const journal = await openEmbedded();
  const bridge = {
    database: journal.database,
    holder: 'a test',
    log: pino({ level: 'silent' }),
    clock: { nowMs: () => Date.now() },
    vitals: new Vitals(),
    pollMs: 50,
    signal: new AbortController().signal,
  };
  const close = async () => {
    clearInterval(blocks);
    await journal.close();
    await opened.close();
    await devnet.close();
  };
  return { devnet, chain: opened.chain, journal, bridge, close };
}
