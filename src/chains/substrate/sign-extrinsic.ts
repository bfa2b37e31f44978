import type { KeyringPair } from '@polkadot/keyring/types';
import { z } from 'zod';
import type { Hex } from '../../shared/bytes.ts';
import { LIFETIME_BLOCKS } from '../shared/await-inclusion.ts';
import type { RenewalReason, SentCall, SignedCall, SigningTerms } from '../shared/bridged-chain.ts';
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
   * @returns undefined if it is `late` and a tip is not what it lacks: others of the account come before it, or blocks have room
   * @throws {ChainError} CHAIN_FEE_ABOVE_CEILING
   */
  renew(
    pair: KeyringPair,
    signed: Pick<SentCall, 'nonce' | 'raw'>,
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
      const raised = outbids && (await raise(signing, outbids, pricing.ceilings));
      const tipPlanck = raised?.tipPlanck ?? 0n;
      return await signOffer(signing, pair, { ...pricing, extrinsic, tipPlanck });
    },
    renew: async (pair, signed, { why, ceilings = DEFAULT_CEILINGS }) => {
      const { nonce, raw } = signed;
      if (why === 'late' && !(await mayLackTip(signing, pair, signed))) return undefined;
      const isRaised = why === 'late' || why === 'outbid';
      // What was refused may have been signed for a runtime that is no more.
      if (!isRaised) await connection.renewRuntime();
      const offered = isRaised ? await raise(signing, raw, ceilings) : readSigned(connection, raw);
      return await signOffer(signing, pair, { ...offered, nonce, ceilings });
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

/** What is to stand in the place of a signed extrinsic. @throws {ChainError} CHAIN_FEE_ABOVE_CEILING */
async function raise(
  { connection, blocks, priceOf }: Signing,
  raw: Hex,
  ceilings = DEFAULT_CEILINGS,
): Promise<Pick<Offer, 'extrinsic' | 'tipPlanck'>> {
  const { extrinsic, tipPlanck } = readSigned(connection, raw);
  const { feePlanck } = await priceOf(extrinsic, raw, (await blocks.head()).number);
  return { extrinsic, tipPlanck: raiseTip(connection.name, { tipPlanck, feePlanck }, ceilings) };
}

/** Whether a tip may be what an extrinsic lacks that no block takes: its turn has come, and blocks have no room for it. */
async function mayLackTip(
  { connection, blocks, priceOf }: Signing,
  pair: KeyringPair,
  { nonce, raw }: Pick<SentCall, 'nonce' | 'raw'>,
): Promise<boolean> {
  if (nonce > (await fetchNonce(connection, pair))) return false;
  const { extrinsic } = readSigned(connection, raw);
  const { weight } = await priceOf(extrinsic, raw, (await blocks.head()).number);
  return !(await hasRoom(connection, weight));
}

function readSigned({ api }: SubstrateConnection, raw: Hex) {
  const old = api.createType('Extrinsic', raw);
  const method = api.createType('Call', old.method.toHex());
  return { extrinsic: api.tx(method), tipPlanck: old.tip.toBigInt() };
}

const nonceSchema = z.int().nonnegative();

/** Asked every time: an instantiation raises the nonce by two. */
export function fetchNonce(connection: SubstrateConnection, pair: KeyringPair): Promise<number> {
  const options = { args: [pair.address], schema: nonceSchema };
  return callRuntime(connection, 'accountNonceApi.accountNonce', options);
}
