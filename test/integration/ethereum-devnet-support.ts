import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastAggregateVerify, PublicKey, Signature } from '@chainsafe/blst';
import { ssz } from '@lodestar/types';
import { toBeArray } from 'ethers';
import { expect } from 'vitest';
import type { EthereumDevnet } from '../../devnet/ethereum/ethereum-devnet.ts';

/** A slow and plain reading of the light-client specification, for the minimal preset; shares no code with src. */
export const SLOTS_PER_PERIOD = 64;

export type Update = ReturnType<typeof ssz.fulu.LightClientUpdate.fromJson>;
export type FinalityUpdate = ReturnType<typeof ssz.fulu.LightClientFinalityUpdate.fromJson>;
export type LightClientHeader = Update['attestedHeader'];
export type SyncCommittee = Update['nextSyncCommittee'];

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the server's JSON is what is under test
  readonly json: any;
  readonly headers: Headers;
}

export async function getJson(url: string): Promise<Answer> {
  const response = await fetch(url);
  const text = await response.text();
  const json: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, json, headers: response.headers };
}

export async function postJson(url: string, body: unknown): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, json: await response.json(), headers: response.headers };
}

export async function callRpc(rpcUrl: string, method: string, params: unknown[]) {
  const body = { jsonrpc: '2.0', id: 1, method, params };
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: the server's JSON is what is under test
  const { result, error } = (await response.json()) as any;
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
}

export async function waitFor<T>(what: () => Promise<T | undefined>, timeoutMs = 20_000) {
  const deadlineMs = Date.now() + timeoutMs;
  while (Date.now() < deadlineMs) {
    const found = await what();
    if (found !== undefined) return found;
    await sleep(20);
  }
  throw new Error(`waited ${timeoutMs} ms in vain`);
}

export async function fetchFinalityUpdate(beaconUrl: string): Promise<FinalityUpdate> {
  const { json } = await getJson(`${beaconUrl}/eth/v1/beacon/light_client/finality_update`);
  return ssz.fulu.LightClientFinalityUpdate.fromJson(json.data);
}

export async function fetchUpdates(
  beaconUrl: string,
  startPeriod: number,
  count: number,
): Promise<Update[]> {
  const query = `start_period=${startPeriod}&count=${count}`;
  const { json } = await getJson(`${beaconUrl}/eth/v1/beacon/light_client/updates?${query}`);
  return json.map((entry: { data: unknown }) => ssz.fulu.LightClientUpdate.fromJson(entry.data));
}

export async function fetchFinalizedBootstrap(beaconUrl: string) {
  const { json } = await getJson(`${beaconUrl}/eth/v1/beacon/headers/finalized`);
  const root: string = json.data.root;
  const answer = await getJson(`${beaconUrl}/eth/v1/beacon/light_client/bootstrap/${root}`);
  return { root, bootstrap: ssz.fulu.LightClientBootstrap.fromJson(answer.json.data) };
}

function sha256(...parts: Uint8Array[]): Uint8Array {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

export function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}

export function expectBranch(
  leaf: Uint8Array,
  branch: Uint8Array[],
  { gindex, root }: { gindex: number; root: Uint8Array },
): void {
  expect(branch).toHaveLength(Math.floor(Math.log2(gindex)));
  const folded = branch.reduce(
    (node, sibling, depth) =>
      (gindex >> depth) & 1 ? sha256(sibling, node) : sha256(node, sibling),
    leaf,
  );
  expect(hex(folded)).toBe(hex(root));
}

export function expectHeader(header: LightClientHeader): void {
  expectBranch(
    ssz.fulu.ExecutionPayloadHeader.hashTreeRoot(header.execution),
    header.executionBranch,
    { gindex: 25, root: header.beacon.bodyRoot },
  );
}

export function expectFinality(update: Update | FinalityUpdate): void {
  expectHeader(update.attestedHeader);
  expectHeader(update.finalizedHeader);
  expect(update.signatureSlot).toBeGreaterThan(update.attestedHeader.beacon.slot);
  const finalizedRoot = ssz.phase0.BeaconBlockHeader.hashTreeRoot(update.finalizedHeader.beacon);
  const root = update.attestedHeader.beacon.stateRoot;
  expectBranch(finalizedRoot, update.finalityBranch, { gindex: 169, root });
}

export function participantsOf(update: Update | FinalityUpdate): number {
  return update.syncAggregate.syncCommitteeBits.getTrueBitIndexes().length;
}

export function isSignedBy(
  update: Update | FinalityUpdate,
  committee: SyncCommittee,
  { genesis, forks }: Pick<EthereumDevnet, 'genesis' | 'forks'>,
): boolean {
  const version = Buffer.from(forks.at(-1)!.version.slice(2), 'hex');
  const genesisRoot = Buffer.from(genesis.genesisValidatorsRoot.slice(2), 'hex');
  const forkDataRoot = sha256(version, new Uint8Array(28), genesisRoot);
  const domain = Buffer.concat([Buffer.from('07000000', 'hex'), forkDataRoot.subarray(0, 28)]);
  const signingRoot = sha256(
    ssz.phase0.BeaconBlockHeader.hashTreeRoot(update.attestedHeader.beacon),
    domain,
  );
  const keys = update.syncAggregate.syncCommitteeBits
    .getTrueBitIndexes()
    .map((seat) => PublicKey.fromBytes(committee.pubkeys[seat]!, true));
  const signature = Signature.fromBytes(update.syncAggregate.syncCommitteeSignature, true);
  return fastAggregateVerify(signingRoot, keys, signature);
}

/** The 21 fields of an Osaka header, in RLP's order and form, from `eth_getBlockByNumber`. */
export function headerFields(block: Record<string, string>): string[] {
  const quantities = ['difficulty', 'number', 'gasLimit', 'gasUsed', 'timestamp'];
  const later = ['baseFeePerGas', 'withdrawalsRoot', 'blobGasUsed', 'excessBlobGas'];
  const order = [
    ...['parentHash', 'sha3Uncles', 'miner', 'stateRoot', 'transactionsRoot', 'receiptsRoot'],
    ...['logsBloom', ...quantities, 'extraData', 'mixHash', 'nonce', ...later],
    ...['parentBeaconBlockRoot', 'requestsHash'],
  ];
  const numbers = new Set([...quantities, ...later.filter((name) => name !== 'withdrawalsRoot')]);
  return order.map((name) => (numbers.has(name) ? hex(toBeArray(block[name]!)) : block[name]!));
}
