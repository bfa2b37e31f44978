import { type Hex, toHex } from '../shared/bytes.ts';
import { accountId } from './account.ts';
import type { SigningDomain } from './eip712.ts';
import type { PostedOrder } from './order.ts';
import type { AccountPermit } from './query.ts';

// What a wallet is given to show and sign, in the words of EIP-712. order-signature.ts and query.ts hash the same.

/** Members of a struct, in order. */
type TypedMembers = readonly { readonly name: string; readonly type: string }[];

/** Typed data as `eth_signTypedData_v4` and ethers' `signTypedData` take it, without the domain's own type. */
export interface TypedData {
  readonly domain: {
    readonly name: 'Veilspan';
    readonly version: '1';
    readonly chainId: bigint;
    readonly verifyingContract: Hex;
  };
  readonly types: Readonly<Record<string, TypedMembers>>;
  readonly primaryType: string;
  readonly message: Readonly<Record<string, unknown>>;
}

/** An order for the wallet of its owner. */
export function orderTypedData(ledger: SigningDomain, order: PostedOrder): TypedData {
  const { owner, tagSecret, memo, legs, ...terms } = order;
  return {
    domain: domainOf(ledger),
    types: { Order: ORDER_MEMBERS, Leg: LEG_MEMBERS },
    primaryType: 'Order',
    message: {
      ...terms,
      account: accountId(owner),
      legs: legs.map((leg) => ({ ...leg })),
      tagSecret: toHex(tagSecret),
      memo: toHex(memo),
    },
  };
}

/** A permit for the wallet of the account's owner. */
export function permitTypedData(ledger: SigningDomain, permit: AccountPermit): TypedData {
  const { owner, ...terms } = permit;
  return {
    domain: domainOf(ledger),
    types: { Permit: PERMIT_MEMBERS },
    primaryType: 'Permit',
    message: { ...terms, account: accountId(owner) },
  };
}

function domainOf({ chainId, verifyingContract }: SigningDomain): TypedData['domain'] {
  return { name: 'Veilspan', version: '1', chainId, verifyingContract };
}

const ORDER_MEMBERS: TypedMembers = [
  { name: 'account', type: 'bytes32' },
  { name: 'nonce', type: 'uint64' },
  { name: 'asset', type: 'bytes32' },
  { name: 'legs', type: 'Leg[]' },
  { name: 'notBefore', type: 'uint64' },
  { name: 'patience', type: 'uint64' },
  { name: 'afterPatience', type: 'string' },
  { name: 'expiry', type: 'uint64' },
  { name: 'maxFee', type: 'uint128' },
  { name: 'posterAccount', type: 'bytes32' },
  { name: 'tagSecret', type: 'bytes32' },
  { name: 'memo', type: 'bytes' },
];

const LEG_MEMBERS: TypedMembers = [
  { name: 'mode', type: 'string' },
  { name: 'chainId', type: 'uint64' },
  { name: 'recipient', type: 'bytes32' },
  { name: 'amount', type: 'uint128' },
  { name: 'crowd', type: 'uint8' },
];

const PERMIT_MEMBERS: TypedMembers = [
  { name: 'account', type: 'bytes32' },
  { name: 'reader', type: 'bytes32' },
  { name: 'what', type: 'string' },
  { name: 'firstRound', type: 'uint64' },
  { name: 'lastRound', type: 'uint64' },
  { name: 'revocationNonce', type: 'uint64' },
];
