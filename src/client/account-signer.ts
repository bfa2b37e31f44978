import type { KeyringPair } from '@polkadot/keyring/types';
import { type Signer, Wallet, zeroPadValue } from 'ethers';
import { Keyring } from '#polkadot/keyring';
import { cryptoWaitReady } from '#polkadot/util-crypto';
import type { AccountOwner } from '../protocol/account.ts';
import type { SigningDomain } from '../protocol/eip712.ts';
import type { PostedOrder } from '../protocol/order.ts';
import { orderDigest, signedBytes } from '../protocol/order-signature.ts';
import { orderTypedData, permitTypedData, type TypedData } from '../protocol/order-typed-data.ts';
import type { SignedOrder } from '../protocol/posted-order.ts';
import { type AccountPermit, permitDigest } from '../protocol/query.ts';
import { fromHex, type Hex, toHex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';

/** The wallet that owns an account inside the ledger. Nobody but the enclaves sees its key there. */
export interface AccountSigner {
  readonly owner: AccountOwner;
  /** @param ledger the anchor chain and the anchor: the order is good for this ledger alone */
  signOrder(ledger: SigningDomain, order: PostedOrder): Promise<SignedOrder>;
  /** 65 bytes for secp256k1, else 64. */
  signPermit(ledger: SigningDomain, permit: AccountPermit): Promise<Uint8Array>;
}

/** What an Ethereum wallet does for its account: any signer of ethers. */
export type TypedDataSigner = Pick<Signer, 'getAddress' | 'signTypedData'>;

/** The account of an Ethereum wallet, which is shown what it signs. @param index of the key's accounts, 32 bits */
export async function ethereumAccount(wallet: TypedDataSigner, index = 0): Promise<AccountSigner> {
  const address = (await wallet.getAddress()).toLowerCase();
  const publicKey = zeroPadValue(address, 32) as Hex;
  const sign = async ({ domain, types, message }: TypedData) => {
    const members = Object.fromEntries(
      Object.entries(types).map(([name, fields]) => [name, fields.map((field) => ({ ...field }))]),
    );
    return fromHex(await wallet.signTypedData({ ...domain }, members, { ...message }));
  };
  return {
    owner: { scheme: 'secp256k1', publicKey, index },
    signOrder: async (ledger, order) => {
      return { order, signature: await sign(orderTypedData(ledger, order)) };
    },
    signPermit: (ledger, permit) => sign(permitTypedData(ledger, permit)),
  };
}

/** The account of a key of a Polkadot keyring. @param pair of type sr25519 or ed25519 @throws {AccountKeyError} of another */
export function polkadotAccount(pair: KeyringPair, index = 0): AccountSigner {
  const { type: scheme } = pair;
  if (scheme !== 'sr25519' && scheme !== 'ed25519') throw new AccountKeyError('of another scheme');
  const sign = (digest: Uint8Array) => pair.sign(signedBytes(scheme, digest));
  return {
    owner: { scheme, publicKey: toHex(pair.publicKey), index },
    signOrder: async (ledger, order) => {
      return { order, signature: sign(orderDigest(ledger, order)) };
    },
    signPermit: async (ledger, permit) => sign(permitDigest(ledger, permit)),
  };
}

/** Which account of which key. */
export interface AccountChoice {
  readonly index?: number;
  /** Of a key that is given as a SURI; sr25519 unless given. */
  readonly scheme?: 'sr25519' | 'ed25519';
}

const PRIVATE_KEY = /^0x[0-9a-fA-F]{64}$/;
/** A path, a seed or a phrase. The keyring would take any short text for a seed, and a path without its slashes for another key. */
const SURI = /^(\/|0x[0-9a-fA-F]{64}\/|([a-z]+ ){11,23}[a-z]+)/;

/**
 * The account of a secret: of an Ethereum wallet if it is a private key, of a Polkadot one if it is a SURI such as `//Alice`.
 *
 * @throws {AccountKeyError} it is neither
 */
export async function accountOfSecret(
  secret: string,
  { index = 0, scheme = 'sr25519' }: AccountChoice = {},
): Promise<AccountSigner> {
  if (PRIVATE_KEY.test(secret)) return await ethereumAccount(new Wallet(secret), index);
  await cryptoWaitReady();
  return polkadotAccount(readSuri(secret, scheme), index);
}

function readSuri(secret: string, type: 'sr25519' | 'ed25519'): KeyringPair {
  if (!SURI.test(secret)) throw new AccountKeyError('neither a private key nor a SURI');
  try {
    return new Keyring({ type }).addFromUri(secret);
  } catch {
    // The cause would carry the secret.
    throw new AccountKeyError('neither a private key nor a SURI');
  }
}

/** A key that no account can have. */
export class AccountKeyError extends BridgeError<{ what: string }> {
  readonly code = 'ACCOUNT_KEY_INVALID';
  readonly disposition = 'reject';
  constructor(what: string) {
    super(`The key is ${what}; give 0x and 64 hex digits, or a SURI such as //Alice.`, { what });
  }
}
