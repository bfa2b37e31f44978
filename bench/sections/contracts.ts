import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiPromise, WsProvider } from '#polkadot/api';
import { Keyring } from '#polkadot/keyring';
import { devnetConfigSchema } from '../../devnet/config.ts';
import { assetOf } from '../../devnet/demo-assets.ts';
import { type Newcomer, startWorld, type World } from '../../devnet/world.ts';
import { ANCHOR_ABI, GATEWAY_ABI } from '../../src/chains/shared/abi.ts';
import type { BridgedChain, ChainCall } from '../../src/chains/shared/bridged-chain.ts';
import { runWithin } from '../../src/chains/substrate/dry-run.ts';
import { connect } from '../../src/client/connect.ts';
import { addressOf, signDigest } from '../../src/crypto/secp256k1.ts';
import { contractsOn } from '../../src/deploy/deploy-bridge.ts';
import { commitDigest } from '../../src/protocol/commit.ts';
import {
  POST_ENVELOPE_BYTES,
  SEALED_ENVELOPE_BYTES,
  transparentEnvelope,
} from '../../src/protocol/envelope.ts';
import { EMPTY_HEAD } from '../../src/protocol/message.ts';
import { type Release, type ReleaseBatch, releaseBatchDigest } from '../../src/protocol/release.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';
import { wordOf } from '../../test/support/enclave-world.ts';
import { formatCount, printTable } from '../report.ts';

const GAS = join(import.meta.dirname, '../../contracts-evm/snapshots/Gas.json');

/** What the contracts' calls cost on either chain. */
export async function benchContracts(): Promise<void> {
  const gas: Record<string, string> = JSON.parse(readFileSync(GAS, 'utf8'));
  printTable({
    title: 'Contracts on Ethereum: gas',
    columns: ['call', 'gas'],
    rows: Object.entries(gas).map(([call, used]) => [call, formatCount(BigInt(used))]),
    note: 'From `contracts-evm/snapshots/Gas.json`, which `npm run test:contracts` checks: of a whole transaction, its 21,000 and its call data included.',
  });
  const folder = mkdtempSync(join(tmpdir(), 'veilspan-bench-'));
  const world = await startWorld(devnetConfigSchema.parse({ folder }));
  try {
    await benchPolkadotContracts(world);
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const EPOCH = 1n;
const SIGNING_KEY = new Uint8Array(32).fill(9);
const ONE_DOT_WEI = 10n ** 18n;
const REFUND_TO: Hex = `0x${'53'.repeat(20)}`;
/** What a block of the devnet's runtime may take, from its constants. */
interface Limits {
  readonly refTime: bigint;
  readonly proofSize: bigint;
}

async function benchPolkadotContracts(world: World): Promise<void> {
  const { name, url, chainId } = anchorChainOf(world);
  await world.admit(enclaveStatus());
  const connections = await connect(world.client);
  const chain = connections.chains.get(chainId);
  if (!chain) throw new Error(`no connection to ${name}`);
  const signer = await chain.signer('//Bob');
  const { hash } = await chain.head();
  const calls = callsOf(world, {
    submitter: signer.address,
    postFee: await postFeeOf(chain, contractsOn(world.deployment, chainId).gateway),
    nowSec: await chain.blockTimeSec(hash),
  });
  // Something must have come in before anything can leave.
  for (const call of calls.funding) await chain.submit(signer, call);
  // CAST: the package's class and interface differ under exactOptionalPropertyTypes.
  const provider = new WsProvider(url) as never;
  const api = await ApiPromise.create({ provider, noInitWarn: true });
  const pair = new Keyring({ type: 'sr25519' }).addFromUri('//Bob');
  const limits = limitsOf(api);
  const rows: string[][] = [];
  for (const [name, call] of calls.measured) {
    const { weight, storageDepositPlanck } = await runWithin({ name, api }, pair.addressRaw, {
      call,
      weight: null,
    });
    const fee = await feeOf(api, pair.address, { call, weight });
    rows.push([
      name,
      `${(Number(weight.refTime) / 1e9).toFixed(2)} ms`,
      `${formatCount(weight.proofSize)} B`,
      `${share(weight.refTime, limits.refTime)}, ${share(weight.proofSize, limits.proofSize)}`,
      formatDot(fee),
      formatDot(storageDepositPlanck),
    ]);
  }
  await api.disconnect();
  await connections.close();
  printTable({
    title: 'Contracts on the Polkadot devnet: weight and fee',
    columns: ['call', 'time', 'proof size', 'of a block', 'fee', 'storage deposit'],
    rows,
    note: 'Dry runs on the devnet, with nothing deployed beside the bridge. Time and proof size are weights, shares are of all that a block may take. Fees and deposits follow from the constants of the devnet’s runtime.',
  });
}

/** The Polkadot side's chain. */
function anchorChainOf({ chains, deployment }: World): World['chains'][number] {
  const found = chains.find(({ chainId }) => chainId === deployment.anchor.chainId);
  if (!found) throw new Error('the world has no anchor');
  return found;
}

/** What the registry has to know of an enclave that is only a key. */
function enclaveStatus(): Newcomer {
  const word = (fill: string): Hex => `0x${fill.repeat(32)}`;
  return {
    signer: addressOf(SIGNING_KEY),
    epoch: EPOCH,
    keyEpoch: EPOCH,
    epochKey: word('11'),
    measurement: word('22'),
    ledger: { stateId: wordOf(1n) },
  };
}

interface Calls {
  readonly funding: readonly ChainCall[];
  readonly measured: readonly (readonly [name: string, call: ChainCall])[];
}

interface Facts {
  /** 20 bytes. */
  readonly submitter: Hex;
  readonly postFee: bigint;
  /** Of the newest block, in seconds of Unix time. */
  readonly nowSec: bigint;
}

async function postFeeOf(chain: BridgedChain, gateway: Hex): Promise<bigint> {
  const data = GATEWAY_ABI.encodeFunctionData('postFee') as Hex;
  return BigInt(await chain.call(gateway, data));
}

function callsOf({ deployment, chains }: World, { submitter, postFee, nowSec }: Facts): Calls {
  const { chainId, address: anchor } = deployment.anchor;
  const { gateway } = contractsOn(deployment, chainId);
  const { asset } = assetOf(deployment, 'DOT');
  const destination = chains.find((chain) => chain.chainId !== chainId)?.chainId ?? 0n;
  const deposit = (envelope: Uint8Array, amount: bigint, chain: bigint): ChainCall => {
    const args = [asset, amount, amount, chain, REFUND_TO, envelope];
    const data = GATEWAY_ABI.encodeFunctionData('deposit', args) as Hex;
    return { to: gateway, data, valueWei: amount };
  };
  const post = (count: number): ChainCall => {
    const orders = Array.from({ length: count }, () => new Uint8Array(POST_ENVELOPE_BYTES).fill(2));
    const data = GATEWAY_ABI.encodeFunctionData('post', [orders]) as Hex;
    return { to: gateway, data, valueWei: BigInt(count) * postFee };
  };
  const release = (count: number): ChainCall => {
    const batch = batchOf({ chainId, gateway, asset, count });
    const signature = toHex(signDigest(SIGNING_KEY, releaseBatchDigest(EPOCH, submitter, batch)));
    const args = [{ ...batch, epoch: EPOCH, submitter }, [signature]];
    return {
      to: gateway,
      data: GATEWAY_ABI.encodeFunctionData('release', args) as Hex,
      valueWei: 0n,
    };
  };
  const transparent = transparentEnvelope(`0x${'52'.repeat(20)}`);
  const sealed = new Uint8Array(SEALED_ENVELOPE_BYTES).fill(1);
  return {
    funding: [deposit(transparent, 100n * ONE_DOT_WEI, destination)],
    measured: [
      ['deposit, native coin, transparent', deposit(transparent, ONE_DOT_WEI, destination)],
      ['deposit, native coin, sealed', deposit(sealed, ONE_DOT_WEI, 0n)],
      ['post, 1 order', post(1)],
      ['post, 16 orders', post(16)],
      ['commit, 2 chains', commitCall({ anchor, chainId, other: destination, nowSec })],
      ['release, 1 of the native coin', release(1)],
      ['release, 16 of the native coin', release(16)],
    ],
  };
}

interface CommitPlan {
  readonly anchor: Hex;
  readonly chainId: bigint;
  readonly other: bigint;
  readonly nowSec: bigint;
}

function commitCall({ anchor, chainId, other, nowSec }: CommitPlan): ChainCall {
  const commit = {
    number: 1n,
    round: 1n,
    asOf: nowSec,
    prevState: wordOf(1n),
    postState: wordOf(2n),
    inputs: [
      { chainId: other, count: 1n },
      { chainId, count: 1n },
    ],
    control: 0n,
    paid: [],
    beneficiary: wordOf(0xbbn),
  };
  const digest = commitDigest({ chainId, verifyingContract: anchor }, EPOCH, commit);
  const args = [{ ...commit, epoch: EPOCH }, [toHex(signDigest(SIGNING_KEY, digest))]];
  return { to: anchor, data: ANCHOR_ABI.encodeFunctionData('commit', args) as Hex, valueWei: 0n };
}

interface BatchPlan {
  readonly chainId: bigint;
  readonly gateway: Hex;
  readonly asset: Hex;
  readonly count: number;
}

/** Payouts to accounts that the chain has not seen. */
function batchOf({ chainId, gateway, asset, count }: BatchPlan): ReleaseBatch {
  const releases: Release[] = Array.from({ length: count }, (_, i) => ({
    tag: wordOf(1000n + BigInt(i)),
    asset,
    recipient: `0x${wordOf(0xace0_0000n + BigInt(i)).slice(-40)}`,
    amount: ONE_DOT_WEI,
    refundOf: 0n,
  }));
  const at = { chainId, gateway, firstIndex: 0n, prevHead: EMPTY_HEAD };
  return { ...at, releases, fees: [], consumedCount: 0n };
}

interface Priced {
  readonly call: ChainCall;
  readonly weight: Limits;
}

async function feeOf(api: ApiPromise, from: string, { call, weight }: Priced): Promise<bigint> {
  const revive = api.tx['revive']?.['call'];
  if (revive === undefined) throw new Error('the runtime has no revive.call');
  const value = call.valueWei / 10n ** 8n;
  const extrinsic = revive(call.to, value, weight, 10n ** 15n, call.data);
  return (await extrinsic.paymentInfo(from)).partialFee.toBigInt();
}

function limitsOf(api: ApiPromise): Limits {
  const weights = api.consts['system']?.['blockWeights'] as unknown as {
    readonly maxBlock: {
      readonly refTime: { toBigInt(): bigint };
      readonly proofSize: { toBigInt(): bigint };
    };
  };
  const { refTime, proofSize } = weights.maxBlock;
  return { refTime: refTime.toBigInt(), proofSize: proofSize.toBigInt() };
}

function share(part: bigint, whole: bigint): string {
  return `${((100 * Number(part)) / Number(whole)).toFixed(1)} %`;
}

function formatDot(planck: bigint): string {
  return `${(Number(planck) / 1e10).toFixed(4)} DOT`;
}
