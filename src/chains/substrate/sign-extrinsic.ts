import type { KeyringPair } from '@polkadot/keyring/types';
import { z } from 'zod';
import type { Hex } from '../../shared/bytes.ts';
import { LIFETIME_BLOCKS } from '../shared/await-inclusion.ts';
import {
  ChainError,
  type RenewalReason,
  type SentCall,
  type SignedCall,
  type SigningTerms,
} from '../shared/bridged-chain.ts';
import { DEFAULT_CEILINGS, type FeeCeilings } from '../shared/fee-ceilings.ts';
import { hasRoom } from './block-room.ts';
import type { SubstrateBlocks } from './blocks.ts';
import { callRuntime, type SubstrateConnection } from './connection.ts';
import { WEI_PER_PLANCK } from './dry-run.ts';
import { createPriceLookup, type Extrinsic, raiseTip, requireWithin } from './price-extrinsic.ts';

/** Blocks in which a signed extrinsic may be included; after them it never can. SPEC: an era's period is a power of two. */
export const MORTAL_BLOCKS = LIFETIME_BLOCKS;

type Pricing = Pick<SigningTerms, 'nonce' | 'outbids' | 'ceilings'>;

/** Signs extrinsics for the blocks to come, by the runtime of now. */
export interface ExtrinsicSigner {
  /** @throws {ChainError} CHAIN_FEE_ABOVE_CEILING */
  sign(pair: KeyringPair, extrinsic: Extrinsic, pricing: Pricing): Promise<SignedCall>;
  /**
   * What a signed extrinsic does, signed anew at its nonce.
   *
   * @param rebuild builds what it does for the runtime of now; left out, that is read out of what was signed
   * @returns undefined if it is `late` and a tip is not what it lacks: others of the account come before it, or blocks have room
   * @throws {ChainError} CHAIN_FEE_ABOVE_CEILING, CHAIN_TRANSACTION_UNREADABLE
   */
  renew(
    pair: KeyringPair,
    signed: Pick<SentCall, 'nonce' | 'raw'> & { readonly rebuild?: (() => Extrinsic) | undefined },
    terms: { readonly why: RenewalReason; readonly ceilings?: FeeCeilings },
  ): Promise<SignedCall | undefined>;
}

/** Creates a signer for the chain at the other end of a connection. */
export function createExtrinsicSigner(
  connection: SubstrateConnection,
  blocks: Pick<SubstrateBlocks, 'head'>,
): ExtrinsicSigner {
  const signing = { connection, blocks, priceOf: createPriceLookup(connection) };
  return {
    sign: async (pair, extrinsic, { outbids, ...pricing }) => {
      const old = outbids && { raw: outbids, ...readSigned(connection, outbids) };
      const tipPlanck = old ? await raise(signing, old, pricing.ceilings) : 0n;
      return await signOffer(signing, pair, { ...pricing, extrinsic, tipPlanck });
    },
    renew: async (pair, { nonce, raw, rebuild }, { why, ceilings = DEFAULT_CEILINGS }) => {
      const isRaised = why === 'late' || why === 'outbid';
      // What was refused may have been signed for a runtime that is no more.
      if (!isRaised) await connection.renewRuntime();
      const old = { nonce, raw, ...readSigned(connection, raw, rebuild?.()) };
      const isLeft = why === 'late' && old.isReadable && !(await mayLackTip(signing, pair, old));
      if (isLeft) return undefined;
      const tipPlanck = isRaised ? await raise(signing, old, ceilings) : old.tipPlanck;
      return await signOffer(signing, pair, { ...old, tipPlanck, ceilings });
    },
  };
}

interface Signing {
  readonly connection: SubstrateConnection;
  readonly blocks: Pick<SubstrateBlocks, 'head'>;
  readonly priceOf: ReturnType<typeof createPriceLookup>;
}

interface Offer extends Pick<Pricing, 'nonce' | 'ceilings'> {
  readonly extrinsic: Extrinsic;
  readonly tipPlanck: bigint;
}

async function signOffer(
  { connection, blocks, priceOf }: Signing,
  pair: KeyringPair,
  { extrinsic, nonce, tipPlanck, ceilings = DEFAULT_CEILINGS }: Offer,
): Promise<SignedCall> {
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
  const { feePlanck } = await priceOf(extrinsic, raw, head.number);
  const costWei = (feePlanck + tipPlanck) * WEI_PER_PLANCK;
  requireWithin(name, { costWei, tipWei: tipPlanck * WEI_PER_PLANCK }, ceilings);
  return {
    hash: signed.hash.toHex(),
    nonce: signed.nonce.toNumber(),
    raw,
    signedAt: head.number,
    costWei,
  };
}

/** An extrinsic that was signed before. */
interface Signed extends Pick<SentCall, 'nonce' | 'raw'> {
  /** What it does, for the runtime of now. */
  readonly extrinsic: Extrinsic;
  /** Whether the runtime of now can read what was signed: if not, no node has it any more. */
  readonly isReadable: boolean;
  readonly tipPlanck: bigint;
}

/** The tip of what is to stand in the place of a signed extrinsic. @throws {ChainError} CHAIN_FEE_ABOVE_CEILING */
async function raise(
  { connection, blocks, priceOf }: Signing,
  { extrinsic, raw, isReadable, tipPlanck }: Omit<Signed, 'nonce'>,
  ceilings = DEFAULT_CEILINGS,
): Promise<bigint> {
  if (!isReadable) return tipPlanck;
  const { feePlanck } = await priceOf(extrinsic, raw, (await blocks.head()).number);
  return raiseTip(connection.name, { tipPlanck, feePlanck }, ceilings);
}

/** Whether a tip may be what an extrinsic lacks that no block takes: its turn has come, and blocks have no room for it. */
async function mayLackTip(
  { connection, blocks, priceOf }: Signing,
  pair: KeyringPair,
  { nonce, raw, extrinsic }: Signed,
): Promise<boolean> {
  if (nonce > (await fetchNonce(connection, pair))) return false;
  const { weight } = await priceOf(extrinsic, raw, (await blocks.head()).number);
  return !(await hasRoom(connection, weight));
}

/**
 * Reads what was signed. Bytes of another layout may fit this one by chance: what is read counts if it is what was meant.
 *
 * @param meant what it does, where that is known
 * @throws {ChainError} CHAIN_TRANSACTION_UNREADABLE: it is not known, and cannot be read
 */
function readSigned(
  { name, api }: SubstrateConnection,
  raw: Hex,
  meant?: Extrinsic,
): Omit<Signed, 'nonce' | 'raw'> {
  const old = decodeSigned(api, raw);
  const extrinsic = meant ?? old?.extrinsic;
  if (extrinsic === undefined) {
    const what = 'the runtime of now cannot read what was signed for an earlier one';
    throw new ChainError('CHAIN_TRANSACTION_UNREADABLE', { chain: name, what });
  }
  const isReadable = old?.extrinsic.method.toHex() === extrinsic.method.toHex();
  return { extrinsic, isReadable, tipPlanck: isReadable ? old.tipPlanck : 0n };
}

function decodeSigned(api: SubstrateConnection['api'], raw: Hex) {
  try {
    const old = api.createType('Extrinsic', raw);
    const method = api.createType('Call', old.method.toHex());
    if (old.toHex() !== raw) return undefined;
    return { extrinsic: api.tx(method), tipPlanck: old.tip.toBigInt() };
  } catch {
    // The library throws plain errors, one for each way in which bytes can have another form.
    return undefined;
  }
}

const nonceSchema = z.int().nonnegative();

/** Asked every time: an instantiation raises the nonce by two. */
export function fetchNonce(connection: SubstrateConnection, pair: KeyringPair): Promise<number> {
  const options = { args: [pair.address], schema: nonceSchema };
  return callRuntime(connection, 'accountNonceApi.accountNonce', options);
}
