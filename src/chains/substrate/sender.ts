import type { ApiPromise } from '@polkadot/api';
import type { SubmittableExtrinsic } from '@polkadot/api/types';
import { Keyring } from '@polkadot/keyring';
import type { KeyringPair } from '@polkadot/keyring/types';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { keccak256 } from 'ethers';
import { z } from 'zod';
import type { Hex } from '../../shared/bytes.ts';
import {
  type ChainCall,
  ChainCallReverted,
  ChainError,
  type ChainSigner,
  type Receipt,
  type SignedCall,
} from '../shared/bridged-chain.ts';
import { submitAndWait, type TransactionSender } from '../shared/submit-and-wait.ts';
import type { PolkadotBlocks } from './blocks.ts';
import { ask, callRuntime, memberOf, type PolkadotConnection } from './connection.ts';
import { type DryRun, dryRun, toPlanck } from './dry-run.ts';
import { createInclusionSearch, type Inclusion } from './inclusion.ts';

/** Blocks in which a signed extrinsic may be included; after them it never can. */
const MORTAL_BLOCKS = 64;

export interface PolkadotSenderOptions {
  readonly connection: PolkadotConnection;
  readonly blocks: PolkadotBlocks;
  readonly pollMs: number;
}

type Extrinsic = SubmittableExtrinsic<'promise'>;

/** The part of a Polkadot chain that signs and sends. */
export function createPolkadotSender({
  connection,
  blocks,
  pollMs,
}: PolkadotSenderOptions): TransactionSender {
  const { api, send } = connection;
  // Secrets stay out of the objects that travel: a signer that is logged shows its address.
  const pairs = new WeakMap<ChainSigner, KeyringPair>();
  const findInclusion = createInclusionSearch(blocks);
  const pairOf = (signer: ChainSigner): KeyringPair => {
    const pair = pairs.get(signer);
    if (pair === undefined) throw invalidSigner('the signer was made by another chain');
    return pair;
  };
  const signFor = (pair: KeyringPair, extrinsic: Extrinsic) =>
    signExtrinsic({ api, blocks, pair }, extrinsic);
  const broadcast = async (signed: SignedCall): Promise<void> => {
    try {
      await send('author_submitExtrinsic', [signed.raw]);
    } catch (cause) {
      if ((await findInclusion(signed)) === undefined) await requirePending(api, signed, cause);
    }
  };
  const receiptOf = async (signed: SignedCall): Promise<Receipt | undefined> => {
    const found = await findInclusion(signed);
    return found && toReceipt(found);
  };
  return {
    signer: async (secret) => {
      const pair = await readSecret(secret);
      const signer = { address: addressOf(pair) };
      pairs.set(signer, pair);
      if (!(await isMapped(api, signer.address))) {
        const sign = () => signFor(pair, buildCall(api, 'mapAccount', []));
        const chain = 'polkadot' as const;
        await submitAndWait({ broadcast, receiptOf }, { chain, signer, pollMs, sign });
      }
      return signer;
    },
    nonceOf: (signer) => fetchNonce(api, pairOf(signer)),
    sign: async (signer, call) => {
      const pair = pairOf(signer);
      const run = await dryRun(api, pair.addressRaw, call);
      return await signFor(pair, buildContractCall(api, call, run));
    },
    broadcast,
    receiptOf,
  };
}

async function readSecret(suri: string): Promise<KeyringPair> {
  await cryptoWaitReady();
  try {
    return new Keyring({ type: 'sr25519' }).addFromUri(suri);
  } catch {
    // The cause would carry the secret.
    throw invalidSigner('the secret is no SURI; give a seed, a phrase or a path such as //Alice');
  }
}

function invalidSigner(what: string): ChainError {
  return new ChainError('CHAIN_SIGNER_INVALID', { chain: 'polkadot', what });
}

/** Where pallet-revive sees a Substrate account. SPEC: pallet-revive `AccountId32Mapper`. */
function addressOf(pair: KeyringPair): Hex {
  return `0x${keccak256(pair.publicKey).slice(-40)}`;
}

async function isMapped(api: ApiPromise, address: Hex): Promise<boolean> {
  const query = memberOf(api.query, 'revive.originalAccount');
  return !(await ask('Revive.OriginalAccount', query(address))).isEmpty;
}

function buildCall(api: ApiPromise, method: string, args: readonly unknown[]): Extrinsic {
  return memberOf(api.tx, `revive.${method}`)(...args);
}

function buildContractCall(api: ApiPromise, call: ChainCall, run: DryRun): Extrinsic {
  const value = toPlanck(call.valueWei);
  // Half as much again and one planck's worth of an item: another call may have freed what this one pays for.
  const deposit = (run.storageDepositPlanck * 3n) / 2n + 10n ** 9n;
  return call.to === null
    ? buildCall(api, 'instantiateWithCode', [value, run.weight, deposit, call.data, '0x', null])
    : buildCall(api, 'call', [call.to, value, run.weight, deposit, call.data]);
}

const nonceSchema = z.int().nonnegative();

/** Asked every time: an instantiation raises the nonce by two. */
function fetchNonce(api: ApiPromise, pair: KeyringPair): Promise<number> {
  const options = { args: [pair.address], schema: nonceSchema };
  return callRuntime(api.call, 'accountNonceApi.accountNonce', options);
}

interface Signing {
  readonly api: ApiPromise;
  readonly blocks: PolkadotBlocks;
  readonly pair: KeyringPair;
}

async function signExtrinsic(
  { api, blocks, pair }: Signing,
  extrinsic: Extrinsic,
): Promise<SignedCall> {
  const [head, nonce] = await Promise.all([blocks.head(), fetchNonce(api, pair)]);
  const era = api.registry.createType('ExtrinsicEra', {
    current: head.number,
    period: MORTAL_BLOCKS,
  });
  const { genesisHash, runtimeVersion } = api;
  const signed = extrinsic.sign(pair, {
    blockHash: head.hash,
    genesisHash,
    runtimeVersion,
    nonce,
    era,
  });
  return { hash: signed.hash.toHex(), nonce, raw: signed.toHex(), signedAt: head.number };
}

async function requirePending(api: ApiPromise, signed: SignedCall, cause: unknown): Promise<void> {
  const pending = await ask('pending extrinsics', api.rpc.author.pendingExtrinsics());
  if (pending.some((extrinsic) => extrinsic.hash.toHex() === signed.hash)) return;
  const why = cause instanceof Error ? cause.message.slice(0, 200) : 'no reason given';
  const meta = { chain: 'polkadot', what: `the node refused: ${why}` } as const;
  throw new ChainError('CHAIN_TRANSACTION_REFUSED', meta, { cause });
}

function toReceipt({ block, extrinsic }: Inclusion): Receipt {
  if (extrinsic.failure !== undefined) {
    const reason = `extrinsic ${extrinsic.hash} failed: ${extrinsic.failure}`;
    throw new ChainCallReverted({ chain: 'polkadot', data: '0x', reason });
  }
  return {
    transactionHash: extrinsic.hash,
    blockNumber: block.number,
    blockHash: block.hash,
    ...(extrinsic.created && { contractAddress: extrinsic.created }),
    logs: block.logs.filter((log) => log.transactionHash === extrinsic.hash),
  };
}
