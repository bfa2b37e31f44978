import { keccak256 } from '../crypto/hashes.ts';
import { applyLightClientUpdate } from '../light-client/ethereum/apply-light-client-update.ts';
import { initializeLightClientStore } from '../light-client/ethereum/initialize-light-client-store.ts';
import { parseBootstrap } from '../light-client/ethereum/parse-bootstrap.ts';
import { parseUpdate } from '../light-client/ethereum/parse-update.ts';
import type { LightClientStore } from '../light-client/ethereum/types.ts';
import { verifyAccountProof } from '../light-client/ethereum/verify-account-proof.ts';
import { verifyExecutionHeader } from '../light-client/ethereum/verify-execution-header.ts';
import { verifyLightClientUpdate } from '../light-client/ethereum/verify-light-client-update.ts';
import { verifyStorageProof } from '../light-client/ethereum/verify-storage-proof.ts';
import { applyFinality } from '../light-client/polkadot/apply-finality.ts';
import {
  type FinalizedBlock,
  initializePolkadotStore,
  type PolkadotStore,
} from '../light-client/polkadot/store.ts';
import { verifyAccountInfo } from '../light-client/polkadot/verify-account-info.ts';
import { verifyContractSlots } from '../light-client/polkadot/verify-contract-slot.ts';
import { verifyFinality } from '../light-client/polkadot/verify-finality.ts';
import {
  verifyParachainHead,
  verifyParents,
} from '../light-client/polkadot/verify-parachain-head.ts';
import { type Hex, toHex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import {
  type BundleStep,
  type BundleTrust,
  bundleHeadSchema,
  bundleStepSchema,
} from './bundle-format.ts';
import { describeBundleTrust } from './describe-bundle-trust.ts';
import {
  describeEthereumAge,
  EvidenceFileError,
  type OpenedEvidence,
  type VerifyOptions,
} from './verify-step.ts';

/** Everything that the steps so far have proven. */
interface Proven {
  ethereum: LightClientStore | undefined;
  polkadot: PolkadotStore | undefined;
  /** Hashes of execution blocks that are final. */
  readonly ethereumBlocks: Set<Hex>;
  /** State roots of final blocks, by block hash. */
  readonly polkadotStateRoots: Map<Hex, Hex>;
}

type Params<C extends BundleStep['command']> = Extract<BundleStep, { command: C }>['params'];

/**
 * Opens a proof bundle by its first line: says what it rests on, and gives the function that checks its other lines in
 * order. The checks are those of the enclave's light clients.
 *
 * @throws {EvidenceFileError} the line is none of a bundle, or the bundle rests on another configuration
 */
export function openBundle(head: unknown, options: VerifyOptions): OpenedEvidence {
  const parsed = bundleHeadSchema.safeParse(head);
  if (!parsed.success) throw malformed(parsed.error.issues);
  const { trust } = parsed.data;
  const polkadot = trust.polkadot && initializePolkadotStore(trust.polkadot);
  const proven: Proven = {
    ethereum: undefined,
    polkadot,
    ethereumBlocks: new Set(trust.ethereumBlock ? [trust.ethereumBlock] : []),
    polkadotStateRoots: new Map(),
  };
  if (polkadot)
    proven.polkadotStateRoots.set(polkadot.finalized.hash, polkadot.finalized.stateRoot);
  return {
    trust: describeBundleTrust(trust, options),
    verify: async (line) => {
      const step = bundleStepSchema.safeParse(line);
      if (!step.success) throw malformed(step.error.issues);
      return verifyStep(step.data, proven, { trust, options });
    },
  };
}

interface Ground {
  readonly trust: BundleTrust;
  readonly options: VerifyOptions;
}

function verifyStep(step: BundleStep, proven: Proven, ground: Ground): string {
  switch (step.command) {
    case 'bootstrapEthereum':
      return bootstrapEthereum(step.params, proven, ground);
    case 'advanceEthereum':
      return advanceEthereum(step.params, proven, ground);
    case 'advancePolkadot':
      return advancePolkadot(step.params, proven);
    case 'proveEthereumState':
      return proveEthereumState(step.params, proven);
    case 'provePolkadotSlots':
      return provePolkadotSlots(step.params, proven, ground);
    case 'provePolkadotContract':
      return provePolkadotContract(step.params, proven, ground);
  }
}

function bootstrapEthereum(
  { bootstrap }: Params<'bootstrapEthereum'>,
  proven: Proven,
  { trust, options }: Ground,
): string {
  const config = required(trust.ethereum, 'its first line has no checkpoint of Ethereum');
  const store = initializeLightClientStore(config, parseBootstrap(bootstrap, config));
  const age = describeEthereumAge(store.finalizedHeader, options);
  rememberEthereum(proven, store);
  return `the checkpoint, ${age}, commits to this sync committee; ${describeEthereum(store)}`;
}

function advanceEthereum(
  { updates }: Params<'advanceEthereum'>,
  proven: Proven,
  { trust }: Ground,
): string {
  const config = required(trust.ethereum, 'its first line has no checkpoint of Ethereum');
  let store = required(proven.ethereum, 'updates stand before the bootstrap');
  for (const json of updates) {
    const update = parseUpdate(json, config);
    store = applyLightClientUpdate(store, verifyLightClientUpdate(store, update, config));
    rememberEthereum(proven, store);
  }
  return `${updates.length} update(s) hold; ${describeEthereum(store)}`;
}

function rememberEthereum(proven: Proven, store: LightClientStore): void {
  proven.ethereum = store;
  proven.ethereumBlocks.add(store.finalizedHeader.execution.blockHash);
}

function describeEthereum({ finalizedHeader: { beacon, execution } }: LightClientStore): string {
  return `ethereum block ${execution.blockNumber} ${execution.blockHash} is final (slot ${beacon.slot})`;
}

function proveEthereumState(
  { header, address, accountProof, slots }: Params<'proveEthereumState'>,
  { ethereumBlocks }: Proven,
): string {
  const hash = toHex(keccak256(header));
  if (!ethereumBlocks.has(hash)) throw new EvidenceBlockError('ethereum', hash);
  const { number, stateRoot } = verifyExecutionHeader(header, hash);
  const account = verifyAccountProof(stateRoot, address, accountProof);
  const where = `in ethereum block ${number} ${address}`;
  if (account === undefined) return `${where} does not exist`;
  const words = slots.map(
    ({ slot, proof }) =>
      `\n       slot ${slot} holds ${verifyStorageProof(account.storageRoot, slot, proof)}`,
  );
  return `${where} has ${account.balanceWei} wei and code ${account.codeHash}${words.join('')}`;
}

function advancePolkadot({ fragments }: Params<'advancePolkadot'>, proven: Proven): string {
  let store = required(proven.polkadot, 'its first line has no checkpoint of Polkadot');
  const before = store.authoritySet.setId;
  for (const fragment of fragments) {
    store = applyFinality(store, verifyFinality(store, fragment));
    proven.polkadot = store;
    proven.polkadotStateRoots.set(store.finalized.hash, store.finalized.stateRoot);
  }
  const { finalized, authoritySet } = store;
  const changes = authoritySet.setId - before;
  const handOver =
    changes === 0n
      ? ''
      : ` after ${changes} hand-over(s), to ${authoritySet.authorities.length} authorities`;
  return `polkadot block ${finalized.number} ${finalized.hash} is final, next set ${authoritySet.setId}${handOver}`;
}

function provePolkadotSlots(
  { trieId, slots, nodes, ...at }: Params<'provePolkadotSlots'>,
  proven: Proven,
  ground: Ground,
): string {
  const block = findContractsBlock(at, proven, ground);
  const words = verifyContractSlots(block.stateRoot, { trieId }, slots, nodes);
  const lines = slots.map((slot, i) => `\n       slot ${slot} holds ${words[i]}`);
  return `in polkadot block ${block.hash} the contract with child trie ${trieId}${lines.join('')}`;
}

function provePolkadotContract(
  { address, nodes, ...at }: Params<'provePolkadotContract'>,
  proven: Proven,
  ground: Ground,
): string {
  const block = findContractsBlock(at, proven, ground);
  const { trieId, codeHash } = verifyAccountInfo(block.stateRoot, address, nodes);
  return `in polkadot block ${block.hash} ${address} is the contract with child trie ${trieId} and code ${codeHash}`;
}

/**
 * The block under whose state root the contracts are: the final one, or that of a parachain that it makes final.
 *
 * SECURITY: what the bundle rests on says which of the two, never a step: the relay chain may have contracts of its own.
 */
function findContractsBlock(
  { blockHash, hop }: Pick<Params<'provePolkadotSlots'>, 'blockHash' | 'hop'>,
  { polkadotStateRoots }: Proven,
  { trust }: Ground,
): Pick<FinalizedBlock, 'hash' | 'stateRoot'> {
  const { topology } = required(trust.polkadot, 'its first line has no checkpoint of Polkadot');
  const stateRoot = polkadotStateRoots.get(blockHash);
  if (stateRoot === undefined) throw new EvidenceBlockError('polkadot', blockHash);
  if (topology === 'solo' && hop === undefined) return { hash: blockHash, stateRoot };
  if (topology !== 'solo' && hop !== undefined) {
    return verifyParents(
      verifyParachainHead(stateRoot, topology.paraId, hop.headNodes),
      hop.parents,
    );
  }
  throw new EvidenceFileError('a step hops to a parachain, or does not, against its first line');
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new EvidenceFileError(what);
  return value;
}

function malformed(issues: readonly { path: PropertyKey[]; message: string }[]): EvidenceFileError {
  const [issue] = issues;
  return new EvidenceFileError(
    `${issue?.path.join('.') ?? 'a line'}: ${issue?.message ?? 'malformed'}`,
  );
}

/** A proof under a block that nothing before it has shown to be final. */
class EvidenceBlockError extends BridgeError<{ chain: string; blockHash: Hex }> {
  readonly code = 'EVIDENCE_BLOCK_UNKNOWN';
  readonly disposition = 'reject';
  constructor(chain: string, blockHash: Hex) {
    super(
      `Expected a block of ${chain} that an earlier step shows to be final, got ${blockHash}; put its finality first.`,
      { chain, blockHash },
    );
  }
}
