import type { SubmittableExtrinsic } from '@polkadot/api/types';
import type { KeyringPair } from '@polkadot/keyring/types';
import { z } from 'zod';
import { fromHex, type Hex } from '../../shared/bytes.ts';
import {
  ChainError,
  type RenewalReason,
  type SentCall,
  type SignedCall,
  type SigningTerms,
} from '../shared/bridged-chain.ts';
import { DEFAULT_CEILINGS, type FeeCeilings } from '../shared/fee-ceilings.ts';
import { integer } from '../shared/node-hex.ts';
import type { SubstrateBlocks } from './blocks.ts';
import { callRuntime, type SubstrateConnection } from './connection.ts';
import { WEI_PER_PLANCK } from './dry-run.ts';

/** Blocks in which a signed extrinsic may be included; after them it never can. */
export const MORTAL_BLOCKS = 64;

/** An extrinsic that is not signed yet. */
export type Extrinsic = SubmittableExtrinsic<'promise'>;

type Pricing = Pick<SigningTerms, 'nonce' | 'outbids' | 'ceilings'>;

/** Signs extrinsics for the blocks to come, by the runtime of now. */
export interface ExtrinsicSigner {
  /** @throws {ChainError} CHAIN_FEE_ABOVE_CEILING */
  sign(pair: KeyringPair, extrinsic: Extrinsic, pricing: Pricing): Promise<SignedCall>;
  /** What a signed extrinsic does, signed anew at its nonce. @throws {ChainError} CHAIN_FEE_ABOVE_CEILING */
  renew(
    pair: KeyringPair,
    signed: Pick<SentCall, 'nonce' | 'raw'>,
    terms: { readonly why: RenewalReason; readonly ceilings?: FeeCeilings },
  ): Promise<SignedCall>;
}

/** Creates a signer for the chain at the other end of a connection. */
export function createExtrinsicSigner(
  connection: SubstrateConnection,
  blocks: Pick<SubstrateBlocks, 'head'>,
): ExtrinsicSigner {
  const feeOf = createFeeLookup(connection);
  const signWith = async (pair: KeyringPair, extrinsic: Extrinsic, offer: Offer) => {
    const { nonce, tipPlanck, ceilings = DEFAULT_CEILINGS } = offer;
    const { name, api } = connection;
    const head = await blocks.head();
    const { genesisHash, runtimeVersion } = api;
    const current = { current: head.number, period: MORTAL_BLOCKS };
    const signed = extrinsic.sign(pair, {
      blockHash: head.hash,
      genesisHash,
      runtimeVersion,
      // Without one the options would be read as asking for the account's own.
      nonce: nonce ?? (await fetchNonce(connection, pair)),
      era: api.registry.createType('ExtrinsicEra', current),
      tip: tipPlanck,
    });
    const raw = signed.toHex();
    const costWei = ((await feeOf(extrinsic, raw, head.number)) + tipPlanck) * WEI_PER_PLANCK;
    requireWithin(name, { costWei, tipWei: tipPlanck * WEI_PER_PLANCK }, ceilings);
    return {
      hash: signed.hash.toHex(),
      nonce: signed.nonce.toNumber(),
      raw,
      signedAt: head.number,
      costWei,
    };
  };
  const readSigned = async (raw: Hex) => {
    const old = connection.api.createType('Extrinsic', raw);
    const tipPlanck = old.tip.toBigInt();
    const method = connection.api.createType('Call', old.method.toHex());
    return { extrinsic: connection.api.tx(method), tipPlanck };
  };
  const raise = async (raw: Hex) => {
    const { extrinsic, tipPlanck } = await readSigned(raw);
    const { number } = await blocks.head();
    // An eighth more than the last tip; the first is a tenth of the fee. Equal priority would be refused.
    const first = (await feeOf(extrinsic, raw, number)) / 10n + 1n;
    return { extrinsic, tipPlanck: tipPlanck === 0n ? first : (tipPlanck * 9n) / 8n + 1n };
  };
  return {
    sign: async (pair, extrinsic, { outbids, ...pricing }) => {
      const tipPlanck = outbids === undefined ? 0n : (await raise(outbids)).tipPlanck;
      return await signWith(pair, extrinsic, { ...pricing, tipPlanck });
    },
    renew: async (pair, { nonce, raw }, { why, ceilings }) => {
      const isRaised = why === 'late' || why === 'outbid';
      // What was refused may have been signed for a runtime that is no more.
      if (!isRaised) await connection.renewRuntime();
      const { extrinsic, tipPlanck } = isRaised ? await raise(raw) : await readSigned(raw);
      return await signWith(pair, extrinsic, { nonce, tipPlanck, ...(ceilings && { ceilings }) });
    },
  };
}

interface Offer extends Pick<Pricing, 'nonce' | 'ceilings'> {
  readonly tipPlanck: bigint;
}

const nonceSchema = z.int().nonnegative();

/** Asked every time: an instantiation raises the nonce by two. */
export function fetchNonce(connection: SubstrateConnection, pair: KeyringPair): Promise<number> {
  const options = { args: [pair.address], schema: nonceSchema };
  return callRuntime(connection, 'accountNonceApi.accountNonce', options);
}

const feeSchema = z.object({ partialFee: integer }).transform(({ partialFee }) => partialFee);

/** By the runtime, which every node can run; some have no `payment_queryInfo`. */
function fetchFee(connection: SubstrateConnection, raw: Hex): Promise<bigint> {
  const bytes = fromHex(raw);
  const options = { args: [bytes, bytes.length], schema: feeSchema };
  return callRuntime(connection, 'transactionPaymentApi.queryInfo', options);
}

const KEPT_FEES = 64;

/** Blocks for which an answer is kept: what a unit costs changes slowly. */
const FEE_BLOCKS = 16;

/**
 * What an extrinsic costs without its tip, in planck: of its limit of weight and its length. Asking costs the node a run of the
 * runtime, and the batches of a round are alike, so an answer holds for all that are as large and have the same limits.
 */
function createFeeLookup(connection: SubstrateConnection) {
  const kept = new Map<string, Promise<bigint>>();
  return async (extrinsic: Extrinsic, raw: Hex, head: number): Promise<bigint> => {
    const { length } = fromHex(raw);
    const limits = extrinsic.method.args.slice(1, 4).map((arg) => arg.toHex().slice(0, 200));
    const key = `${Math.floor(head / FEE_BLOCKS)} ${length} ${limits.join(' ')}`;
    const known = kept.get(key);
    if (known !== undefined) return await known;
    const fee = fetchFee(connection, raw);
    kept.set(key, fee);
    fee.catch(() => kept.delete(key));
    const [oldest] = kept.keys();
    if (kept.size > KEPT_FEES && oldest !== undefined) kept.delete(oldest);
    return await fee;
  };
}

function requireWithin(
  chain: string,
  { costWei, tipWei }: { readonly costWei: bigint; readonly tipWei: bigint },
  ceilings: FeeCeilings,
): void {
  const refuse = (what: string, wei: bigint, ceilingWei: bigint) => {
    const said = `${what} would take ${wei} wei, and the ceiling is ${ceilingWei}`;
    return new ChainError('CHAIN_FEE_ABOVE_CEILING', { chain, what: said });
  };
  if (tipWei > ceilings.tipWei) throw refuse('the tip', tipWei, ceilings.tipWei);
  if (costWei <= ceilings.transactionWei) return;
  throw refuse('the transaction', costWei, ceilings.transactionWei);
}
