import { ssz } from '@lodestar/types';
import { toHex } from '../../src/shared/bytes.ts';
import { isHex } from '../../src/shared/hex-schema.ts';
import type { DevBeaconChain } from './beacon-chain.ts';
import { computeEpoch, computePeriod, GENESIS_FORK_VERSION, specJson } from './beacon-config.ts';
import type { BlockRecord, CheckpointRecord } from './block-record.ts';
import { BeaconApiError, type Route, type RouteRequest } from './http-routes.ts';
import { type LightClientUpdate, versionedJson } from './light-client-update.ts';

const isRoot = (text: string) => isHex(text, 32);
/** Updates in one answer. SPEC: consensus-specs altair/light-client/p2p-interface.md, `MAX_REQUEST_LIGHT_CLIENT_UPDATES`. */
const MAX_UPDATES = 128;
const UINT = /^(?:0|[1-9][0-9]{0,9})$/;

/** The part of the Beacon API that a light client and an operator need. SPEC: ethereum/beacon-APIs. */
export function createBeaconRoutes(chain: DevBeaconChain, executionChainId: number): Route[] {
  return [
    ...configRoutes(chain, executionChainId),
    ...chainRoutes(chain),
    ...lightClientRoutes(chain),
    ...nodeRoutes(chain),
  ];
}

function get(pattern: RegExp, answer: Route['answer'], headers?: Route['headers']): Route {
  return { method: 'GET', pattern, answer, ...(headers === undefined ? {} : { headers }) };
}

function configRoutes(chain: DevBeaconChain, executionChainId: number): Route[] {
  const { genesisTimeSec, slotMs } = chain.options;
  const genesis = {
    genesis_time: String(genesisTimeSec),
    genesis_validators_root: toHex(chain.genesisValidatorsRoot),
    genesis_fork_version: GENESIS_FORK_VERSION,
  };
  const rows = [{ version: GENESIS_FORK_VERSION, epoch: 0 }, ...chain.schedule.forks];
  const forks = rows.map(({ version, epoch }, i) => ({
    previous_version: rows[i - 1]?.version ?? version,
    current_version: version,
    epoch: String(epoch),
  }));
  const spec = specJson(chain.schedule, slotMs, executionChainId);
  return [
    get(/^\/eth\/v1\/beacon\/genesis$/, () => ({ data: genesis })),
    get(/^\/eth\/v1\/config\/spec$/, () => ({ data: spec })),
    get(/^\/eth\/v1\/config\/fork_schedule$/, () => ({ data: forks })),
  ];
}

function chainRoutes(chain: DevBeaconChain): Route[] {
  return [
    get(/^\/eth\/v1\/beacon\/headers$/, ({ query }) => listHeaders(chain, query)),
    get(/^\/eth\/v1\/beacon\/headers\/([^/]+)$/, ({ captures }) => {
      const block = findBlock(chain, captures);
      return { ...finalityOf(chain, block), data: headerJson(block) };
    }),
    get(/^\/eth\/v1\/beacon\/states\/([^/]+)\/finality_checkpoints$/, ({ captures }) => {
      const block = findState(chain, captures);
      return { ...finalityOf(chain, block), data: checkpointsJson(block) };
    }),
    get(/^\/eth\/v1\/beacon\/states\/([^/]+)\/fork$/, ({ captures }) => {
      const block = findState(chain, captures);
      const { previousVersion, version, epoch } = chain.schedule.at(computeEpoch(block.slot));
      const fork = { previous_version: previousVersion, current_version: version };
      return { ...finalityOf(chain, block), data: { ...fork, epoch: String(epoch) } };
    }),
  ];
}

function lightClientRoutes(chain: DevBeaconChain): Route[] {
  const base = '^/eth/v1/beacon/light_client';
  const route = (path: string, answer: Route['answer']) =>
    get(new RegExp(`${base}/${path}$`), answer, versionHeader);
  return [
    route('bootstrap/([^/]+)', ({ captures }) => bootstrapJson(chain, captures)),
    route('updates', ({ query }) => updatesJson(chain, query)),
    route('finality_update', () => {
      const update = requireUpdate(chain.lightClientData.latestFinalityUpdate, 'finality');
      return versionedJson('LightClientFinalityUpdate', update);
    }),
    route('optimistic_update', () => {
      const update = requireUpdate(chain.lightClientData.latestUpdate, 'optimistic');
      return versionedJson('LightClientOptimisticUpdate', update);
    }),
  ];
}

function nodeRoutes(chain: DevBeaconChain): Route[] {
  return [
    get(/^\/eth\/v1\/node\/health$/, () => undefined),
    get(/^\/eth\/v1\/node\/version$/, () => ({ data: { version: 'veilspan-dev-beacon/0.1.0' } })),
    get(/^\/eth\/v1\/node\/syncing$/, () => ({
      data: {
        head_slot: String(chain.lightClientData.head.slot),
        sync_distance: String(chain.slot - chain.lightClientData.head.slot),
        is_syncing: false,
        is_optimistic: false,
        el_offline: false,
      },
    })),
  ];
}

/** The fork of what is answered; a list has none of its own. */
function versionHeader(answer: unknown): Record<string, string> {
  const { version } = (answer ?? {}) as { version?: unknown };
  return typeof version === 'string' ? { 'eth-consensus-version': version } : {};
}

function requireUpdate(update: LightClientUpdate | undefined, what: string): LightClientUpdate {
  if (update === undefined) throw new BeaconApiError(404, `No ${what} update available yet`);
  return update;
}

function bootstrapJson(chain: DevBeaconChain, captures: readonly string[]) {
  const root = captures[0] ?? '';
  if (!isRoot(root)) throw new BeaconApiError(400, `Invalid block root: ${root.slice(0, 80)}`);
  const data = chain.lightClientData;
  const block = data.blockByRoot(root);
  const committee = block && data.committee(computePeriod(block.slot));
  if (block === undefined || committee === undefined || !isFinalized(chain, block)) {
    throw new BeaconApiError(
      404,
      `No bootstrap for block ${root}: not a finalized block kept here`,
    );
  }
  return versionedJson('LightClientBootstrap', {
    header: block.header,
    currentSyncCommittee: committee,
    currentSyncCommitteeBranch: block.currentSyncCommitteeBranch,
  });
}

function updatesJson(chain: DevBeaconChain, query: URLSearchParams) {
  const startPeriod = parseUint(query, 'start_period');
  const count = Math.min(parseUint(query, 'count'), MAX_UPDATES);
  if (count === 0) throw new BeaconApiError(400, 'Invalid count: 0, expected at least 1');
  const periods = Array.from({ length: count }, (_, i) => startPeriod + i);
  return periods
    .map((period) => chain.lightClientData.bestUpdate(period))
    .filter((update) => update !== undefined)
    .map((update) => versionedJson('LightClientUpdate', update));
}

function parseUint(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  if (!UINT.test(text)) {
    throw new BeaconApiError(400, `Invalid ${name}: "${text.slice(0, 80)}", expected an integer`);
  }
  return Number(text);
}

function listHeaders(chain: DevBeaconChain, query: URLSearchParams) {
  const blocks = selectBlocks(chain, query);
  const isAllFinalized = blocks.length > 0 && blocks.every((block) => isFinalized(chain, block));
  return {
    execution_optimistic: false,
    finalized: isAllFinalized,
    data: blocks.map((block) => headerJson(block)),
  };
}

function selectBlocks(chain: DevBeaconChain, query: URLSearchParams): BlockRecord[] {
  const data = chain.lightClientData;
  const slotText = query.get('slot');
  const parentRoot = query.get('parent_root');
  if (parentRoot !== null && !isRoot(parentRoot)) {
    throw new BeaconApiError(400, `Invalid parent_root: ${parentRoot.slice(0, 80)}`);
  }
  const selected =
    parentRoot !== null
      ? data.childOf(parentRoot)
      : slotText === null
        ? data.head
        : data.blockAtSlot(parseUint(query, 'slot'));
  const isWanted = slotText === null || selected?.slot === parseUint(query, 'slot');
  return selected !== undefined && isWanted ? [selected] : [];
}

function findBlock(chain: DevBeaconChain, captures: RouteRequest['captures']): BlockRecord {
  const id = captures[0] ?? '';
  const block = lookUp(chain, id);
  if (block === undefined) throw new BeaconApiError(404, `Block not found: ${id.slice(0, 80)}`);
  return block;
}

function findState(chain: DevBeaconChain, captures: RouteRequest['captures']): BlockRecord {
  const id = captures[0] ?? '';
  const block = isRoot(id) ? chain.lightClientData.blockByStateRoot(id) : lookUp(chain, id);
  if (block === undefined) throw new BeaconApiError(404, `State not found: ${id.slice(0, 80)}`);
  return block;
}

function lookUp(chain: DevBeaconChain, id: string): BlockRecord | undefined {
  const data = chain.lightClientData;
  if (id === 'head') return data.head;
  if (id === 'genesis') return data.blockAtSlot(0);
  if (id === 'finalized') return data.finalized;
  if (id === 'justified') return data.justified;
  if (isRoot(id)) return data.blockByRoot(id);
  if (UINT.test(id)) return data.blockAtSlot(Number(id));
  throw new BeaconApiError(400, `Invalid block id: ${id.slice(0, 80)}`);
}

function isFinalized(chain: DevBeaconChain, block: BlockRecord): boolean {
  return block.slot <= (chain.lightClientData.finalized?.slot ?? 0);
}

function finalityOf(chain: DevBeaconChain, block: BlockRecord) {
  return { execution_optimistic: false, finalized: isFinalized(chain, block) };
}

function headerJson(block: BlockRecord) {
  const signed = { message: block.header.beacon, signature: block.signature };
  return {
    root: block.root,
    canonical: true,
    header: ssz.phase0.SignedBeaconBlockHeader.toJson(signed),
  };
}

function checkpointsJson(block: BlockRecord) {
  return {
    previous_justified: checkpointJson(block.previousJustified),
    current_justified: checkpointJson(block.currentJustified),
    finalized: checkpointJson(block.finalized),
  };
}

function checkpointJson({ epoch, root }: CheckpointRecord) {
  return { epoch: String(epoch), root };
}
