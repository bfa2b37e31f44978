import { type AccountOwner, accountId } from '../../src/protocol/account.ts';
import type { AssetId } from '../../src/protocol/asset.ts';
import type { Hex } from '../../src/shared/bytes.ts';
import type { Habits } from './records.ts';

/** Somebody with a wallet. */
export interface Person {
  /** The address, the same on both chains. */
  readonly sender: Hex;
  readonly owner: AccountOwner;
  readonly account: Hex;
  readonly habits: Habits;
  /** Where the first sealed deposit was made; the account is open from then on. */
  openedOn: bigint | undefined;
  /** Assets of which the account keeps a least balance. */
  readonly holds: Set<AssetId>;
  nonce: bigint;
  /** The address that was paid last. */
  lastRecipient: Hex | undefined;
}

const NO_HABITS: Habits = {
  reusesAddress: false,
  sharesGasPayer: false,
  makesRoundTrips: false,
  isKnownToRelayer: false,
};

/** Makes people and addresses that nobody else has. */
export interface Crowd {
  address(): Hex;
  person(sender?: Hex, habits?: Habits): Person;
}

/** @param first the first of their names, so that crowds do not meet */
export function createCrowd(first = 1): Crowd {
  let names = first * 2 ** 40;
  const name = (digits: number): Hex => `0x${(names++).toString(16).padStart(digits, '0')}`;
  const address = () => name(40);
  return {
    address,
    person(sender = address(), habits = NO_HABITS) {
      const owner: AccountOwner = { scheme: 'ed25519', publicKey: name(64), index: 0 };
      const account = accountId(owner);
      const fresh = { openedOn: undefined, holds: new Set<AssetId>(), nonce: 0n };
      return { sender, owner, account, habits, ...fresh, lastRecipient: undefined };
    },
  };
}
