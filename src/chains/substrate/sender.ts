import type { SubmittableExtrinsic } from '@polkadot/api/types';
import { Keyring } from '@polkadot/keyring';
import type { KeyringPair } from '@polkadot/keyring/types';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { keccak256 } from 'ethers';
import { z } from 'zod';
import type { Hex } from '../../shared/bytes.ts';
import type { Patience } from '../shared/await-inclusion.ts';
import {
  type ChainCall,
  ChainCallReverted,
  ChainError,
  type ChainSigner,
  type Receipt,
  type SignedCall,
} from '../shared/bridged-chain.ts';
import {
  type Submitter,
  submitAndWait,
  type TransactionSender,
} from '../shared/submit-and-wait.ts';
import type { SubstrateBlocks } from './blocks.ts';
import {
  ask,
  callRuntime,
  isRefusal,
  memberOf,
  reasonOf,
  type SubstrateConnection,
  unanswered,
} from './connection.ts';
import { type DryRun, dryRun, toPlanck } from './dry-run.ts';
import { createInclusionSearch, type Inclusion } from './inclusion.ts';

/** Blocks in which a signed extrinsic may be included; after them it never can. */
const MORTAL_BLOCKS = 64;

export interface SubstrateSenderOptions {
  readonly connection: SubstrateConnection;
  readonly blocks: SubstrateBlocks;
  readonly patience: Patience;
}

type Extrinsic = SubmittableExtrinsic<'promise'>;

/** The part of a Substrate chain that signs and sends. */
export function createSubstrateSender(options: SubstrateSenderOptions): TransactionSender {
  const { connection, blocks, patience } = options;
  const { name } = connection;
  // Secrets stay out of the objects that travel: a signer that is logged shows its address.
  const pairs = new WeakMap<ChainSigner, KeyringPair>();
  const findInclusion = createInclusionSearch(blocks);
  const pairOf = (signer: ChainSigner): KeyringPair => {
    const pair = pairs.get(signer);
    if (pair === undefined) throw invalidSigner(name, 'another chain has made the signer');
    return pair;
  };
  const submitter: Submitter = {
    name,
    head: blocks.head,
    broadcast: async (signed) => {
      try {
        await connection.send('author_submitExtrinsic', [signed.raw]);
      } catch (cause) {
        const isKnown = (await findInclusion(signed)) ?? (await isPending(connection, signed));
        if (!isKnown) throw notTaken(name, cause);
      }
    },
    receiptOf: async (signed) => {
      const found = await findInclusion(signed);
      return found && toReceipt(name, found);
    },
  };
  const signFor = (pair: KeyringPair, extrinsic: Extrinsic) =>
    signExtrinsic({ connection, blocks, pair }, extrinsic);
  return {
    signer: async (secret) => {
      const pair = await readSecret(name, secret);
      const signer = { address: addressOf(pair) };
      pairs.set(signer, pair);
      if (!(await isMapped(connection, signer.address))) {
        const sign = () => signFor(pair, buildCall(connection, 'mapAccount', []));
        await submitAndWait(submitter, { signer, patience, sign });
      }
      return signer;
    },
    nonceOf: (signer) => fetchNonce(connection, pairOf(signer)),
    sign: async (signer, call) => {
      const pair = pairOf(signer);
      const run = await dryRun(connection, pair.addressRaw, call);
      return await signFor(pair, buildContractCall(connection, call, run));
    },
    broadcast: submitter.broadcast,
    receiptOf: submitter.receiptOf,
  };
}

async function readSecret(chain: string, suri: string): Promise<KeyringPair> {
  await cryptoWaitReady();
  try {
    return new Keyring({ type: 'sr25519' }).addFromUri(suri);
  } catch {
    // The cause would carry the secret.
    const what = 'the secret is no SURI; give a seed, a phrase or a path such as //Alice';
    throw invalidSigner(chain, what);
  }
}

function invalidSigner(chain: string, what: string): ChainError {
  return new ChainError('CHAIN_SIGNER_INVALID', { chain, what });
}

/** Where pallet-revive sees a Substrate account. SPEC: pallet-revive `AccountId32Mapper`. */
function addressOf(pair: KeyringPair): Hex {
  return `0x${keccak256(pair.publicKey).slice(-40)}`;
}

async function isMapped({ name, api }: SubstrateConnection, address: Hex): Promise<boolean> {
  const query = memberOf(name, api.query, 'revive.originalAccount');
  return !(await ask(name, 'Revive.OriginalAccount', query(address))).isEmpty;
}

function buildCall(
  { name, api }: SubstrateConnection,
  method: string,
  args: readonly unknown[],
): Extrinsic {
  return memberOf(name, api.tx, `revive.${method}`)(...args);
}

function buildContractCall(
  connection: SubstrateConnection,
  call: ChainCall,
  run: DryRun,
): Extrinsic {
  const value = toPlanck(connection.name, call.valueWei);
  // Half as much again and one planck's worth of an item: another call may have freed what this one pays for.
  const deposit = (run.storageDepositPlanck * 3n) / 2n + 10n ** 9n;
  return call.to === null
    ? buildCall(connection, 'instantiateWithCode', [
        value,
        run.weight,
        deposit,
        call.data,
        '0x',
        null,
      ])
    : buildCall(connection, 'call', [call.to, value, run.weight, deposit, call.data]);
}

const nonceSchema = z.int().nonnegative();

/** Asked every time: an instantiation raises the nonce by two. */
function fetchNonce(connection: SubstrateConnection, pair: KeyringPair): Promise<number> {
  const options = { args: [pair.address], schema: nonceSchema };
  return callRuntime(connection, 'accountNonceApi.accountNonce', options);
}

interface Signing {
  readonly connection: SubstrateConnection;
  readonly blocks: SubstrateBlocks;
  readonly pair: KeyringPair;
}

async function signExtrinsic(
  { connection, blocks, pair }: Signing,
  extrinsic: Extrinsic,
): Promise<SignedCall> {
  const { api } = connection;
  const [head, nonce] = await Promise.all([blocks.head(), fetchNonce(connection, pair)]);
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

async function isPending({ name, api }: SubstrateConnection, { hash }: SignedCall) {
  const pending = await ask(name, 'pending extrinsics', api.rpc.author.pendingExtrinsics());
  return pending.some((extrinsic) => extrinsic.hash.toHex() === hash);
}

/** Why a transaction that is nowhere is nowhere: the node said no, or nobody knows. */
function notTaken(chain: string, cause: unknown): ChainError {
  if (!isRefusal(cause)) return unanswered(chain, 'author_submitExtrinsic', cause);
  const what = `the node refused: ${reasonOf(cause)}`;
  return new ChainError('CHAIN_TRANSACTION_REFUSED', { chain, what }, { cause });
}

function toReceipt(chain: string, { block, extrinsic }: Inclusion): Receipt {
  if (extrinsic.failure !== undefined) {
    const reason = `extrinsic ${extrinsic.hash} failed: ${extrinsic.failure}`;
    throw new ChainCallReverted({ chain, data: '0x', reason });
  }
  return {
    transactionHash: extrinsic.hash,
    blockNumber: block.number,
    blockHash: block.hash,
    ...(extrinsic.created && { contractAddress: extrinsic.created }),
    logs: block.logs.filter((log) => log.transactionHash === extrinsic.hash),
  };
}
