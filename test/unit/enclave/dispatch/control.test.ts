import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_CONTROL_WAITING } from '../../../../src/enclave/control-inbox.ts';
import { ANCHOR_SLOTS, GATEWAY_SLOTS } from '../../../../src/protocol/contracts.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import {
  ANCHOR_TRIE,
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  testContext,
  wordOf,
} from '../../../support/enclave-world.ts';

const context = testContext();
let world: EnclaveWorld;
beforeEach(() => {
  world = new EnclaveWorld(context);
  world.govern({ kind: 'startEpoch', epoch: 7n }, { sentAtSec: cutOf(POLKADOT, 1n) });
  world.govern(
    { kind: 'suspend', chainId: ETHEREUM },
    { sentAtSec: cutOf(POLKADOT, 9n), round: 1n },
  );
});

const ingest = (from: number, to: number, proof = world.proveControl()) =>
  world.run('ingestControl', {
    fromIndex: BigInt(from),
    messages: world.governance.slice(from, to),
    proof,
  });

describe('ingestControl', () => {
  it("takes the messages that replay to the proven head of the anchor's outbox, and its time", async () => {
    const { control } = await ingest(0, 2);
    expect(control).toEqual({ position: world.controlAt(), provenAtSec: world.nowSec });
    expect(world.state.control.messages.map(({ index }) => index)).toEqual([0n, 1n]);
  });

  it('goes on from where it stopped, and knows until when there has been nothing more', async () => {
    await ingest(0, 1, world.proveControl(1));
    await ingest(1, 2);
    world.nowSec += 9n;
    const { control } = await ingest(2, 2);
    expect(control).toEqual({ position: world.controlAt(), provenAtSec: world.nowSec });
    world.nowSec -= 5n;
    expect((await ingest(2, 2)).control.provenAtSec).toBe(world.nowSec + 5n);
  });

  it('refuses messages that do not end in the proven head, and changes nothing', async () => {
    const [first, second] = world.governance;
    const lies = [
      [],
      [first!],
      [second!],
      [second!, first!],
      [first!, { ...second!, round: 2n }],
      [first!, { ...second!, sentAtSec: 1n }],
      [first!, { ...second!, kind: 5 }],
      [first!, { ...second!, payload: first!.payload }],
      [first!, second!, second!],
    ];
    const proof = world.proveControl();
    const before = world.state;
    for (const messages of lies) {
      const params = { fromIndex: 0n, messages, proof };
      expect(await asyncRefusal(world.run('ingestControl', params))).toMatchObject({
        code: 'ENCLAVE_REPLAY_MISMATCH',
        meta: { knownCount: 0n, sentHead: world.controlAt().head },
      });
    }
    expect(world.state).toBe(before);
  });

  it('refuses messages from another place', async () => {
    await ingest(0, 1, world.proveControl(1));
    expect(await asyncRefusal(ingest(0, 2))).toMatchObject({
      code: 'ENCLAVE_PORTION_MISPLACED',
      disposition: 'retry',
      meta: { fromIndex: 0n, expected: 1n },
    });
  });

  it('refuses more than may wait, to the message', async () => {
    const [first] = world.governance;
    const full = Array.from({ length: MAX_CONTROL_WAITING - 1 }, () => ({ ...first!, index: 0n }));
    const { position } = world.state.control;
    world.state = { ...world.state, control: { position, messages: full, provenAtSec: 0n } };
    expect(await asyncRefusal(ingest(0, 2))).toMatchObject({
      code: 'ENCLAVE_INBOX_FULL',
      meta: { waiting: MAX_CONTROL_WAITING - 1, added: 2 },
    });
    await ingest(0, 1, world.proveControl(1));
  });

  it('refuses a proof of another slot, contract or chain', async () => {
    const words = new Map([
      [ANCHOR_SLOTS.controlHead, world.controlAt().head],
      [ANCHOR_SLOTS.controlCount, wordOf(2n)],
    ]);
    const other = world.provePolkadot(ANCHOR_TRIE, ANCHOR_SLOTS.controlCount, words);
    expect((await asyncRefusal(ingest(0, 2, other))).code).toMatch(/^READ_PROOF_/);
    const gateway = world.proveOutbox(POLKADOT);
    if (gateway.kind !== 'substrate') throw new Error('wrong chain');
    expect((await asyncRefusal(ingest(0, 2, gateway))).code).toMatch(/^READ_PROOF_/);
    const ethereum = world.proveOutbox(ETHEREUM);
    const params = { fromIndex: 0n, messages: [], proof: ethereum };
    expect((await asyncRefusal(world.run('ingestControl', params))).code).toBe(
      'ENCLAVE_PROOF_OF_OTHER_CHAIN',
    );
  });
});

describe('what governance says', () => {
  it('changes the key that users are told to seal to, from the round that it holds for', async () => {
    const keyOf = async () => {
      const { keyEpoch, epochKey } = await world.run('status', {});
      expect(epochKey).toBe(await context.keys.epochKeyOf(keyEpoch));
      return keyEpoch;
    };
    expect(await keyOf()).toBe(1n);
    await world.reach(1n);
    await world.confirm(await world.propose({ control: 1n }));
    expect(await keyOf()).toBe(7n);
    expect(world.ledger.state.number).toBe(1n);
  });
});

describe('proveReleased', () => {
  it('says how much a gateway has paid, and never takes it back', async () => {
    for (const chainId of [ETHEREUM, POLKADOT]) {
      const { ingested } = await world.showReleased(chainId, 40n);
      expect(ingested.find((each) => each.chainId === chainId)?.paid).toBe(40n);
    }
    const { ingested } = await world.showReleased(ETHEREUM, 39n);
    expect(ingested.map(({ paid }) => paid)).toEqual([40n, 40n]);
  });

  it('reads the count alone, whatever stands above it in its word', async () => {
    const slot = GATEWAY_SLOTS.releasedCount;
    const words = new Map([[slot, wordOf((1n << 64n) + 5n)]]);
    const proof = world.proveGateway(ETHEREUM, slot, words);
    const { ingested } = await world.run('proveReleased', { chainId: ETHEREUM, proof });
    expect(ingested[0]?.paid).toBe(5n);
  });

  it('refuses a proof of another slot, and a chain that is none', async () => {
    const slot = GATEWAY_SLOTS.releasedHead;
    const words = new Map([
      [slot, wordOf(5n)],
      [GATEWAY_SLOTS.releasedCount, wordOf(6n)],
    ]);
    const proof = world.proveGateway(ETHEREUM, slot, words);
    const ask = (chainId: bigint) => world.run('proveReleased', { chainId, proof });
    expect((await asyncRefusal(ask(ETHEREUM))).code).toMatch(/^TRIE_/);
    expect((await asyncRefusal(ask(7n))).code).toBe('ENCLAVE_CHAIN_UNKNOWN');
  });
});
