import { createHash } from 'node:crypto';
import { accountId } from '../../../src/protocol/account.ts';
import type { OpenedEnvelope } from '../../../src/protocol/envelope.ts';
import type { Leg } from '../../../src/protocol/order.ts';
import { concatBytes, fromHex, type Hex, toBigEndian, toHex } from '../../../src/shared/bytes.ts';
import type { ContentWish, LegWish, TermsWish } from '../../support/ledger-arbitrary.ts';
import { accountOf, CHAIN_IDS, ownerOf, POOL_UNIT, RUNGS } from '../../support/ledger-places.ts';
import { balanceOf } from './lookups.ts';
import type { PlainState } from './plain-state.ts';

// Envelopes as gateways carry them, and what enclaves would have read in them.

/** What envelopes have been made so far, so that no two are the same unless they are meant to be. */
export interface Envelopes {
  made: number;
  lastEnc: Hex | undefined;
  /** Posts of this round by owner: each uses a nonce of its own. */
  readonly posts: Map<number, number>;
}

export interface EnvelopeContext {
  readonly state: PlainState;
  readonly round: bigint;
  readonly asset: Hex;
  /** What the deposit brings beyond its fee. */
  readonly spare: bigint;
  readonly envelopes: Envelopes;
}

interface MadeEnvelope {
  readonly bytes: Uint8Array;
  readonly envelope: OpenedEnvelope;
}

export function envelopeOf(wish: ContentWish, context: EnvelopeContext): MadeEnvelope {
  const { envelopes } = context;
  envelopes.made += 1;
  const fresh = hashOf('enc', envelopes.made);
  switch (wish.kind) {
    case 'transparent': {
      const bytes = concatBytes(Uint8Array.of(0), fromHex(wish.recipient));
      return { bytes, envelope: { kind: 'transparent', recipient: wish.recipient } };
    }
    case 'unopened': {
      const envelope = { kind: 'unopened', reason: 'undecryptable' } as const;
      return { bytes: formOf(wish.form, 1n, fresh), envelope };
    }
    case 'sealed': {
      const epoch = epochOf(context.state, wish.terms);
      const enc = (wish.isCopy ? envelopes.lastEnc : undefined) ?? fresh;
      envelopes.lastEnc = enc;
      const order = {
        ...termsOf(wish.terms, context, context.spare),
        account: accountOf(wish.owner),
      };
      return { bytes: formOf(1, epoch, enc), envelope: { kind: 'sealed', epoch, enc, order } };
    }
    case 'post': {
      const epoch = epochOf(context.state, wish.terms);
      const order = postedOrder(wish, context);
      return { bytes: formOf(2, epoch, fresh), envelope: { kind: 'post', epoch, order } };
    }
  }
}

function postedOrder(wish: Extract<ContentWish, { kind: 'post' }>, context: EnvelopeContext) {
  const { state, round, asset, envelopes } = context;
  const owner = ownerOf(wish.owner);
  const queued = envelopes.posts.get(wish.owner) ?? 0;
  envelopes.posts.set(wish.owner, queued + 1);
  return {
    ...termsOf(wish.terms, context, balanceOf(state, accountId(owner), asset)),
    owner,
    nonce: atLeast(0n, freeNonce(state, accountId(owner)) + BigInt(wish.nonce + queued)),
    asset,
    expiry: atLeast(0n, round + BigInt(wish.expiry)),
    maxFee: wish.maxFee,
    posterAccount: accountOf(wish.poster),
  };
}

function freeNonce(state: PlainState, account: Hex): bigint {
  const { nonceBase, nonceBits } = state.accounts.get(account) ?? { nonceBase: 0n, nonceBits: 0n };
  let free = nonceBase;
  while ((nonceBits >> (free - nonceBase)) & 1n) free += 1n;
  return free;
}

function epochOf({ epochs }: PlainState, { epochsBack }: TermsWish): bigint {
  const newest = epochs.at(-1)!.epoch;
  if (epochsBack < 0) return newest + 1n;
  return epochs.at(-1 - epochsBack)?.epoch ?? 0n;
}

function termsOf(wish: TermsWish, { round, envelopes }: EnvelopeContext, spare: bigint) {
  return {
    legs: wish.legs.map((leg) => legOf(leg, spare)),
    notBefore: wish.notBefore === 0 ? 0n : atLeast(0n, round + BigInt(wish.notBefore)),
    patience: atLeast(0n, round + BigInt(wish.patience)),
    afterPatience: wish.afterPatience,
    tagSecret: fromHex(hashOf('tag', envelopes.made)),
    memo: new Uint8Array(0),
  };
}

function legOf({ mode, chain, recipient, payee, amount, crowd }: LegWish, spare: bigint): Leg {
  const isTransfer = mode === 'transfer';
  const padded: Hex = `0x${'00'.repeat(12)}${recipient.slice(2)}`;
  return {
    mode,
    chainId: isTransfer ? 0n : (CHAIN_IDS[chain] ?? 999n),
    recipient: isTransfer ? accountOf(payee) : padded,
    amount: 'rung' in amount ? rungAmount(amount.rung) : (spare * BigInt(amount.parts)) / 16n,
    crowd,
  };
}

/** The amount of the rung at a place; no canonical one behind the last. */
function rungAmount(place: number): bigint {
  const rung = RUNGS[place];
  if (rung === undefined) return POOL_UNIT + 1n;
  return [1n, 2n, 5n][rung % 3]! * 10n ** BigInt(Math.floor(rung / 3)) * POOL_UNIT;
}

const SEALED_BYTES: Readonly<Record<number, number>> = { 1: 640, 2: 832 };

/** The bytes that everybody sees: kind, scheme of a post, epoch, `enc`, and zeros for the ciphertext. */
function formOf(kind: number, epoch: bigint, enc: Hex): Uint8Array {
  const scheme = kind === 2 ? [2] : [];
  const head = concatBytes(Uint8Array.of(kind, ...scheme), toBigEndian(epoch, 8), fromHex(enc));
  const length = SEALED_BYTES[kind] ?? 100;
  return concatBytes(head, new Uint8Array(length - head.length));
}

function hashOf(what: string, count: number): Hex {
  return toHex(createHash('sha256').update(`${what} ${count}`).digest());
}

function atLeast(least: bigint, value: bigint): bigint {
  return value > least ? value : least;
}
