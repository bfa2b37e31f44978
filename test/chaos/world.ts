import { addressOf } from '../../src/crypto/secp256k1.ts';
import { deriveEnclaveKeys } from '../../src/enclave/keys/enclave-keys.ts';
import { ledgerAt } from '../../src/enclave/ledger-at.ts';
import {
  ledgerRules,
  type MeasuredConfig,
  parseMeasuredConfig,
} from '../../src/enclave/measured-config.ts';
import { genesisState } from '../../src/ledger/genesis.ts';
import { assetId, NATIVE_TOKEN } from '../../src/protocol/asset.ts';
import {
  type ControlBody,
  type ControlContent,
  encodeControl,
} from '../../src/protocol/control.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import {
  ANCHOR,
  CLIENTS,
  ETHEREUM,
  ETHEREUM_GATEWAY,
  POLKADOT,
  POLKADOT_GATEWAY,
  RATE,
  START_SEC,
  TERMS,
  TEST_CONFIG,
} from '../support/enclave-world.ts';
import { type Decree, SimulatedChain } from './chain.ts';
import type { Deployment } from './contracts.ts';
import { type DepositPlan, type Planned, planDeposit, tagSecretOf } from './deposits.ts';
import { SimulatedEnclave } from './simulated-enclave.ts';
import { VirtualTime } from './virtual-time.ts';

/** Seconds from block to block, on both chains. */
export const BLOCK_SEC = 2;
const FINALITY_BLOCKS = 2;
const LAG_SEC = 6;
const EPOCH = 1n;

const MASTER_SECRET = new Uint8Array(32).fill(7);
/** Keys of the enclaves: what no sink may ever hold. */
export const SIGNING_KEYS = [9, 11, 13].map((byte) => new Uint8Array(32).fill(byte));

const CONFIG: MeasuredConfig = parseMeasuredConfig({
  ...TEST_CONFIG,
  chains: TEST_CONFIG.chains.map((chain) => ({ ...chain, lagSec: LAG_SEC })),
});

/** How a world is made. */
export interface WorldPlan {
  /** 1 … 3. */
  readonly enclaves: number;
  /** Signatures that contracts ask for. */
  readonly threshold: number;
  readonly deposits: readonly DepositPlan[];
  /** Relayer processes of each operator, who share nothing but chains and enclaves: one number or two, each 1 or 2. */
  readonly processes: readonly number[];
  /** Batches that operators hold from before the beginning, and never let go. */
  readonly held: readonly HeldBatch[];
}

/** A batch of releases, by where it begins. */
export interface HeldBatch {
  readonly chainId: bigint;
  readonly firstIndex: bigint;
}

/** All that a relayer stands between: it survives whatever becomes of the relayer. */
export interface World {
  readonly time: VirtualTime;
  readonly ethereum: SimulatedChain;
  readonly polkadot: SimulatedChain;
  readonly enclaves: readonly SimulatedEnclave[];
  readonly deposits: readonly Planned[];
  readonly lagSec: bigint;
  /** As planned. */
  readonly held: readonly HeldBatch[];
  /** What only enclaves and users know. */
  readonly secrets: readonly Uint8Array[];
}

/** Makes chains, contracts and enclaves, and what users are going to do. */
export async function createWorld(plan: WorldPlan): Promise<World> {
  const { enclaves, threshold, deposits, held } = plan;
  const signers = new Set(SIGNING_KEYS.slice(0, enclaves).map(addressOf));
  const contracts = { epoch: EPOCH, signers, threshold };
  const ethereum = createChain('ethereum', {
    ...contracts,
    chainId: ETHEREUM,
    gateway: ETHEREUM_GATEWAY,
    anchor: undefined,
  });
  const polkadot = createChain('substrate', {
    ...contracts,
    chainId: POLKADOT,
    gateway: POLKADOT_GATEWAY,
    anchor: ANCHOR,
  });
  const chains = new Map([
    [CLIENTS.ethereum, ethereum],
    [CLIENTS.polkadot, polkadot],
  ]);
  const running = SIGNING_KEYS.slice(0, enclaves).map(
    (signingKey, i) =>
      new SimulatedEnclave({
        name: `enclave-${i + 1}`,
        config: CONFIG,
        masterSecret: MASTER_SECRET,
        signingKey,
        chains,
      }),
  );
  const epochKey = (await running[0]?.epochKey()) ?? '0x';
  polkadot.decrees.push(...opening().map((body): Decree => ({ kind: 'control', body })));
  polkadot.grow(BigInt(START_SEC));
  ethereum.grow(BigInt(START_SEC));
  const time = new VirtualTime(START_SEC * 1000);
  return {
    time,
    ethereum,
    polkadot,
    enclaves: running,
    deposits: await Promise.all(deposits.map((plan) => planDeposit(plan, epochKey))),
    lagSec: BigInt(LAG_SEC),
    held,
    secrets: [MASTER_SECRET, ...deposits.map(tagSecretOf)],
  };
}

function createChain(kind: 'ethereum' | 'substrate', deployment: Deployment): SimulatedChain {
  return new SimulatedChain({
    name: kind === 'ethereum' ? 'one' : 'other',
    kind,
    deployment,
    genesisState: genesisId(),
    finalityBlocks: FINALITY_BLOCKS,
    startSec: BigInt(START_SEC) - 10n,
  });
}

/** Id of the state that every ledger here begins with. */
function genesisId(): Hex {
  const [signingKey = new Uint8Array(32)] = SIGNING_KEYS;
  const keys = deriveEnclaveKeys({ masterSecret: MASTER_SECRET, signingKey }, EPOCH);
  return ledgerAt(genesisState(ledgerRules(CONFIG)), keys).stateId;
}

/** What governance says first: both coins, and what paying them out costs. */
function opening(): ControlBody[] {
  const contents = [ETHEREUM, POLKADOT].flatMap((chainId): ControlContent[] => {
    const asset = assetId(chainId, NATIVE_TOKEN);
    const rates = [ETHEREUM, POLKADOT].map((at): ControlContent => {
      return { kind: 'setRate', asset, chainId: at, rate: RATE };
    });
    return [{ kind: 'registerAsset', asset, ...TERMS }, ...rates];
  });
  return contents.map(controlOf);
}

/** A word of governance's, before the anchor stamps it. */
export function controlOf(content: ControlContent): ControlBody {
  return { ...encodeControl(content), sentAtSec: 0n, round: 0n };
}

/** Whether a gateway waits for a batch that is held for good. */
export function isStopped({ held }: World, { options, final }: SimulatedChain): boolean {
  const { chainId } = options.deployment;
  const { count } = final.contracts.released;
  return held.some((batch) => batch.chainId === chainId && batch.firstIndex === count);
}

/** The chains of a world. */
export function chainsOf({ ethereum, polkadot }: World): readonly [SimulatedChain, SimulatedChain] {
  return [ethereum, polkadot];
}
