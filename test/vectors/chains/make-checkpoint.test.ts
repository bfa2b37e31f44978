import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { makeEthereumCheckpoint } from '../../../src/chains/ethereum/make-checkpoint.ts';
import { MAINNET } from '../../../src/light-client/ethereum/networks.ts';
import { MAINNET_CAPELLA, mainnetCapella } from '../../support/ethereum-vectors.ts';
import { vectorsMissing } from '../../support/vectors.ts';

const NETWORK = `0x${'99'.repeat(32)}`;
const SPEC = {
  PRESET_BASE: 'mainnet',
  CAPELLA_FORK_VERSION: '0x03000000',
  CAPELLA_FORK_EPOCH: '194048',
  DENEB_FORK_VERSION: '0x04000000',
  DENEB_FORK_EPOCH: '18446744073709551615',
  SECONDS_PER_SLOT: '12',
};

let server: Server | undefined;
afterEach(() => new Promise((closed) => server?.close(closed)));

/** The checkpoint of a beacon node that has mainnet's recorded bootstrap, and says this of its network. */
async function checkpoint(spec: object, network = NETWORK) {
  const genesis = { genesis_validators_root: network, genesis_time: '1606824023' };
  const { checkpointRoot } = MAINNET_CAPELLA;
  const answers: Readonly<Record<string, unknown>> = {
    '/eth/v1/beacon/genesis': { data: genesis },
    '/eth/v1/beacon/headers/finalized': { data: { root: checkpointRoot } },
    '/eth/v1/config/spec': { data: spec },
    [`/eth/v1/beacon/light_client/bootstrap/${checkpointRoot}`]: mainnetCapella.bootstrap(),
  };
  server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answers[request.url ?? '']));
  });
  await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening));
  return makeEthereumCheckpoint(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

describe.skipIf(vectorsMissing)('a checkpoint of a network that this release does not know', () => {
  it('has the fork table, the genesis time and the block time that its node gives', async () => {
    const { lightClient, compare, periodSec } = await checkpoint(SPEC);
    expect(lightClient).toEqual({
      kind: 'ethereum',
      preset: 'mainnet',
      genesisValidatorsRoot: NETWORK,
      genesisTimeSec: 1606824023,
      forks: [{ name: 'capella', version: '0x03000000', epoch: 194048 }],
      checkpointRoot: MAINNET_CAPELLA.checkpointRoot,
      checkpointTimestampSec: 1606824023 + 12 * 7069376,
    });
    expect(periodSec).toBe(14 * 86_400);
    expect(compare.join('\n')).toContain('compare every line');
  });

  it.each([
    ['of another length', { ...SPEC, SECONDS_PER_SLOT: '5' }],
    ['of another length, in the newer words', { ...SPEC, SLOT_DURATION_MS: '5000' }],
    ['of a length that is not said', { ...SPEC, SECONDS_PER_SLOT: undefined }],
  ])(
    'has no genesis time if its slots are %s, as forks would be at a wrong time',
    async (_, spec) => {
      const gloas = { GLOAS_FORK_VERSION: '0x07000000', GLOAS_FORK_EPOCH: '999999999' };
      const { lightClient, periodSec } = await checkpoint({ ...spec, ...gloas });
      expect(lightClient).not.toHaveProperty('genesisTimeSec');
      expect(periodSec).toBe(6 * 86_400);
    },
  );

  it('is by the newer words for the length of a slot where a node has both', async () => {
    const { lightClient } = await checkpoint({
      ...SPEC,
      SECONDS_PER_SLOT: '5',
      SLOT_DURATION_MS: '12000',
    });
    expect(lightClient).toMatchObject({ genesisTimeSec: 1606824023 });
  });
});

it.skipIf(vectorsMissing)(
  'a checkpoint of mainnet has the fork table of this release, whatever the node says',
  async () => {
    const { lightClient } = await checkpoint({}, MAINNET.genesisValidatorsRoot);
    expect(lightClient).toMatchObject({ forks: MAINNET.forks, genesisTimeSec: 1606824023 });
  },
);
