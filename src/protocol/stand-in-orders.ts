import { fromHex, type Hex } from '../shared/bytes.ts';
import type { SignatureScheme } from './account.ts';
import { encodeDepositOrder } from './deposit-order.ts';
import type { PostedOrder } from './order.ts';
import { encodePostedOrder } from './posted-order.ts';

// What is read, and verified, in the place of an envelope that does not open, so that it costs what one does that opens. Public and worth nothing.

const NOBODY: Hex = `0x${'00'.repeat(32)}`;
const TERMS = {
  legs: [],
  notBefore: 0n,
  patience: 0n,
  afterPatience: 'return',
  tagSecret: new Uint8Array(32),
  memo: new Uint8Array(0),
} as const;

/** Stands for the secret of an epoch that has none: what is sealed to anybody else does not open with it. */
export const STAND_IN_SECRET: Uint8Array = new Uint8Array(32);

/** The plaintext of a deposit's order. */
export const STAND_IN_DEPOSIT: Uint8Array = encodeDepositOrder({ account: NOBODY, ...TERMS });

/** Plaintexts of posted orders, by scheme: with keys and signatures that no verification ends early for. */
export const STAND_IN_POSTS: Readonly<Record<SignatureScheme, Uint8Array>> = {
  secp256k1: standInPost(
    'secp256k1',
    '0x00000000000000000000000019e7e376e7c213b7e7e7e46cc70a5dd086daff2a',
    '0x683da2abb814d7cbb7d5d6495794d3124b44d8f429ec439f15e5b8c5330db702611b490cc4aa87a00067aece364ce67d25aa0e9f545c48fde890b20df374b1eb1b',
  ),
  ed25519: standInPost(
    'ed25519',
    '0xd04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737',
    '0x9a379d926f70c7d5841ca13f8392dc9c494d106191a467b1632bc9aebe7b8c07c4ae0cf6e013f3cc78e74b1c086088f37e8c57fc4fe0b3c5c706135583866008',
  ),
  sr25519: standInPost(
    'sr25519',
    '0x50780547322a1ceba67ea8c552c9bc6c686f8698ac9a8cafab7cd15a1db19859',
    '0xd84fa47c95e60f0638031e920eb527be8403bc886dd4cc160bf2275fa119d0005ae0ec350fea49c1d795b44a96cef8bb26b5ca08ac78587ac8a6d19195693588',
  ),
};

function standInPost(scheme: SignatureScheme, publicKey: Hex, signature: Hex): Uint8Array {
  const order: PostedOrder = {
    owner: { scheme, publicKey, index: 0 },
    nonce: 0n,
    asset: NOBODY,
    expiry: 0n,
    maxFee: 0n,
    posterAccount: NOBODY,
    ...TERMS,
  };
  return encodePostedOrder({ order, signature: fromHex(signature) });
}
