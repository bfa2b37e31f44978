import { openAead, sealAead } from '../../src/crypto/aead.ts';
import { createEnclave } from '../../src/enclave/answer.ts';
import { parseMeasuredConfig } from '../../src/enclave/measured-config.ts';
import { decodeDurableState, encodeDurableState } from '../../src/enclave/state-codec.ts';
import { decodeTransition, encodeTransition } from '../../src/enclave/transition-codec.ts';
import { decodeState, encodeState } from '../../src/ledger/state-codec.ts';
import { encodeFrame, FrameDecoder } from '../../src/protocol/enclave-frames.ts';
import { decodeRequest, decodeResponse, encodeBody } from '../../src/protocol/enclave-wire.ts';
import { openEnvelope, sealEnvelope, transparentEnvelope } from '../../src/protocol/envelope.ts';
import { decodeOrder, encodeOrder, type Order } from '../../src/protocol/envelope-order.ts';
import { concatBytes, fromHex, toHex } from '../../src/shared/bytes.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import { deposit, RECIPIENT, SENDER } from '../support/deposits.ts';
import {
  BENEFICIARY,
  CLIENTS,
  EnclaveWorld,
  ETHEREUM,
  ETHEREUM_GATEWAY,
  POLKADOT,
  TEST_CONFIG,
  testContext,
} from '../support/enclave-world.ts';
import { mainnetCapella } from '../support/ethereum-vectors.ts';
import { fragmentOf, readRecordedChain } from '../vectors/polkadot/three-authorities.ts';
import {
  codecSeed,
  type Input,
  jsonBytes,
  only,
  readJson,
  type Seed,
  type Target,
  verifierSeed,
} from './target.ts';

/** The enclave's pipe, what users seal to it, and what it seals for itself. */
export async function enclaveTargets(): Promise<Target[]> {
  const world = await inhabitedWorld();
  const requests = requestBodies(world);
  return [
    { name: 'enclave/request', form: 'json', seeds: requests.map(requestSeed) },
    { name: 'enclave/answer', form: 'json', seeds: await answerSeeds(world) },
    { name: 'enclave/frames', form: 'bytes', seeds: [framesSeed(requests.slice(0, 4))] },
    { name: 'enclave/response', form: 'json', seeds: responseSeeds() },
    { name: 'enclave/measured-config', form: 'json', seeds: [configSeed()] },
    { name: 'enclave/sealed-state', form: 'bytes', seeds: [durableSeed(world)] },
    { name: 'enclave/sealed-transition', form: 'bytes', seeds: [transitionSeed()] },
    { name: 'enclave/sealed-record', form: 'bytes', seeds: [await aeadSeed()] },
    { name: 'ledger/state', form: 'bytes', seeds: [ledgerSeed(world)] },
    {
      name: 'envelope/order',
      form: 'bytes',
      seeds: [codecSeed(encodeOrder(ORDER), (bytes) => encodeOrder(decodeOrder(bytes)))],
    },
    { name: 'envelope/open', form: 'bytes', seeds: await envelopeSeeds(world) },
  ];
}

const ORDER: Order = {
  payouts: [
    { recipient: RECIPIENT, amount: 700n },
    { recipient: SENDER, amount: 290n },
  ],
  delaySec: 60,
  leastAnonymitySet: 3,
  refundAddress: SENDER,
  tagSecret: new Uint8Array(32).fill(5),
  memo: new TextEncoder().encode('a memo'),
};

async function inhabitedWorld(): Promise<EnclaveWorld> {
  const world = new EnclaveWorld(await testContext());
  world.deposit(ETHEREUM, deposit(ETHEREUM, 1000n), deposit(ETHEREUM, 3000n));
  world.deposit(POLKADOT, deposit(POLKADOT, 500n));
  return world;
}

function requestBodies(world: EnclaveWorld): Uint8Array[] {
  const { stateId } = world.state.durable.ledger;
  const genesis = world.proveAnchor({ number: 0n, postState: stateId });
  const messages = world.outboxes.get(ETHEREUM) ?? [];
  const proof = world.proveOutbox(ETHEREUM);
  const hop = { headNodes: [Uint8Array.of(1, 2)], parents: [Uint8Array.of(3)] };
  const inputs = [
    { chainId: ETHEREUM, count: 1n },
    { chainId: POLKADOT, count: 0n },
  ];
  const requests = [
    { command: 'status', params: {} },
    { command: 'evidence', params: { challenge: stateId } },
    { command: 'ingest', params: { chainId: ETHEREUM, fromIndex: 0n, messages, proof } },
    { command: 'ingest', params: { chainId: ETHEREUM, fromIndex: 1n, messages, proof: null } },
    { command: 'propose', params: { prevState: stateId, inputs, beneficiary: BENEFICIARY } },
    { command: 'signCommit', params: { postState: stateId } },
    { command: 'confirmAnchored', params: { ...genesis, proof: { ...genesis.proof, hop } } },
    {
      command: 'reveal',
      params: { number: 1n, submitters: [{ chainId: POLKADOT, submitter: SENDER }] },
    },
    {
      command: 'bootstrap',
      params: { client: CLIENTS.ethereum, bootstrap: { data: { header: {} } } },
    },
    {
      command: 'advance',
      params: { client: CLIENTS.ethereum, updates: [mainnetCapella.finality()] },
    },
    {
      command: 'advance',
      params: { client: CLIENTS.polkadot, updates: [fragmentOf(readRecordedChain(), 11)] },
    },
  ];
  return requests.map((request, id) => encodeBody({ id, ...request }));
}

/** Whatever is let in is one value: written out and read again it is the same. */
function requestSeed(body: Uint8Array): Seed {
  return {
    input: [body],
    proves: (input) => {
      const once = encodeBody(decodeRequest(only(input)));
      const again = encodeBody(decodeRequest(once));
      return toHex(once) === toHex(again) ? 'stable' : 'read differently the second time';
    },
    mayProve: () => ['stable'],
  };
}

/** Requests to a whole enclave: what it answers to a changed one is a refusal, or what it answers to this one. */
async function answerSeeds(world: EnclaveWorld): Promise<Seed[]> {
  const genesis = { number: 0n, postState: world.state.durable.ledger.stateId };
  const chainId = ETHEREUM;
  const messages = world.outboxes.get(chainId) ?? [];
  const ingest = { chainId, fromIndex: 0n, messages, proof: world.proveOutbox(chainId) };
  const ingestOther = {
    chainId: POLKADOT,
    fromIndex: 0n,
    proof: world.proveOutbox(POLKADOT),
    messages: world.outboxes.get(POLKADOT) ?? [],
  };
  const requests = [
    { id: 1, command: 'ingest', params: ingest },
    { id: 1, command: 'ingest', params: ingestOther },
    { id: 1, command: 'confirmAnchored', params: world.proveAnchor(genesis) },
  ];
  const { state, context } = world;
  const ask = async (input: Input) => {
    const enclave = createEnclave(context, state, () => undefined);
    const [body = new Uint8Array()] = new FrameDecoder().push(await enclave.answer(only(input)));
    const response = decodeResponse(body);
    if (response.ok && movesNothing(response.result)) throw new RefusedByEnclave('NOTHING_PROVEN');
    if (response.ok) return JSON.stringify(response.result);
    const { code } = response.error;
    if (code !== 'ENCLAVE_INTERNAL') throw new RefusedByEnclave(code);
    return code;
  };
  return Promise.all(requests.map((request) => verifierSeed([encodeBody(request)], ask)));
}

/** A portion without a proof is taken for what it is: the inbox begins where it did. */
function movesNothing(result: unknown): boolean {
  return (result as { position?: { count?: unknown } }).position?.count === '0';
}

/** Frames in chunks of every size: the bodies are parts of what came in, and no more. */
function framesSeed(bodies: readonly Uint8Array[]): Seed {
  return {
    input: [concatBytes(...bodies.map(encodeFrame))],
    proves: (input) => {
      const stream = only(input);
      const decoder = new FrameDecoder();
      const framed: Uint8Array[] = [];
      for (let at = 0, size = 1; at < stream.length; at += size, size = (size * 3) % 1021) {
        framed.push(...decoder.push(stream.slice(at, at + size)).map(encodeFrame));
      }
      const again = toHex(concatBytes(...framed)).slice(2);
      return toHex(stream).startsWith(`0x${again}`) ? 'a prefix' : 'bytes that never came in';
    },
    mayProve: () => ['a prefix'],
  };
}

function responseSeeds(): Seed[] {
  const error = { code: 'A', disposition: 'retry', message: 'm', meta: { a: 'b' } };
  const responses = [
    { id: 1, ok: true, result: { a: 1 } },
    { id: 2, ok: false, error },
  ];
  return responses.map((response) => ({
    input: [jsonBytes(response)],
    proves: (input: Input) => {
      decodeResponse(only(input));
      return 'read';
    },
    mayProve: () => ['read'],
  }));
}

function configSeed(): Seed {
  return {
    input: [jsonBytes(TEST_CONFIG)],
    proves: (input) => {
      parseMeasuredConfig(readJson(input));
      return 'read';
    },
    mayProve: () => ['read'],
  };
}

function durableSeed({ state: { durable }, context: { config } }: EnclaveWorld): Seed {
  const reference = { number: 4n, digest: toHex(new Uint8Array(32).fill(8)) };
  return codecSeed(encodeDurableState(durable, [reference], config), (bytes) => {
    const { state, references } = decodeDurableState(bytes, config);
    return encodeDurableState({ ...state, revealable: [] }, references, config);
  });
}

function transitionSeed(): Seed {
  const [tag, asset] = [toHex(new Uint8Array(32).fill(1)), toHex(new Uint8Array(32).fill(2))];
  const release = { tag, asset, recipient: RECIPIENT, amount: 12n, refundOf: 6n };
  const batch = {
    ...{ chainId: ETHEREUM, gateway: ETHEREUM_GATEWAY, firstIndex: 3n, prevHead: tag },
    ...{ releases: [release, release], fees: [{ asset, amount: 3n }], consumedCount: 9n },
  };
  const transition = { number: 7n, postState: asset, batches: [batch, batch] };
  return codecSeed(encodeTransition(transition), (bytes) =>
    encodeTransition(decodeTransition(bytes)),
  );
}

/** A sealed record opens to what was sealed, or not at all. */
function aeadSeed(): Promise<Seed> {
  const [key, context] = [new Uint8Array(32).fill(1), new Uint8Array(8).fill(2)];
  const sealed = sealAead(key, new Uint8Array(300).fill(3), { nonce: new Uint8Array(24), context });
  return verifierSeed([sealed], (input) => {
    const opened = openAead(key, only(input), context);
    if (opened === undefined) throw new RefusedByEnclave('SEAL_BROKEN');
    return toHex(opened);
  });
}

function ledgerSeed({ state }: EnclaveWorld): Seed {
  return codecSeed(encodeState(state.durable.ledger.state), (bytes) =>
    encodeState(decodeState(bytes)),
  );
}

/** A changed envelope does not open; a transparent one names whom it names. */
async function envelopeSeeds({ context: { keys, config } }: EnclaveWorld): Promise<Seed[]> {
  const binding = {
    ...{ chainId: ETHEREUM, gateway: ETHEREUM_GATEWAY, sender: SENDER, destination: POLKADOT },
    ...{ refundTo: RECIPIENT, asset: toHex(new Uint8Array(32)), amount: 1000n },
  };
  const { epoch } = config;
  const epochKey = keys.epochKey;
  const rng = { bytes: (length: number) => new Uint8Array(length).fill(6) };
  const sealed = await sealEnvelope(ORDER, { epoch, epochKey: fromHex(epochKey) }, binding, rng);
  const secretOf = (asked: bigint) => (asked === epoch ? keys.epochSecret : undefined);
  const open = async (input: Input) => {
    const envelope = only(input);
    const opened = await openEnvelope(envelope, binding, secretOf);
    if (opened.kind === 'unopened') throw new RefusedByEnclave(opened.reason);
    if (opened.kind === 'transparent') return `transparent ${toHex(envelope)} ${opened.recipient}`;
    return toHex(encodeOrder(opened.order));
  };
  const honest = await open([sealed]);
  const mayProve = ([given = sealed]: Input) => [
    honest,
    `transparent ${toHex(given)} ${toHex(given.subarray(1))}`,
  ];
  return [sealed, transparentEnvelope(RECIPIENT)].map((bytes) => ({
    input: [bytes],
    proves: open,
    mayProve,
  }));
}

/** A refusal that came as an answer. */
class RefusedByEnclave extends BridgeError {
  readonly code: string;
  readonly disposition = 'reject';
  constructor(code: string) {
    super(`Refused with ${code}.`, {});
    this.code = code;
  }
}
