import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EthereumDevnet, startEthereumDevnet } from '../../devnet/ethereum/ethereum-devnet.ts';
import type { PolkadotDevnet } from '../../devnet/polkadot/devnet.ts';
import { makeCheckpoint } from '../../src/chains/make-checkpoint.ts';
import { type ClientConfig, lightClientSchema } from '../../src/light-client/kinds.ts';
import type { ChainKind } from '../../src/protocol/chain-kind.ts';
import { asyncRefusal } from '../support/async-refusal.ts';
import { ask, startManualChain } from '../support/polkadot-devnet.ts';

const CLI = join(import.meta.dirname, '../../src/cli/veilspan.mjs');

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `veilspan checkpoint` as a user would. */
function checkpoint(...options: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [CLI, 'checkpoint', ...options], (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

/** An entry of `lightClients`, as it was printed. */
function read<K extends ChainKind>(stdout: string, id: string, kind: K): ClientConfig<K> {
  const config = lightClientSchema.parse(JSON.parse(stdout));
  expect([config.id, config.kind]).toEqual([id, kind]);
  // CAST: the line above.
  return config as unknown as ClientConfig<K>;
}

describe('a checkpoint of Ethereum', () => {
  let devnet: EthereumDevnet;
  beforeAll(async () => {
    devnet = await startEthereumDevnet({ slotMs: 250, startSlot: 45 });
  });
  afterAll(() => devnet.close());

  it('is made from a beacon node, with its fork table, in the form of the configuration', async () => {
    const { code, stdout, stderr } = await checkpoint('ethereum', devnet.beaconUrl);
    expect(code, stderr).toBe(0);
    const config = read(stdout, 'ethereum', 'ethereum');
    expect(config).toMatchObject({
      preset: 'minimal',
      genesisValidatorsRoot: devnet.genesis.genesisValidatorsRoot,
    });
    const named = new Map(config.forks.map(({ name, version }) => [name, version]));
    for (const { name, version } of devnet.forks) expect(named.get(name)).toBe(version);
    expect(stderr).toContain(`root ${config.checkpointRoot}`);
    expect(stderr).toContain('compare every line');
    const response = await fetch(
      `${devnet.beaconUrl}/eth/v1/beacon/light_client/bootstrap/${config.checkpointRoot}`,
    );
    expect(response.ok).toBe(true);
  });

  it('is not made from a node that is not there', async () => {
    const { code, stderr } = await checkpoint('ethereum', 'http://127.0.0.1:1');
    expect([code, stderr.split(':')[0]]).toEqual([6, 'CHAIN_UNAVAILABLE']);
  });
});

describe('a checkpoint of Polkadot', () => {
  let chain: PolkadotDevnet;
  beforeAll(async () => {
    chain = await startManualChain();
    for (let i = 0; i < 3; i++) await chain.produceBlock();
  });
  afterAll(() => chain.close());

  it('is made from a node, its authorities and its time proven', async () => {
    const hash = await ask(chain, 'chain_getFinalizedHead', []);
    const { code, stdout, stderr } = await checkpoint('substrate', chain.wsUrl, '--id', 'polkadot');
    expect(code, stderr).toBe(0);
    const { checkpoint: pinned } = read(stdout, 'polkadot', 'substrate');
    expect(pinned).toMatchObject({ hash, setId: 0 });
    expect(pinned.authorities).toHaveLength(3);
    expect(pinned.timestampSec).toBeGreaterThanOrEqual(1_800_000_000);
    expect(stderr).toContain(`chain_getBlockHash(${pinned.number})`);
  });

  it('is not made from answers that contradict each other', async () => {
    const liar = createServer((request, response) => {
      void (async () => {
        const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
        const upstream = await fetch(chain.httpUrl, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        const answer = (await upstream.json()) as { result: { stateRoot?: string } };
        if (body.method === 'chain_getHeader') answer.result.stateRoot = `0x${'ab'.repeat(32)}`;
        response.end(JSON.stringify(answer));
      })();
    });
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
    const { code } = await asyncRefusal(makeCheckpoint('substrate', url));
    liar.close();
    expect(code).toBe('CHECKPOINT_INCONSISTENT');
  });

  it.each([
    ['no kind', []],
    ['no node', ['ethereum']],
    ['a kind that is none', ['bitcoin', 'http://127.0.0.1:1']],
  ])('is not made with %s', async (_, options) => {
    expect((await checkpoint(...options)).code).toBe(2);
  });
});
