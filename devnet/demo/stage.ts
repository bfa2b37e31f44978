import { randomBytes } from 'node:crypto';
import { Interface } from 'ethers';
import type { BridgedChain, ChainSigner } from '../../src/chains/shared/bridged-chain.ts';
import { connect } from '../../src/client/connect.ts';
import type { SourceSide } from '../../src/client/deposit.ts';
import { keccak256 } from '../../src/crypto/hashes.ts';
import { type Hex, toHex, utf8 } from '../../src/shared/bytes.ts';
import type { Rng } from '../../src/shared/rng.ts';
import { deploy } from '../deploy.ts';
import { ACCOUNTS, type World } from '../world.ts';

const TOKEN_ABI = new Interface(['function mint(address to,uint256 amount)']);
const RECEIVER_ABI = new Interface(['function claimTo(address gateway,uint64 index,address to)']);
const DEMO_MINTED = 1000n * 10n ** 18n;

/** Everybody and everything that plays a part in the demo. */
export interface Stage {
  readonly world: World;
  readonly chains: { readonly ethereum: BridgedChain; readonly polkadot: BridgedChain };
  /** Who pays in on Ethereum. */
  readonly ethereum: {
    readonly alice: SourceSide;
    readonly carol: SourceSide;
    readonly erin: SourceSide;
  };
  /** Who pays in on the Polkadot side. */
  readonly polkadot: { readonly charlie: SourceSide; readonly dave: SourceSide };
  /** Who is paid; but for charlie, addresses that never sign anything. */
  readonly people: Readonly<Record<'charlie' | 'grace' | 'heidi' | 'ivan' | 'judy', Hex>>;
  /** A contract on Ethereum that refuses the native coin. */
  readonly receiver: {
    readonly address: Hex;
    readonly claimTo: (releaseIndex: bigint, to: Hex) => Promise<void>;
  };
  /** Where the relayer's fees go, on either chain. */
  readonly relayer: { readonly ethereum: Hex; readonly polkadot: Hex };
  readonly rng: Rng;
  otherChain(chain: BridgedChain): BridgedChain;
  close(): Promise<void>;
}

/** Opens the users' own connections and gives everyone what they need to start. */
export async function setStage(world: World): Promise<Stage> {
  const connections = await connect(world.client);
  const { ethereum, polkadot } = connections;
  const on = (chain: BridgedChain, signer: ChainSigner): SourceSide => {
    const { gateway, registry } = world.client[chain.name];
    return { chain, signer, gateway, registry };
  };
  const key = (account: number) => world.devAccounts[account]?.privateKey ?? '';
  const [alice, carol, erin, ethereumRelayer] = await Promise.all(
    [2, 3, 4, ACCOUNTS.relayer.ethereum].map((account) => ethereum.signer(key(account))),
  );
  const [charlie, dave, polkadotRelayer] = await Promise.all(
    ['//Charlie', '//Dave', ACCOUNTS.relayer.polkadot].map((uri) => polkadot.signer(uri)),
  );
  if (!alice || !carol || !erin || !charlie || !dave) throw new RangeError('too few accounts');
  await mintDemo(ethereum, carol, world.deployment.ethereum.tokens.demo);
  return {
    world,
    chains: { ethereum, polkadot },
    ethereum: { alice: on(ethereum, alice), carol: on(ethereum, carol), erin: on(ethereum, erin) },
    polkadot: { charlie: on(polkadot, charlie), dave: on(polkadot, dave) },
    people: {
      charlie: charlie.address,
      grace: nameAddress('grace'),
      heidi: nameAddress('heidi'),
      ivan: nameAddress('ivan'),
      judy: nameAddress('judy'),
    },
    receiver: await deployReceiver(ethereum, carol, world.client.ethereum.gateway),
    relayer: {
      ethereum: ethereumRelayer?.address ?? '0x',
      polkadot: polkadotRelayer?.address ?? '0x',
    },
    rng: { bytes: (length) => new Uint8Array(randomBytes(length)) },
    otherChain: (chain) => (chain === ethereum ? polkadot : ethereum),
    close: () => connections.close(),
  };
}

/** An address that is a name's hash: nobody has its key, and it never pays for gas. */
function nameAddress(name: string): Hex {
  return toHex(keccak256(utf8(`veilspan/demo/${name}`)).subarray(12));
}

async function mintDemo(chain: BridgedChain, signer: ChainSigner, token: Hex): Promise<void> {
  const data = TOKEN_ABI.encodeFunctionData('mint', [signer.address, DEMO_MINTED]) as Hex;
  await chain.submit(signer, { to: token, data, valueWei: 0n });
}

async function deployReceiver(
  chain: BridgedChain,
  signer: ChainSigner,
  gateway: Hex,
): Promise<Stage['receiver']> {
  const address = await deploy({ chain, owner: signer }, 'RefusingReceiver', []);
  return {
    address,
    claimTo: async (index, to) => {
      const data = RECEIVER_ABI.encodeFunctionData('claimTo', [gateway, index, to]) as Hex;
      await chain.submit(signer, { to: address, data, valueWei: 0n });
    },
  };
}
