import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { joinChains } from '../../../src/chains/join-chains.ts';
import type { FinalitySource } from '../../../src/chains/shared/finality-source.ts';
import type { RelayerConfig } from '../../../src/config/relayer.ts';
import type { LightClientStatus } from '../../../src/protocol/enclave-commands.ts';
import type { Database } from '../../../src/relayer/journal/database.ts';
import { nameFinality } from '../../../src/relayer/name-waits.ts';
import { createBridge, type Ends } from '../../../src/relayer/open-bridge.ts';
import { Vitals } from '../../../src/relayer/vitals.ts';

const at = (finalizedNumber: bigint) => ({ finalizedNumber }) as unknown as LightClientStatus;
const STEP = { command: 'advance', params: { client: 'relay', updates: [] } } as const;

it('a source of finality is given the status after each step, and what it has refused so far is read when it is asked for', async () => {
  const given: LightClientStatus[] = [];
  let overtaken = new Set<string>();
  const source = {
    async *follow(status) {
      given.push(status);
      given.push(yield STEP);
      given.push(yield STEP);
    },
    get overtaken() {
      return overtaken;
    },
  } as Partial<FinalitySource> as FinalitySource;
  const named = nameFinality('relay', source, new Vitals());
  const steps = named.follow(at(1n));
  expect(await steps.next(at(1n))).toEqual({ done: false, value: STEP });
  expect(await steps.next(at(2n))).toEqual({ done: false, value: STEP });
  expect(await steps.next(at(3n))).toEqual({ done: true, value: undefined });
  expect(given).toEqual([at(1n), at(2n), at(3n)]);
  overtaken = new Set(['UPDATE_NOT_NEWER']);
  expect(named.overtaken).toBe(overtaken);
});

it('a beacon node that says nothing shows by its light client’s name in what is waited for, and a stop ends that', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const lightClients = [{ id: 'beacon', kind: 'ethereum', url }];
  const { finality, close } = await joinChains({ lightClients, chains: [] } as never, {
    pollMs: 50,
  });
  const stopping = new AbortController();
  const { signal } = stopping;
  const vitals = new Vitals({ signal });
  const side = { chain: { chainId: 1n } };
  const ends = { sides: [side], finality, anchor: { side, address: '0x' } } as unknown as Ends;
  const cadences = { commitEverySec: 300, snapshotEveryCommits: 9 };
  const config = { enclaves: ['/nobody.sock'], journal: {}, tracing: {}, ...cadences };
  const log = pino({ level: 'silent' });
  const surroundings = { database: {} as Database, log, vitals, signal };
  const bridge = createBridge(config as unknown as RelayerConfig, ends, surroundings);
  const source = bridge.finality.get('beacon');
  const asked = Promise.allSettled([
    source?.follow(at(1n)).next(at(1n)),
    source?.isDue(at(1n)),
    source?.rule(),
  ]);
  const names = ['the next step', 'whether it is due', 'its rule'];
  await vi.waitFor(() =>
    expect(vitals.waits().map(({ name }) => name)).toEqual(
      names.map((what) => `finality of beacon: ${what}`),
    ),
  );
  stopping.abort(new Error('stopping'));
  const ended = await asked;
  expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  await close();
  silent.closeAllConnections();
  silent.close();
});
