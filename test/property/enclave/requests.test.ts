import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEnclave } from '../../../src/enclave/answer.ts';
import { COMMANDS } from '../../../src/protocol/enclave-commands.ts';
import { FrameDecoder } from '../../../src/protocol/enclave-frames.ts';
import { decodeResponse, encodeBody, type Response } from '../../../src/protocol/enclave-wire.ts';
import { deposit } from '../../support/deposits.ts';
import {
  BENEFICIARY,
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  SUBMITTER,
  testContext,
} from '../../support/enclave-world.ts';

const context = testContext();
const world = new EnclaveWorld(context);
world.deposit(ETHEREUM, deposit(ETHEREUM, 1000n));
const proof = world.proveOutbox(ETHEREUM);
const [message] = world.outboxes.get(ETHEREUM) ?? [];
world.govern({ kind: 'suspend', chainId: ETHEREUM });
await world.run('ingestControl', {
  fromIndex: 0n,
  messages: [...world.governance],
  proof: world.proveControl(),
});
world.nowSec += 100n;
const nothingNew = world.proveControl();
const { bytes } = await world.run('exportSnapshot', { chunk: 0n });
const { stateId } = world.ledger;
const genesis = world.proveAnchor({ number: 0n, postState: stateId });

/** One well-formed request of each kind that changes something. */
const REQUESTS = [
  {
    id: 1,
    command: 'ingest',
    params: { chainId: ETHEREUM, fromIndex: 0n, messages: [message], proof },
  },
  {
    id: 2,
    command: 'propose',
    params: {
      ...{ prevState: stateId, round: 1n, asOf: 0n, control: 1n },
      ...{ paid: [{ chainId: POLKADOT, count: 0n }], beneficiary: BENEFICIARY },
    },
  },
  { id: 3, command: 'confirmAnchored', params: genesis },
  { id: 4, command: 'signCommit', params: { postState: stateId } },
  { id: 5, command: 'ingestControl', params: { fromIndex: 1n, messages: [], proof: nothingNew } },
  {
    id: 6,
    command: 'reveal',
    params: { chainId: ETHEREUM, firstIndex: 0n, submitter: SUBMITTER },
  },
  { id: 7, command: 'exportSnapshot', params: { chunk: 0n } },
  {
    id: 8,
    command: 'restoreSnapshot',
    params: { number: 1n, chunk: 0n, chunks: 1n, bytes: bytes.slice(0, 200), proof: genesis.proof },
  },
  { id: 9, command: 'query', params: { sealed: bytes.slice(0, 216) } },
].map((request) => new TextDecoder().decode(encodeBody(request)));

async function ask(body: Uint8Array): Promise<{ response: Response; sealed: number }> {
  let sealed = 0;
  const enclave = createEnclave(context, world.state, (before, after) => {
    if (before.durable !== after.durable) sealed++;
  });
  const [answer] = new FrameDecoder().push(await enclave.answer(body));
  if (answer === undefined) throw new Error('no answer');
  return { response: decodeResponse(answer), sealed };
}

const json = fc.jsonValue({ maxDepth: 4 });
const command = fc.constantFrom(...Object.keys(COMMANDS), 'constructor', '__proto__', '');

describe('whatever comes through the pipe', () => {
  it('is answered in the one form that answers have, and never as an internal failure', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          json.map((value) => encodeBody(value)),
          fc.record({ id: json, command, params: json }).map((value) => encodeBody(value)),
          fc.record({ id: fc.nat(), command, params: json }).map((value) => encodeBody(value)),
        ),
        async (body) => {
          const { response } = await ask(body);
          if (!response.ok) expect(response.error.code).not.toBe('ENCLAVE_INTERNAL');
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is refused, or is what it was, when one character of a request is changed', async () => {
    const change = fc.record({
      request: fc.constantFrom(...REQUESTS),
      at: fc.nat(),
      to: fc.constantFrom(...'0123456789abcdef{}[]",:x -'),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ request, at, to }) => {
        const place = at % request.length;
        const changed = request.slice(0, place) + to + request.slice(place + 1);
        const { response, sealed } = await ask(new TextEncoder().encode(changed));
        expect(sealed).toBe(0);
        if (!response.ok) expect(response.error.code).not.toBe('ENCLAVE_INTERNAL');
      }),
      { numRuns: 1500 },
    );
  });
});
