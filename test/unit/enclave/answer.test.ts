import { describe, expect, it } from 'vitest';
import { createEnclave, type Persist, toRemoteError } from '../../../src/enclave/answer.ts';
import { initialState } from '../../../src/enclave/initial-state.ts';
import {
  MAX_ADVANCE_UPDATES,
  MAX_INGEST_CONTROL,
  MAX_INGEST_MESSAGES,
  MAX_SNAPSHOT_CHUNK_BYTES,
} from '../../../src/protocol/enclave-commands.ts';
import { FrameDecoder } from '../../../src/protocol/enclave-frames.ts';
import { decodeResponse, encodeBody } from '../../../src/protocol/enclave-wire.ts';
import { toHex, utf8 } from '../../../src/shared/bytes.ts';
import { BridgeError } from '../../../src/shared/errors.ts';
import { CLIENTS, testContext } from '../../support/enclave-world.ts';
import { chainOf, genesis, hashOf, justify, testAuthority } from '../../support/grandpa.ts';

const context = testContext();
const [first, second] = chainOf(genesis, 2);
const voters = [testAuthority(0)];
const fragment = (block: NonNullable<typeof first>) => ({
  header: toHex(block.header),
  justification: toHex(justify(voters, block)),
});
const advance = (...blocks: (typeof first)[]) => ({
  id: 7,
  command: 'advance',
  params: { client: CLIENTS.polkadot, updates: blocks.map((block) => fragment(block!)) },
});

function start(persist: Persist = () => undefined) {
  const enclave = createEnclave(context, initialState(context), persist);
  return async (request: unknown) => {
    const body = request instanceof Uint8Array ? request : encodeBody(request);
    const [answer] = new FrameDecoder().push(await enclave.answer(body));
    return decodeResponse(answer!);
  };
}

describe('an enclave at its pipe', () => {
  it('answers under the id it was asked with', async () => {
    const ask = start();
    expect(await ask({ id: 12, command: 'status', params: {} })).toMatchObject({
      id: 12,
      ok: true,
    });
  });

  it('makes a change durable before it answers, and not at all where nothing changes', async () => {
    const sealed: (string | undefined)[] = [];
    const ask = start((before, after) => {
      if (before.durable !== after.durable)
        sealed.push(after.durable.lightClients.get(CLIENTS.polkadot)?.recent.at(-1)?.hash);
    });
    await ask({ id: 1, command: 'status', params: {} });
    await ask(advance(first));
    expect(sealed).toEqual([hashOf(first!)]);
  });

  it('keeps its old state when the new one cannot be made durable', async () => {
    let isFull = true;
    const ask = start(() => {
      if (isFull) throw new Error('ENOSPC: secret path');
    });
    expect(await ask(advance(first))).toEqual({
      id: 7,
      ok: false,
      error: {
        code: 'ENCLAVE_INTERNAL',
        disposition: 'retry',
        message: expect.not.stringContaining('secret'),
        meta: {},
      },
    });
    isFull = false;
    expect(await ask(advance(first))).toMatchObject({ ok: true });
  });

  it('goes on from the state that the last command led to', async () => {
    const ask = start();
    await ask(advance(first));
    const status = await ask({ id: 1, command: 'status', params: {} });
    expect(status).toMatchObject({ result: { lightClients: [{}, { finalizedNumber: '1' }] } });
    expect(await ask(advance(first))).toMatchObject({ error: { code: 'GRANDPA_NOT_NEWER' } });
    expect(await ask(advance(second))).toMatchObject({ ok: true });
  });

  it('takes all fragments of a command or none', async () => {
    const ask = start();
    const forged = justify([testAuthority(1)], second!);
    const request = advance(first, second);
    request.params.updates[1]!.justification = toHex(forged);
    expect(await ask(request)).toMatchObject({
      ok: false,
      error: { code: 'GRANDPA_AUTHORITY_UNKNOWN', disposition: 'reject' },
    });
    const status = await ask({ id: 1, command: 'status', params: {} });
    expect(status).toMatchObject({
      result: { lightClients: [{}, { finalizedNumber: '0' }] },
    });
    expect(await ask(advance(first, second))).toMatchObject({ ok: true });
  });

  it.each([
    ['not UTF-8', Uint8Array.of(0xff), 0],
    ['not JSON', utf8('{'), 0],
    ['no object', utf8('null'), 0],
    ['without an id', utf8('{"command":"status","params":{}}'), 0],
    ['with a negative id', utf8('{"id":-1,"command":"status","params":{}}'), 0],
    ['of an unknown command', utf8('{"id":3,"command":"steal","params":{}}'), 3],
    ['of a name of the prototype', utf8('{"id":3,"command":"toString","params":{}}'), 3],
    ['with a member too many', utf8('{"id":3,"command":"status","params":{},"as":"root"}'), 3],
    [
      'with parameters of another command',
      utf8('{"id":3,"command":"status","params":{"number":"1"}}'),
      3,
    ],
    [
      'with a number in the place of a text',
      utf8('{"id":3,"command":"exportSnapshot","params":{"chunk":1}}'),
      3,
    ],
    [
      'with a number that is too long',
      utf8(`{"id":3,"command":"exportSnapshot","params":{"chunk":"${2n ** 32n}"}}`),
      3,
    ],
    [
      'with a hash that is too short',
      utf8('{"id":3,"command":"signCommit","params":{"postState":"0x00"}}'),
      3,
    ],
  ])('refuses a request %s', async (_, body, id) => {
    expect(await start()(body)).toMatchObject({
      id,
      ok: false,
      error: { code: 'COMMAND_MALFORMED', disposition: 'reject' },
    });
  });
});

describe('an oversize request', () => {
  const hash = `0x${'00'.repeat(32)}`;
  const message = {
    sentAtSec: '1',
    sender: `0x${'00'.repeat(20)}`,
    refundTo: `0x${'00'.repeat(20)}`,
    asset: hash,
    amount: '2',
    fee: '1',
    destination: '1',
    envelope: '0x00',
  };
  const ingest = (change: object) => ({
    id: 5,
    command: 'ingest',
    params: {
      chainId: '1',
      fromIndex: '0',
      proof: { kind: 'substrate', blockHash: hash, nodes: [] },
      messages: [message],
      ...change,
    },
  });
  const node = `0x${'00'.repeat(64 * 1024 + 1)}`;

  it.each([
    [
      'too many messages',
      ingest({ messages: Array(MAX_INGEST_MESSAGES + 1).fill(message) }),
      'ingest.messages',
    ],
    [
      'an envelope that no gateway takes',
      ingest({ messages: [{ ...message, envelope: `0x${'00'.repeat(833)}` }] }),
      'ingest.messages.0.envelope',
    ],
    [
      'an amount of more than 128 bits',
      ingest({ messages: [{ ...message, amount: `${1n << 128n}` }] }),
      'ingest.messages.0.amount',
    ],
    [
      'too many proof nodes',
      ingest({ proof: { kind: 'substrate', blockHash: hash, nodes: Array(513).fill('0x00') } }),
      'ingest.proof.nodes',
    ],
    [
      'a proof node that no trie has',
      ingest({ proof: { kind: 'substrate', blockHash: hash, nodes: [node] } }),
      'ingest.proof.nodes.0',
    ],
    [
      'a time of more than 64 bits',
      ingest({ messages: [{ ...message, sentAtSec: `${1n << 64n}` }] }),
      'ingest.messages.0.sentAtSec',
    ],
    ['no word on a proof', ingest({ proof: undefined }), 'ingest.proof'],
    [
      'too many control messages',
      {
        id: 5,
        command: 'ingestControl',
        params: {
          fromIndex: '0',
          proof: { kind: 'substrate', blockHash: hash, nodes: [] },
          messages: Array(MAX_INGEST_CONTROL + 1).fill({
            sentAtSec: '1',
            round: '0',
            kind: 1,
            payload: '0x00',
          }),
        },
      },
      'ingestControl.messages',
    ],
    [
      'more chains paid than there are',
      {
        id: 5,
        command: 'propose',
        params: {
          prevState: hash,
          round: '1',
          asOf: '1',
          control: '0',
          beneficiary: hash,
          paid: Array(17).fill({ chainId: '1', count: '1' }),
        },
      },
      'propose.paid',
    ],
    [
      'a chunk that is too long',
      {
        id: 5,
        command: 'restoreSnapshot',
        params: {
          number: '1',
          chunk: '0',
          chunks: '2',
          bytes: `0x${'00'.repeat(MAX_SNAPSHOT_CHUNK_BYTES + 1)}`,
          proof: null,
        },
      },
      'restoreSnapshot.bytes',
    ],
    [
      'a question that is too long',
      { id: 5, command: 'query', params: { sealed: `0x${'00'.repeat(1025)}` } },
      'query.sealed',
    ],
    [
      'too many updates',
      {
        id: 5,
        command: 'advance',
        params: { client: 'a', updates: Array(MAX_ADVANCE_UPDATES + 1).fill({}) },
      },
      'advance.updates',
    ],
  ])('with %s is refused at the decoder, by name', async (_, request, where) => {
    expect(await start()(request)).toMatchObject({
      id: 5,
      ok: false,
      error: { code: 'COMMAND_MALFORMED', disposition: 'reject', meta: { where } },
    });
  });
});

class LongError extends BridgeError<{ text: string; count: bigint }> {
  readonly code = 'TEST_LONG';
  readonly disposition = 'reject';
}

describe('what leaves of an error', () => {
  it('is code, disposition, message and facts as text, cut to what the wire takes', () => {
    const error = new LongError('m'.repeat(5000), { text: 't'.repeat(5000), count: 5n });
    expect(toRemoteError(error)).toEqual({
      code: 'TEST_LONG',
      disposition: 'reject',
      message: 'm'.repeat(1024),
      meta: { text: 't'.repeat(1024), count: '5' },
    });
  });

  it('is nothing at all if it was not thrown on purpose', () => {
    const remote = toRemoteError(new TypeError('cannot read 0x5ec2e7'));
    expect(JSON.stringify(remote)).not.toContain('5ec2e7');
    expect(remote.code).toBe('ENCLAVE_INTERNAL');
  });
});
