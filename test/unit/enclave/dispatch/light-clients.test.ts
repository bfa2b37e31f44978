import { beforeEach, describe, expect, it } from 'vitest';
import { encodeByteVector } from '../../../../src/codec/scale.ts';
import { parseMeasuredConfig } from '../../../../src/enclave/measured-config.ts';
import { proveSentHead } from '../../../../src/enclave/prove-word.ts';
import { MAX_RECENT_HEADERS } from '../../../../src/enclave/state.ts';
import { parachainHeadKey } from '../../../../src/light-client/polkadot/storage-keys.ts';
import { GATEWAY_SLOTS } from '../../../../src/protocol/contracts.ts';
import type { EnclaveStatus } from '../../../../src/protocol/enclave-commands.ts';
import { fromHex, type Hex, toHex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { contractState, plain, timestampNow, word } from '../../../support/contract-state.ts';
import {
  CLIENTS,
  EnclaveWorld,
  GATEWAY_TRIE,
  POLKADOT,
  TEST_CONFIG,
  testContext,
} from '../../../support/enclave-world.ts';
import {
  chainOf,
  childBlock,
  genesis,
  hashOf,
  justify,
  type TestBlock,
  testAuthority,
} from '../../../support/grandpa.ts';
import { refusal } from '../../../support/refusal.ts';

const context = await testContext();
const client = CLIENTS.polkadot;
const blocks = chainOf(genesis, 20);
const updateOf = (block: TestBlock) => ({
  header: toHex(block.header),
  justification: toHex(justify([testAuthority(0)], block)),
});
let world: EnclaveWorld;
beforeEach(() => {
  world = new EnclaveWorld(context);
});

const statusOf = ({ lightClients }: EnclaveStatus, id: string) =>
  lightClients.find((each) => each.client === id);

describe('a light client', () => {
  it('is named by its id: the others stay where they are', async () => {
    const before = await world.run('status', {});
    const updates = blocks.slice(0, 2).map(updateOf);
    const after = await world.run('advance', { client, updates });
    expect(statusOf(after, client)).toEqual({
      client,
      kind: 'substrate',
      held: hashOf(blocks[1]!),
      committee: 0n,
      finalizedNumber: 2n,
    });
    expect(statusOf(after, CLIENTS.ethereum)).toEqual(statusOf(before, CLIENTS.ethereum));
    expect(after.lightClients.map((each) => each.client)).toEqual([CLIENTS.ethereum, client]);
  });

  it('remembers its last final blocks, and no more', async () => {
    await world.run('advance', { client, updates: blocks.map(updateOf) });
    const recent = world.state.durable.lightClients.get(client)?.recent ?? [];
    expect(recent.map(({ hash }) => hash)).toEqual(
      blocks.slice(-MAX_RECENT_HEADERS).map((block) => hashOf(block)),
    );
  });

  it('takes all updates of a command or none', async () => {
    const [first, second] = blocks as [TestBlock, TestBlock];
    const forged = { ...updateOf(second), justification: updateOf(first).justification };
    const before = world.state;
    const error = await asyncRefusal(
      world.run('advance', { client, updates: [updateOf(first), forged] }),
    );
    expect(error.code).toBe('GRANDPA_TARGET_MISMATCH');
    expect(world.state).toBe(before);
  });

  it.each([
    ['no object', 'update'],
    ['a member too many', { ...updateOf(blocks[0]!), more: 1 }],
    ['capitals', { header: '0xAB', justification: '0x' }],
    ['a header longer than any', { header: `0x${'00'.repeat(262_145)}`, justification: '0x' }],
  ])('refuses an update of another form: %s', async (_, update) => {
    const error = await asyncRefusal(world.run('advance', { client, updates: [update] }));
    expect(error).toMatchObject({ code: 'FINALITY_FRAGMENT_MALFORMED', disposition: 'reject' });
  });

  it('that nobody has configured is refused', async () => {
    const advanced = await asyncRefusal(world.run('advance', { client: 'none', updates: [{}] }));
    const started = await asyncRefusal(
      world.run('bootstrap', { client: 'toString', bootstrap: {} }),
    );
    expect(advanced).toMatchObject({ code: 'ENCLAVE_CLIENT_UNKNOWN', meta: { client: 'none' } });
    expect(started).toMatchObject({ code: 'ENCLAVE_CLIENT_UNKNOWN', disposition: 'reject' });
  });

  it('that begins at its configuration takes no bootstrap', async () => {
    const error = await asyncRefusal(world.run('bootstrap', { client, bootstrap: {} }));
    expect(error).toMatchObject({
      code: 'ENCLAVE_BOOTSTRAP_NOT_NEEDED',
      disposition: 'reject',
      meta: { client },
    });
  });
});

describe('two parachains of one relay chain', () => {
  const PARACHAINS = [
    { chainId: POLKADOT, paraId: 1000, word: 10n },
    { chainId: POLKADOT + 1n, paraId: 1001, word: 11n },
  ] as const;
  const [, substrate] = TEST_CONFIG.chains;
  const config = parseMeasuredConfig({
    ...TEST_CONFIG,
    chains: [
      TEST_CONFIG.chains[0],
      ...PARACHAINS.map(({ chainId, paraId }) => ({
        ...substrate,
        chainId: Number(chainId),
        name: `para-${paraId}`,
        route: { paraId },
      })),
    ],
  });
  const heads = PARACHAINS.map(({ paraId, word: sentHead }) => {
    const slots = new Map([[GATEWAY_SLOTS.sentHead, fromHex(word(Number(sentHead)))]]);
    const state = contractState(new Map([[GATEWAY_TRIE, slots]]), timestampNow(sentHead * 1000n));
    const head = childBlock(genesis, { stateRoot: fromHex(state.stateRoot), salt: `${paraId}` });
    return { state, head, key: plain(parachainHeadKey(paraId)) };
  });
  const relay = contractState(
    new Map(),
    new Map(heads.map(({ key, head }) => [key, encodeByteVector(head.header)])),
  );
  const RELAY_BLOCK: Hex = word(0xb10c);

  it('share its light client, and each has its own state under one final block', () => {
    const shared = new EnclaveWorld({ ...context, config });
    shared.finalizePolkadot(RELAY_BLOCK, relay.stateRoot);
    PARACHAINS.forEach(({ chainId, word: expected }, i) => {
      const { state, key } = heads[i]!;
      const proof = {
        kind: 'substrate' as const,
        blockHash: RELAY_BLOCK,
        hop: { headNodes: relay.proveBeside(key), parents: [] },
        nodes: state.proveTimed(GATEWAY_TRIE, [GATEWAY_SLOTS.sentHead]),
      };
      const prove = (id: bigint) =>
        proveSentHead(shared.state, shared.context, { chainId: id, proof });
      const proven = { head: word(Number(expected)), blockTimeSec: expected };
      expect(prove(chainId)).toEqual(proven);
      const other = PARACHAINS[1 - i]!.chainId;
      expect(refusal(() => prove(other)).code).toMatch(/^READ_PROOF_/);
    });
    expect(shared.state.inboxes.size).toBe(3);
  });
});
