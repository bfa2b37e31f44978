import { beforeEach, describe, expect, it } from 'vitest';
import { decodeRlp, encodeRlp } from '../../../../src/codec/rlp.ts';
import { GATEWAY_SLOTS } from '../../../../src/protocol/contracts.ts';
import type { MessageBody } from '../../../../src/protocol/message.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';
import { deposit } from '../../../support/deposits.ts';
import {
  ANCHOR_TRIE,
  CLIENTS,
  EnclaveWorld,
  ETHEREUM,
  ETHEREUM_GATEWAY,
  ethereumState,
  GATEWAY_TRIE,
  POLKADOT,
  START_SEC,
  testContext,
  wordOf,
} from '../../../support/enclave-world.ts';

const context = testContext();
let world: EnclaveWorld;
beforeEach(() => {
  world = new EnclaveWorld(context);
});

const three = [deposit(ETHEREUM, 100n), deposit(ETHEREUM, 200n), deposit(ETHEREUM, 300n)];
const ingest = (
  chainId: bigint,
  proof: ReturnType<EnclaveWorld['proveOutbox']>,
  messages: readonly MessageBody[],
) => {
  const fromIndex = world.state.inboxes.get(chainId)?.position.count ?? 0n;
  return world.run('ingest', { chainId, fromIndex, proof, messages: [...messages] });
};

const unpaid = (chainId: bigint) => ({ chainId, ahead: null, paid: 0n });

describe('ingest', () => {
  it.each([
    ['Ethereum', ETHEREUM],
    ['Polkadot', POLKADOT],
  ])('takes the messages that replay to the proven head of %s', async (_, chainId) => {
    const messages = [deposit(chainId, 100n), deposit(chainId, 200n)];
    world.deposit(chainId, ...messages);
    const answer = await ingest(chainId, world.proveOutbox(chainId), messages);
    const position = world.positionAt(chainId);
    const provenAtSec = BigInt(START_SEC) + 4n;
    expect(answer).toEqual({ ...unpaid(chainId), position, scanned: position, provenAtSec });
    expect(answer.position.count).toBe(2n);
  });

  it('goes on from where it stopped, and takes a proof with nothing new', async () => {
    world.deposit(ETHEREUM, ...three);
    await ingest(ETHEREUM, world.proveOutbox(ETHEREUM, 1), three.slice(0, 1));
    await ingest(ETHEREUM, world.proveOutbox(ETHEREUM, 3), three.slice(1));
    const answer = await ingest(ETHEREUM, world.proveOutbox(ETHEREUM, 3), []);
    expect(answer.position).toEqual(world.positionAt(ETHEREUM));
  });

  it('knows until when there have been no more messages, from a proof with nothing new', async () => {
    world.deposit(ETHEREUM, ...three);
    const from = world.nowSec;
    expect(await ingest(ETHEREUM, world.proveOutbox(ETHEREUM), three)).toMatchObject({
      provenAtSec: from,
    });
    world.nowSec += 40n;
    const newer = world.proveOutbox(ETHEREUM);
    world.nowSec -= 20n;
    const older = world.proveOutbox(ETHEREUM);
    expect((await ingest(ETHEREUM, newer, [])).provenAtSec).toBe(from + 40n);
    expect((await ingest(ETHEREUM, older, [])).provenAtSec).toBe(from + 40n);
  });

  it('takes a time in whole seconds from a chain that counts in milliseconds', async () => {
    world.nowSec += 5n;
    world.beyondMs = 999n;
    expect((await ingest(POLKADOT, world.proveOutbox(POLKADOT), [])).provenAtSec).toBe(
      world.nowSec,
    );
  });

  const [first, second, third] = three as [MessageBody, MessageBody, MessageBody];
  const changes: [string, MessageBody[]][] = [
    ['one dropped at the start', [second, third]],
    ['one dropped at the end', [first, second]],
    ['one inserted', [first, second, second, third]],
    ['two swapped', [second, first, third]],
    ['none', []],
    ['another amount', [first, { ...second, amount: 201n }, third]],
    ['another fee', [first, { ...second, fee: second.fee + 1n }, third]],
    ['another sender', [first, { ...second, sender: `0x${'66'.repeat(20)}` }, third]],
    ['another refund address', [first, { ...second, refundTo: `0x${'66'.repeat(20)}` }, third]],
    ['another time', [first, { ...second, sentAtSec: second.sentAtSec + 1n }, third]],
    ['another asset', [first, { ...second, asset: wordOf(5n) }, third]],
    ['another destination', [first, { ...second, destination: 5n }, third]],
    ['another envelope', [first, { ...second, envelope: first.envelope.toReversed() }, third]],
  ];
  it.each(changes)('refuses %s, and changes nothing', async (_, messages) => {
    world.deposit(ETHEREUM, ...three);
    const proof = world.proveOutbox(ETHEREUM);
    const before = world.state;
    const error = await asyncRefusal(ingest(ETHEREUM, proof, messages));
    expect(error).toMatchObject({
      code: 'ENCLAVE_REPLAY_MISMATCH',
      disposition: 'retry',
      meta: {
        knownCount: 0n,
        messages: BigInt(messages.length),
        sentHead: world.positionAt(ETHEREUM).head,
      },
    });
    expect(world.state).toBe(before);
    await ingest(ETHEREUM, proof, three);
  });

  it('refuses a header that was not shown to be final', async () => {
    world.deposit(ETHEREUM, ...three);
    const words = new Map([[GATEWAY_SLOTS.sentHead, world.positionAt(ETHEREUM).head]]);
    const unknown = ethereumState(new Map([[ETHEREUM_GATEWAY, words]]), 9n);
    const proof = unknown.prove(ETHEREUM_GATEWAY, GATEWAY_SLOTS.sentHead);
    const error = await asyncRefusal(ingest(ETHEREUM, proof, three));
    expect(error).toMatchObject({
      code: 'STATE_PROOF_BLOCK_UNKNOWN',
      meta: { client: CLIENTS.ethereum },
    });
    const block = { kind: 'substrate' as const, blockHash: wordOf(1n), nodes: [] };
    const other = await asyncRefusal(ingest(POLKADOT, block, []));
    expect(other).toMatchObject({
      code: 'STATE_PROOF_BLOCK_UNKNOWN',
      meta: { client: CLIENTS.polkadot, blockHash: wordOf(1n) },
    });
  });

  it('refuses a header that is final no longer within reach', async () => {
    const proof = world.proveOutbox(POLKADOT);
    for (let i = 0; i < 16; i++) world.proveOutbox(POLKADOT);
    const error = await asyncRefusal(ingest(POLKADOT, proof, []));
    expect(error.code).toBe('STATE_PROOF_BLOCK_UNKNOWN');
  });

  it('refuses a proof of another slot', async () => {
    const words = new Map([
      [GATEWAY_SLOTS.sentHead, wordOf(1n)],
      [GATEWAY_SLOTS.sentCount, wordOf(2n)],
    ]);
    const facts = ethereumState(new Map([[ETHEREUM_GATEWAY, words]]));
    const proof = facts.prove(ETHEREUM_GATEWAY, GATEWAY_SLOTS.sentCount);
    world.finalizeEthereum(proof.header);
    expect((await asyncRefusal(ingest(ETHEREUM, proof, []))).code).toMatch(/^TRIE_/);
    const polkadot = world.provePolkadot(GATEWAY_TRIE, GATEWAY_SLOTS.sentCount, words);
    expect((await asyncRefusal(ingest(POLKADOT, polkadot, []))).code).toMatch(/^READ_PROOF_/);
  });

  it('refuses a header of another form than its fork has', async () => {
    const words = new Map([[GATEWAY_SLOTS.sentHead, wordOf(1n)]]);
    const facts = ethereumState(new Map([[ETHEREUM_GATEWAY, words]]));
    const proof = facts.prove(ETHEREUM_GATEWAY, GATEWAY_SLOTS.sentHead);
    const fields = decodeRlp(proof.header);
    const header = encodeRlp(fields.slice(0, 17) as readonly Uint8Array[]);
    world.finalizeEthereum(header);
    const error = await asyncRefusal(ingest(ETHEREUM, { ...proof, header }, []));
    expect(error).toMatchObject({
      code: 'ETHEREUM_EXECUTION_HEADER_MALFORMED',
      meta: { field: 'header', got: '17' },
    });
  });

  it('refuses a proof of another account', async () => {
    const other: Hex = `0x${'77'.repeat(20)}`;
    const words = new Map([[GATEWAY_SLOTS.sentHead, wordOf(1n)]]);
    const facts = ethereumState(
      new Map([
        [ETHEREUM_GATEWAY, words],
        [other, words],
      ]),
    );
    const proof = facts.prove(other, GATEWAY_SLOTS.sentHead);
    world.finalizeEthereum(proof.header);
    expect((await asyncRefusal(ingest(ETHEREUM, proof, []))).code).toMatch(/^TRIE_/);
    const alone = ethereumState(new Map([[other, words]]), 2n);
    const absent = alone.prove(other, GATEWAY_SLOTS.sentHead);
    world.finalizeEthereum(absent.header);
    const error = await asyncRefusal(ingest(ETHEREUM, absent, []));
    expect(error.code).toMatch(/^TRIE_|^STATE_PROOF_CONTRACT_ABSENT$/);
    const polkadot = world.provePolkadot(ANCHOR_TRIE, GATEWAY_SLOTS.sentHead, words);
    expect((await asyncRefusal(ingest(POLKADOT, polkadot, []))).code).toMatch(/^READ_PROOF_/);
  });

  it('refuses the nodes of another block', async () => {
    world.deposit(POLKADOT, deposit(POLKADOT, 100n), deposit(POLKADOT, 200n));
    const older = world.proveOutbox(POLKADOT, 1);
    const newer = world.proveOutbox(POLKADOT, 2);
    if (older.kind !== 'substrate' || newer.kind !== 'substrate') throw new Error('wrong chain');
    const mixed = { ...newer, nodes: older.nodes };
    expect((await asyncRefusal(ingest(POLKADOT, mixed, []))).code).toMatch(/^READ_PROOF_/);
  });

  it('refuses a proof of the other chain, and a chain that has no gateway', async () => {
    const ethereum = world.proveOutbox(ETHEREUM);
    const error = await asyncRefusal(ingest(POLKADOT, ethereum, []));
    expect(error).toMatchObject({
      code: 'ENCLAVE_PROOF_OF_OTHER_CHAIN',
      disposition: 'reject',
      meta: { chainId: POLKADOT, kind: 'ethereum' },
    });
    const polkadot = world.proveOutbox(POLKADOT);
    expect((await asyncRefusal(ingest(ETHEREUM, polkadot, []))).code).toBe(
      'ENCLAVE_PROOF_OF_OTHER_CHAIN',
    );
    const unknown = await asyncRefusal(ingest(1n, ethereum, []));
    expect(unknown).toMatchObject({ code: 'ENCLAVE_CHAIN_UNKNOWN', meta: { chainId: 1n } });
  });
});
