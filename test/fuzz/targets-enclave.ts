import { openAead, sealAead } from '../../src/crypto/aead.ts';
import { createEnclave } from '../../src/enclave/answer.ts';
import { parseMeasuredConfig } from '../../src/enclave/measured-config.ts';
import { inboxOf } from '../../src/enclave/state.ts';
import {
  decodeClients,
  decodeLedgerRecords,
  encodeClients,
  encodeLedgerRecords,
} from '../../src/enclave/state-codec.ts';
import { encodeFrame, FrameDecoder } from '../../src/protocol/enclave-frames.ts';
import { decodeRequest, decodeResponse, encodeBody } from '../../src/protocol/enclave-wire.ts';
import { concatBytes, toHex } from '../../src/shared/bytes.ts';
import { deposit, SENDER, sealedDeposit } from '../support/deposits.ts';
import {
  BENEFICIARY,
  CLIENTS,
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  START_SEC,
  TEST_CONFIG,
  testContext,
} from '../support/enclave-world.ts';
import { mainnetCapella } from '../support/ethereum-vectors.ts';
import { fragmentOf, readRecordedChain } from '../vectors/polkadot/three-authorities.ts';
import { RefusedByEnclave } from './refused.ts';
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
import { ledgerTargets } from './targets-ledger.ts';

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
    { name: 'enclave/sealed-clients', form: 'bytes', seeds: [clientsSeed(world)] },
    { name: 'enclave/sealed-ledger', form: 'bytes', seeds: [ledgerRecordsSeed(world)] },
    { name: 'enclave/sealed-record', form: 'bytes', seeds: [await aeadSeed()] },
    ...(await ledgerTargets(world)),
  ];
}

/** A ledger with terms, releases and accounts, and messages to come. */
async function inhabitedWorld(): Promise<EnclaveWorld> {
  const world = new EnclaveWorld(testContext());
  await world.openLedger();
  const key = { epoch: 1n, epochKey: await world.context.keys.epochKeyOf(1n) };
  world.deposit(ETHEREUM, await sealedDeposit(ETHEREUM, 1000n, { ...key, seed: 1 }));
  world.deposit(ETHEREUM, deposit(ETHEREUM, 3000n));
  await world.advance();
  const sentAtSec = world.nowSec;
  world.deposit(ETHEREUM, deposit(ETHEREUM, 1000n, { sentAtSec }));
  world.deposit(POLKADOT, deposit(POLKADOT, 500n, { sentAtSec }));
  world.nowSec += 50n;
  return world;
}

function requestBodies(world: EnclaveWorld): Uint8Array[] {
  const { stateId } = world.ledger;
  const genesis = world.proveAnchor({ number: 0n, postState: stateId });
  const messages = world.outboxes.get(ETHEREUM) ?? [];
  const proof = world.proveOutbox(ETHEREUM);
  const hop = { headNodes: [Uint8Array.of(1, 2)], parents: [Uint8Array.of(3)] };
  const paid = [{ chainId: ETHEREUM, count: 1n }];
  const at = { prevState: stateId, round: 3n, asOf: 1_700_000_000n, control: 6n };
  const chunk = { number: 1n, chunk: 0n, chunks: 1n, bytes: Uint8Array.of(1) };
  const requests = [
    { command: 'status', params: {} },
    { command: 'evidence', params: { challenge: stateId } },
    { command: 'ingest', params: { chainId: ETHEREUM, fromIndex: 0n, messages, proof } },
    { command: 'ingest', params: { chainId: ETHEREUM, fromIndex: 1n, messages, proof: null } },
    {
      command: 'ingestControl',
      params: { fromIndex: 0n, messages: world.governance.slice(0, 2), proof },
    },
    { command: 'proveReleased', params: { chainId: ETHEREUM, proof } },
    { command: 'propose', params: { ...at, paid, beneficiary: BENEFICIARY } },
    { command: 'signCommit', params: { postState: stateId } },
    { command: 'confirmAnchored', params: { ...genesis, proof: { ...genesis.proof, hop } } },
    {
      command: 'reveal',
      params: { chainId: POLKADOT, firstIndex: 0n, submitter: SENDER },
    },
    { command: 'exportSnapshot', params: { chunk: 0n } },
    { command: 'restoreSnapshot', params: { ...chunk, proof } },
    { command: 'query', params: { sealed: Uint8Array.of(1, 2, 3) } },
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
  const { state, context } = world;
  const behind = (chainId: bigint) => {
    const fromIndex = inboxOf(state, chainId).position.count;
    const messages = world.outboxes.get(chainId)?.slice(Number(fromIndex)) ?? [];
    return { chainId, fromIndex, messages, proof: world.proveOutbox(chainId) };
  };
  const fromIndex = state.control.position.count;
  const requests = [
    { id: 1, command: 'ingest', params: behind(ETHEREUM) },
    { id: 1, command: 'ingest', params: behind(POLKADOT) },
    {
      id: 1,
      command: 'ingestControl',
      params: { fromIndex, messages: [], proof: world.proveControl() },
    },
    {
      id: 1,
      command: 'confirmAnchored',
      params: world.proveAnchor({ number: 2n, postState: world.ledger.stateId }),
    },
  ];
  const final = world.state;
  const ask = async (input: Input) => {
    const enclave = createEnclave(context, final, () => undefined);
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

/** A portion without a proof is taken for what it is: nothing is known of any time. */
function movesNothing(result: unknown): boolean {
  const { provenAtSec } = result as { provenAtSec?: unknown };
  return typeof provenAtSec === 'string' && Number(provenAtSec) < START_SEC + 10;
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

function clientsSeed({ state: { durable }, context: { config } }: EnclaveWorld): Seed {
  return codecSeed(encodeClients(durable, config), (bytes) =>
    encodeClients({ lightClients: decodeClients(bytes, config) }, config),
  );
}

function ledgerRecordsSeed({ ledger }: EnclaveWorld): Seed {
  const base = { number: 1n, parts: 1, bytes: 5000 };
  const { stateId } = ledger;
  return codecSeed(
    encodeLedgerRecords({ base, deltaBytes: 70, number: ledger.state.number, stateId }),
    (bytes) => encodeLedgerRecords(decodeLedgerRecords(bytes)),
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
