import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CreateOptions } from '../create-account.ts';
import {
  ABOUT_SCHEME,
  addAmountOptions,
  addPoolOptions,
  addUserOptions,
  parseAccount,
  parseAddress,
  parseIndex,
  type UserOptions,
} from '../parse-options.ts';
import { addRecipientOptions } from '../recipients.ts';
import type { DepositOptions } from '../run-account.ts';
import type { SendOptions, WithdrawOptions } from '../run-orders.ts';

const ABOUT =
  'An account is a balance inside the ledger, of any asset on any chain, that no chain shows. It belongs to a key of ' +
  'yours: the one in VEILSPAN_ACCOUNT, or else in VEILSPAN_SIGNER (a private key of Ethereum, a SURI such as //Alice of ' +
  'Polkadot). A deposit opens it. Orders signed by that key pay out of it, on any chain, without a deposit: whoever posts ' +
  'them is seen, and is not you.';

/** `veilspan account`: a balance inside the ledger. */
export function addAccountCommand(program: Command): void {
  const account = program
    .command('account')
    .summary('a balance inside the ledger: create, show, deposit, send, withdraw')
    .description(ABOUT);
  addCreate(account);
  addShow(account);
  addDeposit(account);
  addSend(account);
  addWithdraw(account);
}

function addCreate(account: Command): void {
  account
    .command('create')
    .summary('which account a key has; makes a key if there is none')
    .description(
      'Prints the account of your key. Without one it makes a new private key and prints that too, on standard output: ' +
        'whoever sees it owns the account. Nothing is sent: the first deposit opens the account.',
    )
    .option('--account-index <n>', 'which of the accounts of the key', parseIndex, 0)
    .addOption(
      new Option('--account-scheme <name>', ABOUT_SCHEME)
        .choices(['sr25519', 'ed25519'])
        .default('sr25519'),
    )
    .action(async (options: CreateOptions) => {
      const { createAccount } = await import('../create-account.ts');
      await createAccount(options);
    });
}

function addShow(account: Command): void {
  const command = account
    .command('show')
    .summary('what the ledger says of your account')
    .description(
      'Asks an enclave for your balances, the payouts that wait, and the next nonce. Your key signs a permit for this ' +
        'question alone; question and answer are sealed, so that whoever carries them reads neither.',
    );
  addUserOptions(command).action(async (options: UserOptions) => {
    const { withSession } = await import('../user-session.ts');
    const { showAccount } = await import('../run-account.ts');
    await withSession(options, showAccount);
  });
}

function addDeposit(account: Command): void {
  const command = account
    .command('deposit')
    .summary('pays into an account')
    .description(
      'Pays an asset into a gateway and has it credited to your account, or to another one. Everybody sees who deposits ' +
        'how much; nobody sees for which account. Fees come on top of the amount, and what opening an account costs.',
    );
  addAmountOptions(addUserOptions(command), {
    asset: 'what to pay in',
    amount:
      'how much is to come into the account; the fee of the message, and what opening it takes, come on top',
  })
    .requiredOption('--from <chain>', 'where you pay in, by its name in the configuration')
    .option('--account <id>', 'the account to be credited (default: yours)', parseAccount)
    .option(
      '--refund-to <address>',
      'who is paid back if the message cannot be read (default: who pays)',
      parseAddress,
    )
    .option('--save <file>', 'write what the order says to a file, for `veilspan status`')
    .option('-y, --yes', 'do not ask')
    .action(async (options: DepositOptions) => {
      const { withSession } = await import('../user-session.ts');
      const { depositToAccount } = await import('../run-account.ts');
      await withSession(options, (session) => depositToAccount(session, options));
    });
}

function addSend(account: Command): void {
  const command = account
    .command('send')
    .summary('credits another account, inside the ledger')
    .description(
      'Signs an order that moves a part of your balance to another account. No chain shows it. The amount has to ' +
        'be enough to open that account, also if it is open: so nobody learns whether it is.',
    );
  addAmountOptions(addUserOptions(command), {
    asset: 'what to send',
    amount:
      'how much the other account is credited with, less what opening it costs if it is not open; what posting costs comes on top',
  });
  addPostOptions(command)
    .requiredOption('--to <account>', 'the account to be credited, 32 bytes', parseAccount)
    .option(
      '--save <file>',
      'write whom the order credits, and with how much, to a file for yourself: no chain shows it',
    )
    .action(async (options: SendOptions) => {
      const { withSession } = await import('../user-session.ts');
      const { sendToAccount } = await import('../run-orders.ts');
      await withSession(options, (session) => sendToAccount(session, options));
    });
}

function addWithdraw(account: Command): void {
  const command = account
    .command('withdraw')
    .summary('pays out of your account, on any chain')
    .description(
      'Signs an order that pays out of your balance on any chain, and shows first among how many others the payouts can ' +
        'be expected to leave, how long that may take, and what would link them to you. By default they leave by pools.',
    );
  addAmountOptions(addUserOptions(command), {
    asset: 'what to pay out',
    amount:
      'how much is to leave: what the payouts cost is taken from it; what posting costs comes on top',
  });
  addPoolOptions(addRecipientOptions(addPostOptions(command)))
    .requiredOption('--destination <chain>', 'where it is paid out')
    .option('--direct', 'let it leave at once, linkable by amount and time')
    .option('--save <file>', 'write what finds the payouts to a file, for `veilspan status`')
    .action(async (options: WithdrawOptions) => {
      const { withSession } = await import('../user-session.ts');
      const { withdrawFromAccount } = await import('../run-orders.ts');
      await withSession(options, (session) => withdrawFromAccount(session, options));
    });
}

/** How an order without a deposit gets to a chain. */
function addPostOptions(command: Command): Command {
  return command
    .requiredOption('--via <chain>', 'the chain at whose gateway the order is posted')
    .option('--out <file>', 'write the sealed order to a file, for somebody else to post')
    .option(
      '--poster <account>',
      'with --out: the account that is paid for posting it',
      parseAccount,
    )
    .option('--self', 'post it yourself, with VEILSPAN_SIGNER: everybody sees who posts')
    .option(
      '--nonce <n>',
      'which nonce it uses (default: an enclave is asked for the next)',
      parseNonce,
    )
    .option('-y, --yes', 'do not ask');
}

function parseNonce(text: string): bigint {
  if (/^[0-9]{1,19}$/.test(text)) return BigInt(text);
  throw new InvalidArgumentError('expected a number.');
}
