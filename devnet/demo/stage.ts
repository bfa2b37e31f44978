import { randomBytes } from 'node:crypto';
import { Interface } from 'ethers';
import type { BridgedChain } from '../../src/chains/shared/bridged-chain.ts';
import type { Connections } from '../../src/client/connect.ts';
import type { SourceSide } from '../../src/client/deposit.ts';
import { keccak256 } from '../../src/crypto/hashes.ts';
import { contractsOn } from '../../src/deploy/deploy-bridge.ts';
import { deploy } from '../../src/deploy/site.ts';
import { type Hex, toHex, utf8 } from '../../src/shared/bytes.ts';
import type { Rng } from '../../src/shared/rng.ts';
import { ACCOUNTS } from '../accounts.ts';
import { assetOf } from '../demo-assets.ts';
import type { World } from '../world.ts';
import { type LedgerSide, openLedgerSide } from './ledger-side.ts';
import { chooseScenario, RECEIVER, type Scenario } from './scenario.ts';

const TOKEN_ABI = new Interface(['function mint(address to,uint256 amount)']);
const RECEIVER_ABI = new Interface(['function claimTo(address gateway,uint64 index,address to)']);
const DEMO_MINTED = 1000n * 10n ** 18n;
/** Who pays in the demo's own token, and deploys what refuses the native coin. */
const TOKEN_OWNER = 'carol';

/** Everybody and everything that plays a part in the demo. */
export interface Stage extends LedgerSide {
  readonly world: World;
  readonly scenario: Scenario;
  readonly connections: Connections;
  readonly rng: Rng;
  /** One of the user's connections, by the chain's name. */
  chain(name: string): BridgedChain;
  /** The end of the bridge at which somebody pays in. */
  payer(name: string): SourceSide;
  /** Who that is on the chains: the signer of a payer, the receiver, or an address that nobody has the key of. */
  addressOf(name: string): Hex;
  /** The relayer's account on a chain, which is paid for its batches. */
  relayerOn(chain: string): Hex;
  /** Has the receiver claim a payout that it refused, for somebody else. */
  claim(releaseIndex: bigint, to: Hex): Promise<void>;
}

/** Gives everyone what they need to start, over the users' own connections. @param socket of the enclave */
export async function setStage(
  world: World,
  connections: Connections,
  socket: string,
): Promise<Stage> {
  const scenario = chooseScenario(world);
  const rng: Rng = { bytes: (length) => new Uint8Array(randomBytes(length)) };
  const chain = (name: string) => chainOf(world, connections, name);
  const payers = await findPayers(world, scenario, chain);
  const payer = (name: string) => required(payers.get(name), name);
  const owner = payer(TOKEN_OWNER);
  await mintDemo(world, owner);
  const receiver = await deploy(
    { chain: owner.chain, owner: owner.signer },
    'RefusingReceiver',
    [],
  );
  const relayers = await findRelayers(world, chain);
  return {
    world,
    scenario,
    connections,
    rng,
    chain,
    ...(await openLedgerSide(world, connections, { socket, scenario, rng })),
    relayerOn: (name) => required(relayers.get(name), name),
    payer,
    addressOf: (name) =>
      name === RECEIVER ? receiver : (payers.get(name)?.signer.address ?? nameAddress(name)),
    claim: async (index, to) => {
      const data = RECEIVER_ABI.encodeFunctionData('claimTo', [owner.gateway, index, to]) as Hex;
      await owner.chain.submit(owner.signer, { to: receiver, data, valueWei: 0n });
    },
  };
}

function chainOf({ chains }: World, connections: Connections, name: string): BridgedChain {
  const { chainId } = required(
    chains.find((each) => each.name === name),
    name,
  );
  return required(connections.chains.get(chainId), name);
}

async function findPayers(
  { deployment, secretOf }: World,
  { payers }: Scenario,
  chainNamed: (name: string) => BridgedChain,
): Promise<ReadonlyMap<string, SourceSide>> {
  const found = payers.map(async ({ name, chain: at, account }) => {
    const chain = chainNamed(at);
    const signer = await chain.signer(secretOf(account));
    return [name, { chain, signer, ...contractsOn(deployment, chain.chainId) }] as const;
  });
  return new Map(await Promise.all(found));
}

/** The relayer's account on each chain, by the chain's name. */
async function findRelayers(
  { chains, secretOf }: World,
  chainNamed: (name: string) => BridgedChain,
): Promise<ReadonlyMap<string, Hex>> {
  const found = chains.map(async ({ name, kind }) => {
    const { address } = await chainNamed(name).signer(secretOf(ACCOUNTS.relayer[kind]));
    return [name, address] as const;
  });
  return new Map(await Promise.all(found));
}

/** An address that is a name's hash: nobody has its key, and it never pays for gas. */
function nameAddress(name: string): Hex {
  return toHex(keccak256(utf8(`veilspan/demo/${name}`)).subarray(12));
}

async function mintDemo({ deployment }: World, { chain, signer }: SourceSide): Promise<void> {
  const token = required(assetOf(deployment, 'DEMO').addresses.get(chain.chainId), 'DEMO');
  const data = TOKEN_ABI.encodeFunctionData('mint', [signer.address, DEMO_MINTED]) as Hex;
  await chain.submit(signer, { to: token, data, valueWei: 0n });
}

function required<T>(found: T | undefined, name: string): T {
  if (found === undefined) throw new RangeError(`the demo has no ${name}`);
  return found;
}
