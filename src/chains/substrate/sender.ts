import type { KeyringPair } from '@polkadot/keyring/types';
import { keccak256 } from 'ethers';
import { z } from 'zod';
import { Keyring } from '#polkadot/keyring';
import { cryptoWaitReady } from '#polkadot/util-crypto';
import type { Hex } from '../../shared/bytes.ts';
import {
  type BudgetedCall,
  type ChainCall,
  ChainCallReverted,
  ChainError,
  type ChainSigner,
  type Receipt,
  type SentCall,
} from '../shared/bridged-chain.ts';
import type { CallBudget } from '../shared/call-budget.ts';
import { readShape } from '../shared/json-rpc.ts';
import { hexBytes, integer } from '../shared/node-hex.ts';
import type { TransactionSender } from '../shared/submit-and-wait.ts';
import { readRefusal } from '../shared/transaction-refusal.ts';
import type { SubstrateBlocks } from './blocks.ts';
import {
  ask,
  isRefusal,
  memberOf,
  reasonOf,
  type SubstrateConnection,
  unanswered,
} from './connection.ts';
import { dryRun, toPlanck } from './dry-run.ts';
import { createInclusionSearch, type Inclusion } from './inclusion.ts';
import { SUBSTRATE_REFUSALS } from './pool-refusals.ts';
import type { Extrinsic } from './price-extrinsic.ts';
import { createExtrinsicSigner, fetchNonce } from './sign-extrinsic.ts';

export interface SubstrateSenderOptions {
  readonly connection: SubstrateConnection;
  readonly blocks: SubstrateBlocks;
}

/** The part of a Substrate chain that signs and sends. */
export interface SubstrateSender {
  readonly sender: TransactionSender;
  /** What an account has that this signs for and that nobody can pay by its address yet; undefined of any other. */
  unmappedBalancePlanck(address: Hex): Promise<bigint | undefined>;
}

/** What stands for the mapping of an account: the creation of a contract without code, which is none. */
const MAPPING: ChainCall = { to: null, data: '0x', valueWei: 0n };
const NOTHING: CallBudget = {
  measure: 'weight',
  weight: { refTime: 0n, proofSize: 0n },
  storageDepositPlanck: 0n,
};

function isMapping({ to, data }: ChainCall): boolean {
  return to === MAPPING.to && data === MAPPING.data;
}

/** Creates what signs and sends by a connection. */
export function createSubstrateSender(options: SubstrateSenderOptions): SubstrateSender {
  const { connection, blocks } = options;
  const { name } = connection;
  // Secrets stay out of the objects that travel: a signer that is logged shows its address.
  const pairs = new WeakMap<ChainSigner, KeyringPair>();
  const findInclusion = createInclusionSearch(blocks);
  const pairOf = (signer: ChainSigner): KeyringPair => {
    const pair = pairs.get(signer);
    if (pair === undefined) throw invalidSigner(name, 'another chain has made the signer');
    return pair;
  };
  const mapped = new Set<Hex>();
  const isMapped = async (address: Hex): Promise<boolean> => {
    if (!mapped.has(address) && (await fetchMapped(connection, address))) mapped.add(address);
    return mapped.has(address);
  };
  const { sign, renew } = createExtrinsicSigner(connection, blocks);
  const accounts = new Map<Hex, KeyringPair>();
  const sender: TransactionSender = {
    signer: async (secret) => {
      const pair = await readSecret(name, secret);
      const signer = { address: addressOfPair(pair), payTo: pair.address };
      pairs.set(signer, pair);
      accounts.set(signer.address, pair);
      return signer;
    },
    setupOf: async ({ address }) => ((await isMapped(address)) ? undefined : MAPPING),
    nonceOf: (signer) => fetchNonce(connection, pairOf(signer)),
    budget: (signer, call) => tryCall(connection, pairOf(signer), call),
    sign: async (signer, call, terms = {}) => {
      const pair = pairOf(signer);
      const budget = terms.budget ?? (await tryCall(connection, pair, call));
      const budgeted = { ...call, budget };
      const signed = await sign(pair, buildContractCall(connection, budgeted), terms);
      return { ...signed, call: budgeted };
    },
    renew: async (signer, { nonce, raw, call }, terms) => {
      const rebuild = call && (() => buildContractCall(connection, call));
      const renewed = await renew(pairOf(signer), { nonce, raw, rebuild }, terms);
      return renewed && { ...renewed, call };
    },
    broadcast: async (signed, reach) => {
      const call = ['author_submitExtrinsic', [signed.raw]] as const;
      try {
        if (reach === 'every node') await connection.nodes.toAll(...call);
        else await connection.send(...call);
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
  return {
    sender,
    unmappedBalancePlanck: async (address) => {
      const pair = accounts.get(address);
      const isElsewhere = pair === undefined || (await isMapped(address));
      return isElsewhere ? undefined : await fetchBalance(connection, pair);
    },
  };
}

async function tryCall(
  connection: SubstrateConnection,
  pair: KeyringPair,
  call: ChainCall,
): Promise<CallBudget> {
  if (isMapping(call)) return NOTHING;
  const { weight, storageDepositPlanck } = await dryRun(connection, pair.addressRaw, call);
  // Half as much again and one planck's worth of an item: another call may have freed what this one pays for.
  const most = (storageDepositPlanck * 3n) / 2n + 10n ** 9n;
  return { measure: 'weight', weight, storageDepositPlanck: most };
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

/** Where pallet-revive sees the account of a SURI. @throws {ChainError} CHAIN_SIGNER_INVALID */
export async function addressOf(chain: string, suri: string): Promise<Hex> {
  return addressOfPair(await readSecret(chain, suri));
}

/** SPEC: pallet-revive `AccountId32Mapper`. */
function addressOfPair(pair: KeyringPair): Hex {
  return `0x${keccak256(pair.publicKey).slice(-40)}`;
}

async function fetchMapped({ name, api }: SubstrateConnection, address: Hex): Promise<boolean> {
  const query = memberOf(name, api.query, 'revive.originalAccount');
  return !(await ask(name, 'Revive.OriginalAccount', query(address))).isEmpty;
}

const accountSchema = z.object({ data: z.object({ free: integer }) });

/** By the account itself: of an address that is not mapped the runtime tells what another account has. */
async function fetchBalance({ name, api }: SubstrateConnection, pair: KeyringPair) {
  const query = memberOf(name, api.query, 'system.account');
  const account = await ask(name, 'System.Account', query(pair.address));
  return readShape(name, accountSchema, account.toJSON(), 'System.Account').data.free;
}

function buildCall(
  { name, api }: SubstrateConnection,
  method: string,
  args: readonly unknown[],
): Extrinsic {
  const build = memberOf(name, api.tx, `revive.${method}`);
  try {
    return build(...args);
  } catch (cause) {
    const what = `the runtime's revive.${method} takes something else: ${reasonOf(cause)}`;
    throw new ChainError('CHAIN_CALL_UNBUILDABLE', { chain: name, what }, { cause });
  }
}

function buildContractCall(
  connection: SubstrateConnection,
  { budget, ...call }: BudgetedCall,
): Extrinsic {
  if (isMapping(call)) return buildCall(connection, 'mapAccount', []);
  const { to, data, valueWei } = call;
  if (budget.measure !== 'weight') throw new RangeError('a budget of another kind of chain');
  const limits = [
    toPlanck(connection.name, valueWei),
    budget.weight,
    budget.storageDepositPlanck,
  ] as const;
  return to === null
    ? buildCall(connection, 'instantiateWithCode', [...limits, data, '0x', null])
    : buildCall(connection, 'call', [to, ...limits, data]);
}

const pendingSchema = z.array(hexBytes);

/** Past the library, which can read none of them if it cannot read one. */
async function isPending({ name, send }: SubstrateConnection, { raw }: SentCall) {
  const method = 'author_pendingExtrinsics';
  const answer = await ask(name, method, send(method, []));
  return readShape(name, pendingSchema, answer, method).includes(raw);
}

/** Why a transaction that is nowhere is nowhere: the node said no, or nobody knows. */
function notTaken(chain: string, cause: unknown): ChainError {
  if (!isRefusal(cause)) return unanswered(chain, 'author_submitExtrinsic', cause);
  const said = reasonOf(cause);
  const meta = {
    chain,
    what: `the node refused: ${said}`,
    refusal: readRefusal(SUBSTRATE_REFUSALS, said),
  };
  return new ChainError('CHAIN_TRANSACTION_REFUSED', meta, { cause });
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
