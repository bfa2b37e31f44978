import type { RelayerConfig } from '../../config/relayer.ts';
import { requireSameBridge } from '../journal/identity.ts';
import { releaseLeases } from '../journal/leases.ts';
import { createBridge, openEnds } from '../open-bridge.ts';
import { createLog } from '../relayer-log.ts';
import { Vitals } from '../vitals.ts';
import { answerDesk } from './desk.ts';
import type { Desk } from './desk-socket.ts';
import { createNonceKeeper } from './nonces.ts';
import { openDesk, openLeftJournal } from './open-desk.ts';
import { createPoster } from './post-orders.ts';

/** Nobody waits at a socket for what this process does itself. */
const KEEPER_MS = 120_000;

/**
 * Opens what answers for the relayer's accounts, fills their nonces and posts with them: the relayer that runs, or else its journal and its
 * chains. While those are open no relayer starts in the same folder; of those that share a server, the lease of each account says whose its
 * nonces are.
 *
 * @throws {JournalAbsent} @throws {ChainError} CHAIN_SIGNER_INVALID @throws {BridgeError} as the journal does that cannot be opened
 */
export async function openAccountDesk(config: RelayerConfig): Promise<Desk> {
  return await openDesk(config, openLeftDesk);
}

async function openLeftDesk(config: RelayerConfig): Promise<Desk> {
  const journal = await openLeftJournal(config);
  try {
    const { database } = journal;
    await requireSameBridge(database, config);
    const log = createLog('silent');
    const ends = await openEnds(config, log);
    const { signal } = new AbortController();
    const surroundings = { database, log, vitals: new Vitals(), signal };
    const bridge = createBridge(config, ends, surroundings);
    const nonces = createNonceKeeper(bridge, KEEPER_MS);
    const poster = createPoster(bridge, KEEPER_MS);
    const sources = { database, chains: config.chains, nowMs: () => Date.now(), nonces, poster };
    return {
      ask: (question, params) => answerDesk(sources, question, params),
      close: async () => {
        for (const { client } of bridge.enclaves) client.close();
        await ends.close();
        await releaseLeases(database, bridge.holder).finally(journal.close);
      },
    };
  } catch (error) {
    await journal.close();
    throw error;
  }
}
