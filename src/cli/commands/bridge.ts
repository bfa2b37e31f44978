import type { Command } from 'commander';
import {
  addAmountOptions,
  addPoolOptions,
  addUserOptions,
  parseAddress,
} from '../parse-options.ts';
import { addRecipientOptions } from '../recipients.ts';
import type { BridgeOptions } from '../run-bridge.ts';

// Lines of at most 80 characters: longer ones would be broken again.
const ABOUT = `Pays an asset into a gateway, to be paid out on another chain, in one of three
ways:

  pooled         The default. The order is sealed to the enclaves. The amount is
                 cut into canonical amounts. Every address that you name is
                 paid one of them, the largest first; the rest stays in your
                 account, since payouts to one address add up. Each waits in a
                 pool until enough different depositors have one like it
                 there, and leaves at a random time.
  --direct       The order is sealed, but leaves at once: whoever compares
                 amounts and times can link it.
  --transparent  The recipient stands in the open.

Before anything is sent it shows the payouts, among how many others they can be
expected to leave, how long that may take, what it costs, and where your choice
links the two ends; it goes on if you say yes.

Signs with the key in VEILSPAN_SIGNER: a private key on Ethereum, a SURI such as
//Alice on a Polkadot chain. What cannot leave, or comes back, is credited to
the account of the key in VEILSPAN_ACCOUNT, or else of the same key.`;

const AMOUNT = {
  asset: 'what to pay in',
  amount:
    'how much is to leave: what the payouts cost is taken from it; the fee of the message, and what your account takes, come on top',
};

/** `veilspan bridge`: a user's deposit, and what is to become of it. */
export function addBridgeCommand(program: Command): void {
  const command = program
    .command('bridge')
    .summary('pays in on one chain, to be paid out on another: pooled, direct or transparent')
    .description(ABOUT);
  addAmountOptions(addUserOptions(command), AMOUNT);
  addPoolOptions(addRecipientOptions(command))
    .requiredOption('--from <chain>', 'where you pay in, by its name in the configuration')
    .option(
      '--destination <chain>',
      'where it is paid out; may be left out if the configuration has two chains',
    )
    .option('--transparent', 'write the recipient in the open')
    .option('--direct', 'seal the order, but let it leave at once')
    .option(
      '--refund-to <address>',
      'who is paid back, where you pay in, if the message cannot be read (default: who pays)',
      parseAddress,
    )
    .option('--save <file>', 'write what finds the payouts to a file, for `veilspan status`')
    .option('-y, --yes', 'do not ask')
    .action(async (options: BridgeOptions) => {
      const { withSession } = await import('../user-session.ts');
      const { runBridge } = await import('../run-bridge.ts');
      await withSession(options, (session) => runBridge(session, options));
    });
}
