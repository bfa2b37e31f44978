import { Wallet } from 'ethers';
import { type AccountChoice, accountOfSecret } from '../client/account-signer.ts';
import { describeOwner } from './run-account.ts';

/** What `veilspan account create` is given. */
export interface CreateOptions {
  readonly accountIndex: number;
  readonly accountScheme: NonNullable<AccountChoice['scheme']>;
}

/** Prints the account of the user's key; makes a key if there is none. */
export async function createAccount(options: CreateOptions): Promise<void> {
  const { accountIndex: index, accountScheme: scheme } = options;
  const known = process.env['VEILSPAN_ACCOUNT'] ?? process.env['VEILSPAN_SIGNER'];
  const secret = known ?? Wallet.createRandom().privateKey;
  console.log(describeOwner(await accountOfSecret(secret, { index, scheme })));
  if (known !== undefined) return;
  console.log(`private key ${secret}`);
  console.log('  keep it, and set VEILSPAN_ACCOUNT to it: whoever has it owns the account');
}
