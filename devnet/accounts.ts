import { computeAddress, zeroPadValue } from 'ethers';
import { accountId } from '../src/protocol/account.ts';
import type { Hex } from '../src/shared/bytes.ts';

/** The secret of an account of the local world: an index into anvil's list, or a derivation path. All are public. */
export type DevAccount = number | string;

/** Who does what on which kind of chain. */
export const ACCOUNTS = {
  owner: { ethereum: 0, substrate: '//Ferdie' },
  relayer: { ethereum: 1, substrate: '//Bob' },
  depositor: { ethereum: 2, substrate: '//Charlie' },
} as const satisfies Record<string, { readonly ethereum: number; readonly substrate: string }>;

/** The accounts inside the ledger: the relayer's, which its fees go to, and the house account. */
export function ledgerAccounts(secretOf: (account: DevAccount) => string) {
  const accountOf = (account: number) => {
    const address = computeAddress(secretOf(account)).toLowerCase() as Hex;
    return accountId({
      scheme: 'secp256k1',
      publicKey: zeroPadValue(address, 32) as Hex,
      index: 0,
    });
  };
  return {
    relayer: accountOf(ACCOUNTS.relayer.ethereum),
    house: accountOf(ACCOUNTS.owner.ethereum),
  };
}
